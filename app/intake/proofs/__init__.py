"""Files that customers hand in: judged by what is in them, made anew, and kept as proofs."""
