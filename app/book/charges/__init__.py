"""Statutory charges in the book: who claims them, by what law, what they come to, and posting."""
