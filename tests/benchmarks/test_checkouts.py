import gzip
import json
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.checkouts.__main__ import main
from benchmarks.checkouts.answers import ANSWERS, ApiRecorder, read_answers
from benchmarks.checkouts.comparison import compared_records
from benchmarks.checkouts.datasets import write_implicit, write_small
from benchmarks.checkouts.differences import all_differences
from benchmarks.checkouts.normalising import normal, normal_array_name
from benchmarks.checkouts.recording import fix_version, record_scenario
from benchmarks.checkouts.requests.cast import Cast
from benchmarks.checkouts.requests.phases import phases, requests_of
from benchmarks.checkouts.requests.request import VERSION, ApiRequest, Plan, post
from benchmarks.checkouts.scenarios import SCENARIOS, Scenario
from benchmarks.checkouts.summary import compare

NAME = "small-bias"
ARRAY = "item_biases.npy"
FIRST, SECOND = "20251124T101112Z-0a1b2c", "20251125T131415Z-3d4e5f"


class ListApi(httpx.BaseTransport):
    """Answers every request with a list of two items."""

    def __init__(self, version: str, score: float) -> None:
        self._version, self._score = version, score

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        items = [{"item_id": "i1", "score": 1.0}, {"item_id": "i2", "score": self._score}]
        list_id = f"{self._version}.{secrets.token_hex(8)}"
        return httpx.Response(200, json={"recommendation_id": list_id, "recommendations": items})


def write_record(
    folder: Path, version: str = FIRST, score: float = 0.5, by_chance: float = 0.5
) -> Path:
    """A small record of one set of data; its folder."""
    scenario = folder / NAME
    for state in ("trained", "served"):
        write_version(scenario / state / "artifacts", version)
        write_database(scenario / state / "data.sqlite", version)
    fix_version(scenario / "served" / "artifacts")
    columns = {"user_id": ["u1", "u2"], "score": [0.5, 0.25]}
    lists = pa.table(columns).replace_schema_metadata({"version": version})
    pq.write_table(lists, scenario / "batch-rating.parquet")
    write_answers(scenario / ANSWERS, version, score, by_chance)
    return scenario


def write_version(artifacts: Path, version: str) -> None:
    folder = artifacts / "models" / version
    folder.mkdir(parents=True)
    manifest = {
        "version": version,
        "created_at": version,
        "rmse": 0.9,
        "fit_seconds": int(version[13:15]),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "report.html").write_text(f"<h1>{version}</h1>\n<p>RMSE 0.9</p>\n")
    np.save(folder / ARRAY, np.array([0.5, 1.5, np.nan]))
    (artifacts / "current.json").write_text(json.dumps({"version": version}))


def write_database(path: Path, created_at: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE interactions (user_id, item_id, rating, created_at)")
        row = ("u1", "i1", 4.5, created_at)
        connection.execute("INSERT INTO interactions VALUES (?, ?, ?, ?)", row)


def write_answers(path: Path, version: str, score: float, by_chance: float) -> None:
    """One answer without chance, and one that chance has a part in."""
    exploring = {"user_id": "u1", "exploration": 1}
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for body, value in (({"user_id": "u1"}, score), (exploring, by_chance)):
            api = ListApi(version, value)
            with httpx.Client(transport=api, base_url="http://api") as client:
                plan = single(post("/recommend", body))
                ApiRecorder(client, file).follow(
                    f"with {', '.join(body)}", plan, has_new_items=False
                )


def single(request: ApiRequest) -> Plan:
    yield request


@pytest.fixture
def a(tmp_path: Path) -> Path:
    write_record(tmp_path / "a")
    return tmp_path / "a"


def differing(a: Path, b: Path) -> dict[str, list[str]]:
    """The differences of each part that differs, by kind and name."""
    return {
        f"{part.kind}: {part.name}": [str(difference) for difference in part.differences]
        for part in compared_records(a, b)
        if part.differences
    }


def test_records_of_the_same_code_are_equal(
    a: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_record(tmp_path / "b", version=SECOND)
    assert not compare(a, tmp_path / "b", ignore_chance=False)
    printed = capsys.readouterr().out
    assert printed.endswith("\n10 compared, 0 different, 0 of them by chance\n")
    assert "×" not in printed


def test_a_changed_score_is_found(
    a: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_record(tmp_path / "b", score=0.5000001)
    assert compare(a, tmp_path / "b", ignore_chance=True)
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("    1 × .body.recommendations.N.score")
    assert lines[place - 1].split() == ["POST", "/recommend", "0", "equal", "1", "different"]
    assert lines[place + 1].startswith(f"    {NAME}, with user_id, POST /recommend 0: /recommend")
    assert lines[place + 2] == "        .body.recommendations.1.score: 0.5, then 0.5000001"
    assert lines[-1] == "10 compared, 1 different, 0 of them by chance"


def test_each_place_is_counted_once_for_each_thing_that_differs_there(
    a: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = write_record(tmp_path / "b")
    for folder, value in ((a / NAME, 1), (scenario, 2)):
        row = {f"field {letter}": value for letter in "abcdefghij"}
        for name in ("x.json", "y.json"):
            text = json.dumps({"rows": [row, row], "total": value})
            (folder / "trained" / "artifacts" / name).write_text(text)
    assert compare(a, tmp_path / "b", ignore_chance=False)
    printed = capsys.readouterr().out
    assert printed.count("    2 × .rows.N.field ") == 8
    assert "    and 3 more places\n" in printed


def test_what_differs_by_chance_may_be_ignored(a: Path, tmp_path: Path) -> None:
    write_record(tmp_path / "b", by_chance=0.75)
    assert compare(a, tmp_path / "b", ignore_chance=False)
    assert not compare(a, tmp_path / "b", ignore_chance=True)


def test_a_changed_array_is_found(a: Path, tmp_path: Path) -> None:
    folder = write_record(tmp_path / "b") / "served" / "artifacts" / "models" / VERSION
    np.save(folder / ARRAY, np.array([0.5, 1.75, np.nan]))
    name = f"arrays, after all requests: {NAME}, artifacts/models/VERSION/{ARRAY}"
    assert differing(a, tmp_path / "b") == {name: ["1 of 3 values differ, by 0.25 at most"]}
    np.save(folder / ARRAY, np.array([0.5, 1.5, np.nan], dtype=np.float32))
    assert differing(a, tmp_path / "b") == {name: ["float64[3], then float32[3]"]}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (f"trained/artifacts/models/{FIRST}/{ARRAY}", "arrays, trained"),
        (f"trained/artifacts/models/{FIRST}/report.html", "other files, trained"),
        ("served/data.sqlite", "tables, after all requests"),
        ("batch-rating.parquet", "batch"),
    ],
)
def test_an_absent_file_is_found(a: Path, tmp_path: Path, name: str, part: str) -> None:
    (write_record(tmp_path / "b") / name).unlink()
    for pair in ((a, tmp_path / "b"), (tmp_path / "b", a)):
        [found] = differing(*pair)
        assert found.startswith(f"{part}: {NAME}, ")


def test_a_changed_row_and_a_changed_list_are_found(a: Path, tmp_path: Path) -> None:
    scenario = write_record(tmp_path / "b")
    with closing(sqlite3.connect(scenario / "trained" / "data.sqlite")) as connection, connection:
        connection.execute("UPDATE interactions SET rating = 5.0")
    pq.write_table(pa.table({"user_id": ["u2", "u1"]}), scenario / "batch-rating.parquet")
    found = differing(a, tmp_path / "b")
    assert found[f"tables, trained: {NAME}, interactions"] == [".1.2: 4.5, then 5.0"]
    assert '.user_id.1: "u1", then "u2"' in found[f"batch: {NAME}, batch-rating"]
    assert len(found) == 2


def test_an_absent_answer_and_an_absent_set_are_found(a: Path, tmp_path: Path) -> None:
    scenario = write_record(tmp_path / "b")
    with gzip.open(scenario / ANSWERS, "wt", encoding="utf-8"):
        pass
    assert read_answers(scenario / ANSWERS) == {}
    assert len(differing(a, tmp_path / "b")) == 2
    shutil.rmtree(scenario)
    assert differing(a, tmp_path / "b") == {
        f"sets of data: {NAME}": ["was recorded in one of the folders alone"]
    }


def test_nothing_to_compare_is_no_success(tmp_path: Path) -> None:
    assert compare(tmp_path, tmp_path, ignore_chance=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"models/{FIRST}", "models/VERSION"),
        (f"{FIRST}.0123456789abcdef", "VERSION.ID"),
        ("rejects/20251124T101112.123456Z.csv", "rejects/TIME.csv"),
        ("Trained 2025-11-24 10:11:12 UTC.", "Trained TIME."),
        ({"created_at": "2025-11-24T10:11:12Z"}, {"created_at": "TIME"}),
        ({"fit_seconds": 1.5, "seconds": 2, "rmse": 0.9}, {"rmse": 0.9}),
        ({"allow": "POST, GET"}, {"allow": ["GET", "POST"]}),
        ({"numbers": {"b": 1, "a": 2}}, {"numbers": {"a": 2, "b": 1}}),
    ],
)
def test_what_differs_from_run_to_run_is_hidden(value: Any, expected: Any) -> None:
    assert json.dumps(normal(value)) == json.dumps(expected)
    assert json.dumps(normal([{"in": value}])) == json.dumps([{"in": expected}])


@pytest.mark.parametrize(
    "value",
    [
        {"occurred_at": "2025-07-02T00:00:00.000Z", "created_at": None, "second": 2},
        {"item_id": "0123456789abcdef", "score": 0.1234567, "rank": 1, "is_active": True},
        {"b": ["POST", "GET"], "a": "2025-11-24", "version": "20251124T101112Z"},
        [3, 1, 2, None, "2025-11-24 10:11:12", {"allow": None, "numbers": [2, 1]}],
    ],
)
def test_nothing_else_is_hidden(value: Any) -> None:
    assert json.dumps(normal(value)) == json.dumps(value)


def test_an_array_has_one_name_before_and_after_an_erasure() -> None:
    names = (f"models/{FIRST}/{ARRAY}", f"models/{SECOND}/item_biases-0123abcd.npy")
    assert {normal_array_name(name) for name in names} == {f"models/VERSION/{ARRAY}"}
    assert normal_array_name("item-biases.npy") == "item-biases.npy"


def test_types_of_numbers_and_the_order_of_fields_count() -> None:
    assert [str(found) for found in all_differences({"a": 1}, {"a": 1.0})] == [".a: 1, then 1.0"]
    [order] = all_differences({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert str(order) == "the order of a, b is b, a"
    assert all_differences({"a": float("nan")}, {"a": float("nan")}) == []


def scenario_named(name: str) -> Scenario:
    [scenario] = [scenario for scenario in SCENARIOS if scenario.name == name]
    return scenario


def requests(scenario: Scenario) -> list[dict[str, Any]]:
    """All requests of a scenario, where no list has a second page."""
    ids = {name: [f"{name}{number}" for number in range(100)] for name in "ui"}
    cast = Cast(ids["u"], ids["i"], ["c1", "c2"], "marker")
    sent: list[dict[str, Any]] = []
    for phase in phases(scenario):
        plan = requests_of(phase, scenario, cast)
        answer: dict[str, Any] | None = None
        with suppress(StopIteration):
            while True:
                sent.append(asdict(plan.send(answer)))
                answer = {}
    return sent


def test_two_records_ask_the_same() -> None:
    scenario = scenario_named("implicit")
    sent = requests(scenario)
    assert json.dumps(sent) == json.dumps(requests(scenario))
    assert len(sent) > 1000
    assert {request["method"] for request in sent} >= {"GET", "POST", "DELETE"}
    assert not [request for request in sent if "marker" in json.dumps(request)]


@pytest.mark.parametrize("write", [write_small, write_implicit])
def test_two_records_are_made_over_the_same_data(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path / name)
    content = (tmp_path / "a.csv").read_bytes()
    assert content == (tmp_path / "b.csv").read_bytes()
    assert content.count(b"\n") > 6000


def test_a_record_takes_a_new_folder_and_no_settings_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["record", str(tmp_path), str(tmp_path)])
    assert "exists already" in capsys.readouterr().err
    (tmp_path / ".env").write_text("SEED=2\n")
    with pytest.raises(SystemExit):
        main(["record", str(tmp_path), str(tmp_path / "record")])
    assert ".env would have a part" in capsys.readouterr().err


@pytest.mark.programs
def test_a_checkout_without_data_is_recorded(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    scenario = scenario_named("empty")
    for folder in (tmp_path / "a", tmp_path / "b"):
        record_scenario(pytestconfig.rootpath, folder / scenario.name, scenario, None)
    assert not compare(tmp_path / "a", tmp_path / "b", ignore_chance=False)
    answers = read_answers(tmp_path / "a" / scenario.name / ANSWERS)
    statuses = [answer["status"] for answer in answers.values()]
    assert 200 in statuses
