"""What the processes of the bench of the intake are forked from: all is imported, and the words of
all languages are read. Else each would take seconds to begin."""

from app.hearing.lexicon import lexicon
from app.lab.bench import intake_server

__all__ = ["intake_server"]

lexicon()
