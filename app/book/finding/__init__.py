"""Finds customers by what is typed: a name in any script, a number, an address, an invoice."""
