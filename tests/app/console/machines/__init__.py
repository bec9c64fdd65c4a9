"""Tests of keys and webhooks as the team runs them."""
