"""What is on record about one person: evidence, its chain, erasure, retention."""
