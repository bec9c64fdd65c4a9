"""Two rooms: Today, which says how things stand, and Reports, which says how they went."""
