"""Electronic invoices: read by their standard, and put into the book like any row."""
