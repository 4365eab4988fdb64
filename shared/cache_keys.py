"""The names under which lists are cached. They carry the version, so that a new model makes old
entries unreachable, and the user's newest interaction, so that a new one does too."""

import hashlib


def recommendation_key(recommendation_id: str) -> str:
    """Where the list with this id is kept."""
    return f"sommelier:list:{recommendation_id}"


def recommendation_id(version: str, user_id: str, history_token: str, *parameters: object) -> str:
    """`<version>.<16 hex>`: names one computed list; equal for what must be an equal answer."""
    parts = "\0".join([user_id, history_token, *(repr(parameter) for parameter in parameters)])
    digest = hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{version}.{digest}"
