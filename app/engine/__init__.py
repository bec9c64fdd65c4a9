"""Walks cases: claims what is due, decides, saves."""
