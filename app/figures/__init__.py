"""Figures: what happened each day, how things stand, and what reports make of both.

A figure is always counted anew from the rows it stands for, and never added to: so a tick that is
killed, that comes twice, or that two workers do at once counts nothing twice.
"""
