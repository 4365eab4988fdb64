import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import pages
from benchmarks.leaderboard import scoring_times, section_of
from benchmarks.pages import table
from benchmarks.published import PUBLISHED, of
from tests.shared.popular import alike

BLOCK = "<!-- leaderboard ml-1m -->\nnew\n<!-- end of ml-1m -->"


def placed(page: str, name: str, text: str) -> str:
    section = section_of(name)
    return pages.placed(page, section.begin, section.end, text)


def test_a_section_takes_the_place_of_the_one_with_its_name() -> None:
    page = (
        "# Quality\n\n<!-- leaderboard ml-1m -->\nold\nlines\n<!-- end of ml-1m -->\n\n"
        "<!-- leaderboard ml-100k -->\nother\n<!-- end of ml-100k -->\n"
    )
    changed = placed(page, "ml-1m", "new")
    assert BLOCK in changed
    assert "old" not in changed
    assert "other" in changed
    assert placed(changed, "ml-1m", "new") == changed


def test_a_new_section_comes_last() -> None:
    assert placed("# Quality\n", "ml-1m", "new") == f"# Quality\n\n{BLOCK}\n"


def test_a_section_may_hold_any_text() -> None:
    assert r"\1 \g<0>" in placed(placed("", "a.b", "x"), "a.b", r"\1 \g<0>")


def test_a_table_has_a_line_for_each_row() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_scoring_is_timed_for_few_users_and_many() -> None:
    scorer = alike(np.ones(20, dtype=np.float32))
    for users in (1, 1000):
        one, per_second = scoring_times(scorer, users)
        assert one > 0
        assert per_second > 0


def test_published_figures_name_a_protocol_and_a_source() -> None:
    assert {one.data for one in PUBLISHED} == {"ml-100k", "ml-1m"}
    assert all(one.protocol and one.source and 0 < one.figure < 1 for one in PUBLISHED)
    assert len(of("ml-100k")) + len(of("ml-1m")) == len(PUBLISHED)
    assert of("of one's own") == ()


@pytest.mark.programs
def test_a_table_is_kept_beside_the_data_of_whoever_measures(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    page = pages.DOCS / "quality.md"
    before = page.read_bytes()
    rows = [f"{user},{item},{1 + (user + item) % 5}" for user in range(30) for item in range(12)]
    (tmp_path / "tiny.csv").write_text("\n".join(["user,item,rating", *rows]) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.leaderboard", "tiny.csv", "--models", "bias"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(pytestconfig.rootpath)},
        capture_output=True,
        text=True,
        check=True,
    )
    kept = (tmp_path / "data" / "leaderboard-tiny.md").read_text()
    assert done.stdout == kept
    assert "| bias (ranker, rating) |" in kept
    assert page.read_bytes() == before
