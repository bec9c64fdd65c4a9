"""What a customer can do beside paying: a way each, with a page and a form of its own."""
