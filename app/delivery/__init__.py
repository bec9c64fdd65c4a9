"""Prepares messages, asks the gate, sends and records the outcome."""
