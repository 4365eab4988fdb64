"""Keys: who may change data, and who may administer and erase."""

import secrets
from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Security
from fastapi.security import APIKeyHeader
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from services.api.problems import WrongKey
from services.api.settings import ApiSettings
from services.api.state import State

HEADER = "X-API-Key"

Keys = Callable[[ApiSettings], tuple[SecretStr | None, ...]]


class Guard(APIKeyHeader):
    """Lets pass whoever sends one of the keys that `keys` picks of the settings, and everyone
    where the first of them is empty; WrongKey for others.

    One dependency that does it all: each more costs a request 30 µs.
    """

    def __init__(self, names: str, keys: Keys) -> None:
        super().__init__(
            name=HEADER,
            scheme_name="key",
            description="API_KEY, or ADMIN_API_KEY, which opens everything; where none is set "
            "no key is needed.",
        )
        self._names = names
        self._keys = keys

    async def __call__(self, request: HTTPConnection) -> None:
        settings = cast(State, request.state.parts).settings
        keys = [key.get_secret_value() if key else "" for key in self._keys(settings)]
        if keys[0]:
            self._check(request.headers.get(HEADER), keys)

    def _check(self, sent: str | None, keys: list[str]) -> None:
        if not sent:
            raise WrongKey(
                f"This needs a key: send the value of {self._names} in the header {HEADER}."
            )
        sent_key = sent.encode("latin-1")  # as headers are decoded
        if not any(key and secrets.compare_digest(sent_key, key.encode()) for key in keys):
            raise WrongKey(f"The key in the header {HEADER} is not the value of {self._names}.")


_write = Guard("API_KEY or ADMIN_API_KEY", lambda known: (known.api_key, known.admin_api_key))
_admin = Guard("ADMIN_API_KEY", lambda known: (known.admin_api_key,))

WriteKey = Annotated[None, Security(_write)]
"""Of routes that change data: open without API_KEY."""

AdminKey = Annotated[None, Security(_admin)]
"""Of routes that administer or erase: open without ADMIN_API_KEY."""
