"""Customers and cases: found, listed, read from the first day, and acted for."""
