"""Who of ours may come in, what they may do, and what they did."""
