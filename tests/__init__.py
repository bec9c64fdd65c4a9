"""The tests: the tree of the code, mirrored."""
