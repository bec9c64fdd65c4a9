"""Tests of the rooms Today and Reports."""
