"""Asks a running API over HTTP: for the programs that greet a newcomer or wait for a version."""

import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from shared.errors import SommelierError

DEFAULT_URL = "http://127.0.0.1:8000"
TIMEOUT_SECONDS = 10
POLL_SECONDS = 0.2


class NotServing(SommelierError):
    """The API could not be asked; the text says why."""


class NeedsKey(NotServing):
    """The API asks for a key, and none or a wrong one was sent."""


def call(url: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> Any:
    """The JSON at `url`, asked with POST where there is a body; NotServing with the reason."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"})
    if key is not None:
        # As bytes in UTF-8: http.client would refuse what Latin-1 has not.
        request.add_header("X-API-Key", key.encode().decode("latin-1"))
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except HTTPError as error:
        refused = error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        with error:
            raise (NeedsKey if refused else NotServing)(_detail(error)) from error
    except (URLError, TimeoutError, ConnectionError) as error:
        raise NotServing(f"{url} does not answer: {getattr(error, 'reason', error)}") from error


def _detail(error: HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):  # something else listens there
        return f"{error.url} answers {error.code} {error.reason}"


def wait_until_ready(
    url: str,
    seconds: float,
    *,
    version: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return once the API can serve, and serves `version` where one is named.

    NotServing with its last word, or with the version that it serves instead, after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            served = call(f"{url}/health/ready")["model_version"]
            if version in (None, served):
                return
            raise NotServing(served)
        except NotServing:
            if time.monotonic() >= deadline:
                raise
        sleep(POLL_SECONDS)
