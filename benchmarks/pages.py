"""Where measured tables go: into data/, which git ignores, or on request into the documentation."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

KEPT = Path("data")  # of whoever measures, beside their database
DOCS = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True)
class Section:
    """The part of a page between two markers."""

    page: Path
    begin: str
    end: str

    @classmethod
    def named(cls, page: str, name: str) -> "Section":
        """The part `name` of a page of docs/."""
        return cls(DOCS / page, f"<!-- {name} -->", f"<!-- end of {name} -->")

    def replace(self, text: str) -> None:
        """Put the text between the markers; both come last on a page that lacks them."""
        page = self.page.read_text(encoding="utf-8")
        self.page.write_text(placed(page, self.begin, self.end, text), encoding="utf-8")


def placed(page: str, begin: str, end: str, text: str) -> str:
    """The page with the text between the markers; both come last on a page that lacks them."""
    block = f"{begin}\n{text}\n{end}"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(page):
        return pattern.sub(lambda _found: block, page)
    return f"{page.rstrip()}\n\n{block}\n"


def write(text: str, name: str, section: Section, *, into_docs: bool, kept: Path = KEPT) -> Path:
    """Write the text to `name`.md among what is kept, or into its section of the documentation.

    Returns the file that was written.
    """
    if into_docs:
        section.replace(text)
        return section.page
    kept.mkdir(parents=True, exist_ok=True)
    path = kept / f"{name}.md"
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as a table in markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
