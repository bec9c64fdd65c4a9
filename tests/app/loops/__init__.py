"""Tests of the ticks that keep the engine going."""
