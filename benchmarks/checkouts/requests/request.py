"""A request to the API, and the few ways in which plans make one."""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

VERSION = "20250701T000000Z-000000"
"""The name of every served version: ids of lists begin with it, and chance follows from them."""

ADMIN_KEY, WRITE_KEY = "key of the administrator", "the key of a writer"

Body = dict[str, Any]


@dataclass(frozen=True)
class ApiRequest:
    """One request, counted under `kind`; `raw` is sent as it is in place of a JSON body."""

    kind: str
    method: str
    path: str
    body: Any = None
    raw: str | None = None
    media_type: str = "application/json"
    key: str | None = ADMIN_KEY

    def content(self) -> str | None:
        return json.dumps(self.body) if self.raw is None and self.body is not None else self.raw


Plan = Generator[ApiRequest, Any, None]
"""Requests, to each of which the answer's body is sent back."""

DrawUser = Callable[[], str]
"""Draws the id of a user."""


def post(path: str, body: object) -> ApiRequest:
    return ApiRequest(f"POST {path}", "POST", path, body)


def get(kind: str, *parts: str, **query: Any) -> ApiRequest:
    """GET a path of these parts, each of which may hold anything."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    suffix = f"?{urlencode(query, doseq=True)}" if query else ""
    return ApiRequest(f"GET {kind}", "GET", path + suffix)


def erase(user_id: str) -> ApiRequest:
    return ApiRequest("DELETE /users/{id}", "DELETE", f"/users/{quote(user_id, safe='')}")
