"""Files of every format, and what is wrong with them."""
