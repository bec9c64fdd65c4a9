"""What can be booked, many rows a call: people, what they owe, and money that came and went."""
