"""Tests of the figures that are kept and of the reports made of them."""
