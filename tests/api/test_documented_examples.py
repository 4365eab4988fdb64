"""Requests and answers that README.md and docs/api.md show, asked of the API on generated data."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.api.documented import Example, blocks, differences, examples, json_values
from tests.api.serving import serving, settings

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[2]
README, API = ROOT / "README.md", ROOT / "docs" / "api.md"
SMALL = ("--users", "300", "--items", "120", "--interactions", "9000")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The API over generated data, trained as `make demo` does it, with one ranker."""
    folder = tmp_path_factory.mktemp("generated")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "MODEL": "ease"}
    for program in (("services.generator", "generate", *SMALL), ("services.trainer",)):
        command = [sys.executable, "-m", *program]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    data = folder / "data"
    with serving(settings(data, artifact_dir=data / "artifacts")) as api:
        yield api


def ask(api: httpx.Client, example: Example) -> Any:
    """The answer, which is no error; ids of a path are those of the shown answer."""
    ids = {key: quote(str(value), safe="") for key, value in (example.answer or {}).items()}
    path = re.sub(r"{(\w+)}", lambda name: ids[name[1]], example.path)
    answer = api.request(example.method, path, json=example.body)
    assert answer.status_code == 200, f"{example.method} {path}: {answer.text}"
    return answer.json()


def curl(api: httpx.Client, command: str) -> Any:
    """The answer to a curl command of a page, which is no error."""
    _curl, url, *rest = shlex.split(command.replace("\\\n", ""))
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    assert options.keys() <= {"-H", "-d"}
    method, body = ("POST", options["-d"]) if "-d" in options else ("GET", None)
    name, _, value = options.get("-H", "Accept: */*").partition(": ")
    answer = api.request(method, urlsplit(url).path, content=body, headers={name: value})
    assert answer.status_code == 200, f"{command}: {answer.text}"
    return answer.json()


def test_the_readme_shows_what_is_answered(generated: httpx.Client) -> None:
    text = README.read_text()
    answered = 0
    last: Any = None
    for block in blocks(text):
        if block.startswith("curl "):
            last = curl(generated, block)
            answered += 1
        for shown in json_values(block):
            assert list(differences(shown, last)) == []
    assert answered == text.count("\n    curl ")
    [segment] = re.findall(r'`"segment": ({.*?})`', text)
    user = generated.get("/users/U10001").json()
    assert list(differences(json.loads(segment), user["segment"])) == []


def test_a_reason_has_the_keys_that_are_shown(generated: httpx.Client) -> None:
    [block] = [block for block in blocks(API.read_text()) if block.startswith('"reason"')]
    [shown] = json_values(f"{{{block}}}")
    body = {"user_id": "U10001", "explain": True}
    listed = generated.post("/recommend", json=body).json()["recommendations"]
    personal = next(item for item in listed if item["source"] == "personal")
    assert list(differences(shown["reason"], personal["reason"])) == []


def test_every_operation_is_in_the_table(generated: httpx.Client) -> None:
    listed = {
        (method, path.partition("?")[0])
        for row in re.findall(r"(?m)^\| `.*?\|", API.read_text())
        for method, path in re.findall(r"`(GET|POST|DELETE) (.+?)`", row)
    }
    paths = generated.get("/openapi.json").json()["paths"]
    assert listed == {(method.upper(), path) for path in paths for method in paths[path]}


def test_the_page_on_the_api_shows_what_is_answered(generated: httpx.Client) -> None:
    """In the order of the page, as an event makes known whom a later request asks about; it erases
    the user whom the tests before ask about."""
    shown = list(examples(API))
    found: list[str] = []
    for example in shown:
        if example.body is not None or example.answer is not None:
            answer = ask(generated, example)
            if example.answer is not None:
                found += differences(example.answer, answer, f"{example.method} {example.path}")
    assert found == []
    assert len([example for example in shown if example.answer is not None]) >= 10
