"""The ticks that keep the engine going."""
