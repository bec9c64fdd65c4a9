"""Errands: work that somebody of the team asked for and that goes on in the background.

They are called so because a *job* is a loop under APScheduler here (`app.loops.schedule`), and a
*task* is work for a person. An errand is a row; `app.loops.errands` does them, batch by batch.
"""
