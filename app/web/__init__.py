"""The customer's pages and the team's console."""
