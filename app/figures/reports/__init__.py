"""What reports say of the figures: pure functions, each with the source of its formula."""
