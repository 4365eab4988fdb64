from pathlib import Path

import pytest

from benchmarks.__main__ import main, printed
from benchmarks.pages import DOCS, Section, write


def test_what_is_measured_is_kept_in_a_file_of_its_own(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n")
    section = Section(page, "<!-- a -->", "<!-- end of a -->")
    path = write("| 1 |", "bench", section, into_docs=False, kept=tmp_path / "new")
    assert path == tmp_path / "new" / "bench.md"
    assert path.read_text() == "| 1 |\n"
    assert page.read_text() == "# Page\n"


def test_the_documentation_is_changed_on_request_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- a -->\nold\n<!-- end of a -->\nrest\n")
    section = Section(page, "<!-- a -->", "<!-- end of a -->")
    assert write("new", "bench", section, into_docs=True, kept=tmp_path / "new") == page
    assert page.read_text() == "<!-- a -->\nnew\n<!-- end of a -->\nrest\n"
    assert not (tmp_path / "new").exists()


def test_lines_are_printed_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(["a", "b"]) == ["a", "b"]
    assert capsys.readouterr().out == "a\nb\n"


@pytest.mark.parametrize("words", [["--docs"], ["--docs", "batch", "--ml-100k", "folder"]])
def test_a_part_of_the_benchmarks_replaces_no_table(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(words)
    assert "--docs replaces the whole table" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("benchmarks.md", "bench"),
        ("operations.md", "memory"),
        ("quality.md", "protocols"),
        ("quality.md", "newcomers"),
    ],
)
def test_the_pages_have_the_sections(page: str, name: str) -> None:
    section = Section.named(page, name)
    text = (DOCS / page).read_text(encoding="utf-8")
    assert text.count(section.begin) == text.count(section.end) == 1
