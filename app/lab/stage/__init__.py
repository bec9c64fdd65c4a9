"""The stage: one customer to be played by a newcomer, and the thousand to be looked through."""
