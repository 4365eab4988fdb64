"""A key of each kind, what a program sends with one, and a signature as a shop makes it."""

import time

from services.api.access.user_signatures import sign

READ, WRITE, ADMIN = "read-key-for-tests", "write-key-for-tests", "admin-key-for-tests"
KEYS = {"read_api_key": READ, "api_key": WRITE, "admin_api_key": ADMIN}
SIGNING_KEY = "signing-key-for-tests-of-32-characters"
SHOP = "https://shop.example"


def with_key(key: str | None, **headers: str) -> dict[str, str]:
    """The headers of a request; `user_signature="…"` becomes X-User-Signature."""
    named = {f"X-{name.replace('_', '-')}": value for name, value in headers.items()}
    return named if key is None else {"X-API-Key": key, **named}


def signature(user_id: str, *, key: str = SIGNING_KEY, seconds: float = 600) -> str:
    """Of a user, for so many seconds from now."""
    return sign(key, user_id, int(time.time() + seconds))
