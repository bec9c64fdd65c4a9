"""Tests of `app.hearing`: pure, without a database."""
