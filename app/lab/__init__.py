"""Simulated people, the drill and the bench: only the command line imports it."""
