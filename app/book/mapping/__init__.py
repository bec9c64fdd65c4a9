"""What a feed's columns mean: a mapping file, read and checked, and the types of its cells."""
