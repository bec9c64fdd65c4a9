"""From entries to the book: one batch of rows is one transaction."""
