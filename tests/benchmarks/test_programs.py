"""Whatever benchmarks start is a program: a module that is none ends at once without a word."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

STARTED = re.compile(r'(?:"-m",\s*|\.(?:run|start)\()"([a-z_.]+)"')


def started_modules(root: Path) -> set[str]:
    sources = (root / "benchmarks").rglob("*.py")
    return {name for path in sources for name in STARTED.findall(path.read_text(encoding="utf-8"))}


def source_of(module: str) -> str:
    spec = find_spec(module)
    assert spec is not None, f"{module} does not exist"
    assert spec.origin is not None
    path = Path(spec.origin)
    if path.name == "__init__.py":
        path = path.with_name("__main__.py")
    return path.read_text(encoding="utf-8")


def test_whatever_benchmarks_start_does_something(pytestconfig: pytest.Config) -> None:
    started = started_modules(pytestconfig.rootpath)
    assert {"shared.database", "services.generator", "services.trainer"} <= started
    idle = {name for name in started if 'if __name__ == "__main__"' not in source_of(name)}
    assert not idle
