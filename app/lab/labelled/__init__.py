"""Replies labelled by people: what a text means, to judge by how well texts are read.

One file a language and half, `<locale>.<half>.yaml`: a list of entries below a head comment. The
half `rules` was written beside the reading rules; the half `test` by others, who had not seen them.
"""
