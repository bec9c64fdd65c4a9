"""Telling others what happened: endpoints, and one signed call for each event."""
