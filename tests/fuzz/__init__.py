"""Strange input over the whole intake: `make fuzz`. What it finds becomes a case of its own."""
