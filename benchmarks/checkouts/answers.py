"""Asks an API one request after the other, writes down the answers, and reads them again."""

import gzip
import json
from collections import Counter
from dataclasses import asdict
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TextIO

import httpx

from benchmarks.checkouts.requests.cast import Cast
from benchmarks.checkouts.requests.request import ApiRequest, Plan, get, post
from benchmarks.checkouts.runner import wait_until

ANSWERS = "answers.jsonl.gz"
HEADERS = ("content-type", "retry-after", "www-authenticate", "allow")
LISTS = ("/recommend", "/recommend/batch", "/recommend/session")


class ApiRecorder:
    """Asks one request after the other and writes a line of JSON for each answer."""

    def __init__(self, client: httpx.Client, file: TextIO) -> None:
        self._client = client
        self._file = file
        self._phase = ""
        self._numbers: Counter[str] = Counter()
        self._marker_numbers = count()
        self._has_new_items = False

    def follow(self, phase: str, plan: Plan, has_new_items: bool) -> None:
        """Ask all that is planned; `has_new_items`: whether chance may put some into lists."""
        self._phase, self._has_new_items = phase, has_new_items
        self._numbers.clear()
        answer = None
        while True:
            try:
                request = plan.send(answer)
            except StopIteration:
                return
            answer = self._ask(request)

    def _ask(self, request: ApiRequest) -> Any:
        response = self._send(request)
        body = _body(response)
        answer = {
            "phase": self._phase,
            "number": self._numbers[request.kind],
            "request": asdict(request),
            "by_chance": response.is_success and self._is_by_chance(request),
            "status": response.status_code,
            "headers": {name: response.headers.get(name) for name in HEADERS},
            "body": body,
        }
        self._file.write(json.dumps(answer) + "\n")
        self._numbers[request.kind] += 1
        return body

    def _send(self, request: ApiRequest) -> httpx.Response:
        headers = [] if request.key is None else [(b"X-API-Key", request.key.encode("latin-1"))]
        content = request.content()
        if content is not None:
            headers.append((b"Content-Type", request.media_type.encode()))
        return self._client.request(request.method, request.path, content=content, headers=headers)

    def _is_by_chance(self, request: ApiRequest) -> bool:
        if "/why-not/" in request.path:
            return self._has_new_items
        if request.path not in LISTS or not isinstance(request.body, dict):
            return False
        options = request.body
        return bool(options.get("exploration")) or (
            self._has_new_items and options.get("only_items") is None
        )

    def settle(self, cast: Cast) -> None:
        """Return once all that was written counts for strangers; TimeoutError where it never does.

        The API counts interactions in their order: once a liking of the marker counts, those
        before it do. Two turns, as an erasure makes the API count anew.
        """
        for _turn in range(2):
            name, before = f"marker {next(self._marker_numbers)}", self._score(cast.marker)
            liking = {
                "event_id": name,
                "user_id": name,
                "item_id": cast.marker,
                "event_type": "like",
                "occurred_at": "2025-07-20T00:00:00Z",
            }
            self._send(post("/interactions", {"interactions": [liking]})).raise_for_status()
            has_counted = partial(self._has_risen, cast.marker, before)
            wait_until(has_counted, "the trend to count what was written")

    def _has_risen(self, item: str, before: float) -> bool:
        return self._score(item) > before + 0.9

    def _score(self, item: str) -> float:
        """The score of an item for strangers, from an answer that is never cached."""
        response = self._send(get("", "users", "a passer-by", "why-not", item))
        return float(response.raise_for_status().json()["score"])


def _body(response: httpx.Response) -> Any:
    """The JSON of an answer, or the text of one that is none."""
    try:
        return response.json()
    except ValueError:
        return response.text


def read_answers(path: Path) -> dict[str, Any]:
    """The answers of a record by phase, kind and number."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        answers = [json.loads(line) for line in lines]
    return {
        f"{answer['phase']}, {answer['request']['kind']} {answer['number']}": answer
        for answer in answers
    }
