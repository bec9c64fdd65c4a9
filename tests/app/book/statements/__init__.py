"""Tests of the book: the ledger, the import and the replay."""
