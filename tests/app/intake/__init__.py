"""What comes back from providers and people."""
