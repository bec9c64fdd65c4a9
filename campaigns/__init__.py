"""What to do next, and why. Pure: no I/O, no clock, no randomness; `now` is an argument."""
