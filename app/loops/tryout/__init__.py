"""Tries a journey on one customer: the days pass on a scratch database, and the real loops decide,
write and hold back. Nothing is sent, and the database it is taken from is only read.
"""
