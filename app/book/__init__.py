"""The customer book: import, ledger and contacts."""
