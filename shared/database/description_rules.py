"""How much can be said of one user or item, whoever says it."""

ATTRIBUTES_LENGTH = 10_000  # characters of JSON
MOST_CATEGORIES = 100  # of an item
LARGEST_INTEGER = 2**63 - 1  # beyond it MySQL's JSON loses digits
