"""Drafts of journeys and templates: begun, edited, checked, approved by a second person, published.

It decides nothing about customers and sends nothing. The command line publishes files by the same
checks.
"""
