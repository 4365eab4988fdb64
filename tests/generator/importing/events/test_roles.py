"""What docs/how-to/import.md says of names is what the code recognises."""

import itertools
import re

import pytest

from services.generator.importing.events.roles import EVENT_ROLES
from services.generator.importing.reading.roles import plain
from services.generator.importing.reading.times import TimeFormat


@pytest.fixture
def page(pytestconfig: pytest.Config) -> str:
    return (pytestconfig.rootpath / "docs" / "how-to" / "import.md").read_text("utf-8")


def test_the_documented_names_are_those_that_are_recognised(page: str) -> None:
    rows = re.findall(r"^\| `--(\w+)` \| (.*) \| (.*) \|$", page, re.MULTILINE)

    assert rows == [
        (role.name, ", ".join(role.usual), ", ".join(role.alike)) for role in EVENT_ROLES
    ]


def test_every_format_of_times_is_documented(page: str) -> None:
    for format_ in TimeFormat:
        assert f"`{format_.value}`" in page


def test_names_are_written_as_they_are_compared_and_mean_one_role() -> None:
    names = list(itertools.chain.from_iterable((*r.usual, *r.alike) for r in EVENT_ROLES))

    assert [name for name in names if plain(name) != name] == []
    assert [name for name in names if names.count(name) > 1] == []
