"""Tests of the audit trail as the team reads it."""
