"""Understands what people write: pure reading, without a database, a clock or a network."""
