"""Runs it: facts in, decisions saved, messages out."""
