"""The house itself: layout, contracts, packaging, databases for the tests."""
