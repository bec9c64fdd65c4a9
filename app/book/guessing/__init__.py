"""Proposes a mapping for a file that nobody has mapped yet, and says where it is unsure.

Nothing here is used by an import: a person reads it, corrects it, and hands it to `--map`.
"""
