"""Tests of the delivery: each phase alone, and what comes between two of them."""
