"""Renders the words of a message: formats, links, mail."""
