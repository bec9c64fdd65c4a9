"""Tests of the channels: the contract that each one keeps, and what they share."""
