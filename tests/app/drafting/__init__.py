"""Tests of the engine: who is enrolled, what the walk does, what is published."""
