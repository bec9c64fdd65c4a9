"""The team's console: who owes, who wrote, what waits, what is said when, and what came of it.

A room is a module with a `router(office)`, listed in `app.console.rooms`. It decides and sends
nothing itself: it shows what the store knows, and hands acts to `intake`, `book` and `staff`.
"""
