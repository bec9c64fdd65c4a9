"""Tests of who of ours may come in, and what they did."""
