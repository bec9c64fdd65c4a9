"""How to say it on one medium: one module for each provider."""
