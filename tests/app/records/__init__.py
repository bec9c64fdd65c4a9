"""Tests of what is on record about one person."""
