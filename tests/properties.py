"""How properties are checked: few examples, the same in every run."""

from hypothesis import settings

ALPHABET = "aAb \0\x7f\x80é\u07ff\u0800用\uffff\U00010000🍷"
"""For ids that are alike, of every length in UTF-8 from its first character to its last."""

checked = settings(max_examples=50, deadline=None, derandomize=True, database=None)
"""Derandomized, so that what passes here passes in CI; no deadline, as a busy machine is slow."""
