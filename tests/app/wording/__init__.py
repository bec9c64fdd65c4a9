"""Tests of the words: formats, rendering, links, mail, checks."""
