"""The words and the pages, carried as data."""
