"""Takes what comes back from providers and people."""
