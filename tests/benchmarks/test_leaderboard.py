import numpy as np

from benchmarks.leaderboard import placed, scoring_times, table
from benchmarks.published import PUBLISHED, of
from tests.shared.popular import alike

BLOCK = "<!-- leaderboard ml-1m -->\nnew\n<!-- end of ml-1m -->"


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
