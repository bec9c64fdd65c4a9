"""Gateways, checkouts, and what becomes of them."""
