"""What to do next, and why: decided without a store, a network or a clock."""
