"""Customers at the pages, in a real browser on a small phone."""
