"""The names under which lists are cached: whatever changes a list changes its name, so that entries
from before are not reached any more.

A name carries the version and hashes the user, a token of the history, attributes and catalogue
revision that were read, the request's parameters, the rules, and the trend where it counts.
"""

import hashlib


def recommendation_key(recommendation_id: str) -> str:
    """Where the list with this id is kept."""
    return f"sommelier:list:{recommendation_id}"


def keys_of_user(user_id: str) -> str:
    """A pattern of Redis's SCAN that the keys of a user's lists match, and hardly any other."""
    return recommendation_key(f"*.{_digest(user_id)}????????")


def recommendation_id(version: str, user_id: str, history_token: str, *parameters: object) -> str:
    """`<version>.<16 hex>`: names one computed list; equal for what must be an equal answer.

    The first half of the digits is the user's, so that all lists of a user can be found.
    """
    parts = "\0".join([user_id, history_token, *(repr(parameter) for parameter in parameters)])
    return f"{version}.{_digest(user_id)}{_digest(parts)}"


def _digest(text: str) -> str:
    """8 hex digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
