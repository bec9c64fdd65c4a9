"""The call desk: whom to call now, who is at it, and what each outcome of a call does."""
