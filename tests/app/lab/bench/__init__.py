"""Tests of the benches: tiny, and the work is checked as in the large."""
