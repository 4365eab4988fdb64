import datetime as dt
from pathlib import Path

from services.generator.importing.reading.table import Problem, Reject
from services.generator.importing.writing.rejects import Rejects

NOW = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)


def reject(line: int, kind: str) -> Reject:
    return Reject("f.csv", line, Problem(kind, f"{kind}: x"), "u1,i1")


def test_they_are_counted_by_file_and_kind_and_written_with_their_reason(tmp_path: Path) -> None:
    with Rejects(tmp_path, "f.csv", NOW) as rejects:
        rejects.add_all([reject(2, "bad"), reject(3, "bad"), reject(4, "worse")])

    assert rejects.counts == {"f.csv": 3}
    assert rejects.reasons == {"f.csv": {"bad": 2, "worse": 1}}
    assert rejects.path is not None
    assert rejects.path.read_text("utf-8").splitlines()[:2] == [
        "file,line,reason,text",
        'f.csv,2,bad: x,"u1,i1"',
    ]


def test_without_a_folder_they_are_counted_alone() -> None:
    rejects = Rejects(None, "f.csv", NOW)

    rejects.add_all([reject(2, "bad")])

    assert rejects.path is None
    assert rejects.examples() == "f.csv line 2: bad: x"


def test_reasons_without_end_are_counted_together_at_last() -> None:
    rejects = Rejects(None, "f.csv", NOW)

    rejects.add_all(reject(line, f"bad {line}") for line in range(1_500))

    assert len(rejects.reasons["f.csv"]) == 1_001
    assert rejects.reasons["f.csv"]["another reason"] == 500
