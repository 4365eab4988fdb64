"""The requests and answers that a Markdown page shows, in blocks indented by four spaces."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

ELLIPSIS = "…"
FREE_KEYS = {"attributes", "event_counts"}  # objects whose keys are data


@dataclass(frozen=True)
class Example:
    """An operation as a heading names it, and what is shown of it: None for what is not."""

    method: str
    path: str
    body: Any
    answer: Any


def blocks(text: str) -> Iterator[str]:
    """The indented blocks of a page or a section."""
    for block in re.findall(r"(?m)(?:^    .*\n)+", text):
        yield re.sub("(?m)^    ", "", block)


def examples(page: Path) -> Iterator[Example]:
    """Each operation that a heading names in backticks: where it takes a body, the first JSON of
    each is the request; what follows are answers."""
    for section in re.split("(?m)^## ", page.read_text())[1:]:
        heading, _, text = section.partition("\n")
        operations = re.findall(r"`(GET|POST|DELETE) (.+?)`", heading)
        values = [value for block in blocks(text) for value in json_values(block)]
        with_body = [operation for operation in operations if operation[0] == "POST"]
        bodies, answers = values[: len(with_body)], values[len(with_body) :]
        for (method, path), body, answer in zip_longest(operations, bodies, answers):
            yield Example(method, path, body, answer)


def json_values(block: str) -> Iterator[Any]:
    """The JSON values of a block, shortened at `…`; none where it is something else."""
    text = re.sub(r",\s*…\s*(?=\])", "", block).replace(f"[{ELLIPSIS}]", "[]")
    text = re.sub(r",\s*…\s*(?=})", f', "{ELLIPSIS}": null', text).strip()
    while text.startswith("{"):
        value, end = json.JSONDecoder().raw_decode(text)
        yield value
        text = text[end:].strip()


def differences(shown: Any, real: Any, place: str = "answer") -> Iterator[str]:
    """Where keys that are shown are not those of a real answer; a list's elements are alike."""
    if isinstance(shown, dict) and isinstance(real, dict):
        if place.rpartition(".")[2] in FREE_KEYS:
            return
        missing, undocumented = shown.keys() - real.keys() - {ELLIPSIS}, real.keys() - shown.keys()
        if missing or (undocumented and ELLIPSIS not in shown):
            yield f"{place}: shown are {sorted(shown)}, answered {sorted(real)}"
        for key in shown.keys() & real.keys():
            yield from differences(shown[key], real[key], f"{place}.{key}")
    elif isinstance(shown, list) and isinstance(real, list):
        if shown and not real:
            yield f"{place}: shown are elements, answered none"
        for element in shown if real else []:
            yield from differences(element, real[0], f"{place}[]")
    elif isinstance(shown, dict | list) or isinstance(real, dict | list):
        yield f"{place}: shown is {shown!r}, answered {real!r}"
