"""What the documentation names is there: files, folders, links, programs, answers to questions."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOMS = ("services", "shared", "tests", "benchmarks", "docs", "examples")
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(ROOMS)})/[\w./-]*[\w/]")
MODULE = re.compile(r"(?<![\w./-])[\w./-]*\w\.py\b")
LINK = re.compile(r"\]\(([^)#\s]+)(#[\w-]+)?\)")
PROGRAM = re.compile(rf"-m ((?:{'|'.join(ROOMS)})(?:\.\w+)*)")
ROW = re.compile(r"^\| ([^|]+\?) \| (.+) \|$", re.MULTILINE)


@pytest.fixture
def root(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath


@pytest.fixture
def pages(root: Path) -> dict[Path, str]:
    """Each page of the documentation with its text."""
    paths = [root / "README.md", *(root / "docs").rglob("*.md")]
    return {path: path.read_text(encoding="utf-8") for path in paths}


def anchor(heading: str) -> str:
    """The fragment that a heading of a page is linked by."""
    return "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def anchors(text: str) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def test_every_path_is_there(root: Path, pages: dict[Path, str]) -> None:
    named = {name for text in pages.values() for name in PATH.findall(text)}
    assert len(named) > 100
    assert {name for name in named if not (root / name).exists()} == set()


def test_every_module_is_there(root: Path, pages: dict[Path, str]) -> None:
    paths = [path for room in ROOMS for path in (root / room).rglob("*.py")]
    known = [f"/{path.relative_to(root).as_posix()}" for path in paths]
    named = {name for text in pages.values() for name in MODULE.findall(text)}
    assert {name for name in named if not any(path.endswith(f"/{name}") for path in known)} == set()


def test_every_link_leads_somewhere(pages: dict[Path, str]) -> None:
    broken = set()
    for page, text in pages.items():
        for target, fragment in LINK.findall(text):
            if re.match(r"https?:", target):
                continue
            path = (page.parent / target).resolve()
            if not path.exists() or (fragment and fragment not in anchors(path.read_text("utf-8"))):
                broken.add((page.name, target + fragment))
    assert broken == set()


def test_every_program_can_be_started(root: Path, pages: dict[Path, str]) -> None:
    texts = [
        *pages.values(),
        *((root / name).read_text() for name in ("Makefile", "docker-compose.yml")),
    ]
    named = {name for text in texts for name in PROGRAM.findall(text)}
    assert {"services.api", "services.trainer", "shared.database"} <= named
    assert {name for name in named if not is_program(name)} == set()


def is_program(module: str) -> bool:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return False
    path = Path(spec.origin)
    if path.name == "__init__.py":
        path = path.with_name("__main__.py")
    return path.exists() and 'if __name__ == "__main__"' in path.read_text(encoding="utf-8")


def test_every_question_is_answered_with_files(root: Path) -> None:
    text = (root / "docs" / "where-is-what.md").read_text(encoding="utf-8")
    answers = dict(ROW.findall(text))
    assert len(answers) >= 18
    assert {question for question, answer in answers.items() if not PATH.search(answer)} == set()
