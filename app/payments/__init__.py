"""Checkouts, payments and what they settle."""
