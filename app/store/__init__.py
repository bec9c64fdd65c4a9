"""Rows, engines, bulk forms and the guard."""
