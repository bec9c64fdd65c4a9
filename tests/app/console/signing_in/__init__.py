"""Tests of the way in and out."""
