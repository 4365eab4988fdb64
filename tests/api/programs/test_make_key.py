import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.api.programs.make_key import made
from services.api.settings import ApiSettings
from tests.api.keys import KEYS, with_key
from tests.api.serving import Serve

ROOT = Path(__file__).parents[3]


def key_and_line(text: str) -> tuple[str, str, str]:
    """The key that was shown, and its setting with its value."""
    [key] = re.findall("(?m)^  (.+)$", text)
    [(name, value)] = re.findall("(?m)^([A-Z_]+)=(.+)$", text)
    return key, name, value


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize(
    ("kind", "path"),
    [("read", "/items/TECH1005/similar"), ("write", "/users"), ("admin", "/users/U1/export")],
)
def test_a_key_opens_what_it_was_made_for(serve: Serve, kind: str, path: str) -> None:
    key, name, value = key_and_line(made(kind))
    assert key not in value
    with serve(**(KEYS | {name.lower(): value})) as api:
        assert api.get(path, headers=with_key(key)).status_code == 200


def test_a_signing_key_is_long_enough() -> None:
    [value] = re.findall("(?m)^USER_SIGNING_KEY=(.+)$", made("signing"))
    assert ApiSettings.load(**KEYS, user_signing_key=value).user_signing_key


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As `make key` does it: by Python alone, without what is installed."""
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


PROGRAM = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r});"
    "from services.api.programs.make_key import main; main()"
)


@pytest.mark.programs
def test_it_runs_by_python_alone() -> None:
    done = run("read", "--origin", "https://Shop.example")
    assert done.returncode == 0, done.stderr
    _key, name, value = key_and_line(done.stdout)
    [bound] = ApiSettings.load(**{name.lower(): value}).read_api_key
    assert bound.origins == {"https://shop.example"}


@pytest.mark.programs
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "kind"),
        (("boss",), "boss"),
        (("write", "--origin", "https://shop.example"), "read alone"),
        (("read", "--origin", "https://shop.example/"), "no path"),
    ],
)
def test_what_it_does_not_make(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""
