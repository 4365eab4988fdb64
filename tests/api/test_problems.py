"""Every error is a problem detail: what is wrong, which value, what would do."""

from typing import Any

import httpx
import pytest

from services.api.http.body_limit import MAX_BYTES


def problem(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert {"type", "title", "detail"} <= set(body)
    return body


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ({"user_id": "U1", "top_n": 0}, "top_n", "0"),
        ({"user_id": "U1", "top_n": 101}, "top_n", "101"),
        ({"user_id": "U1", "top_n": "10"}, "top_n", '"10"'),
        ({"user_id": "U1", "top_n": True}, "top_n", "true"),
        ({"user_id": "U1", "top_n": 1.5}, "top_n", "1.5"),
        ({"user_id": "U1", "exclude_rated": 1}, "exclude_rated", "1"),
        ({"user_id": "U1", "rank_by": "price"}, "rank_by", '"price"'),
        ({"user_id": "U1", "topn": 5}, "topn", "5"),
        ({"user_id": ""}, "user_id", '""'),
        ({"user_id": 7}, "user_id", "7"),
        ({}, "user_id", "{}"),
        ([], "body", "[]"),
    ],
)
def test_a_wrong_field_is_named_with_its_value(
    standing_api: httpx.Client, body: object, field: str, value: str
) -> None:
    answer = problem(standing_api.post("/recommend", json=body), 422)
    assert [(error["field"], error["value"]) for error in answer["errors"]] == [(field, value)]
    assert field in answer["detail"]
    assert value in answer["detail"]


@pytest.mark.parametrize("user_id", ["x" * 65, "🍷" * 65])
def test_65_characters_are_too_many(standing_api: httpx.Client, user_id: str) -> None:
    answer = problem(standing_api.post("/recommend", json={"user_id": user_id}), 422)
    assert "at most 64 characters" in answer["detail"]
    problem(standing_api.get(f"/users/{user_id}"), 422)


def test_every_wrong_field_is_named(standing_api: httpx.Client) -> None:
    answer = problem(standing_api.post("/recommend", json={"user_id": "", "top_n": 0, "x": 1}), 422)
    assert {error["field"] for error in answer["errors"]} == {"user_id", "top_n", "x"}


def test_json_without_its_header_is_told_which(standing_api: httpx.Client) -> None:
    answer = standing_api.post("/recommend", content=b'{"user_id": "U1"}')
    assert "Content-Type: application/json" in problem(answer, 422)["detail"]


def test_a_body_of_errors_gets_a_short_answer(standing_api: httpx.Client) -> None:
    body = {"user_id": "U1"} | {f"field{number}": 0 for number in range(5000)}
    answer = problem(standing_api.post("/recommend", json=body), 422)
    assert len(answer["errors"]) == 20
    assert answer["detail"].endswith("and 4,980 more")


def test_a_long_value_is_shortened(standing_api: httpx.Client) -> None:
    answer = problem(standing_api.post("/recommend", json={"user_id": "x" * 100_000}), 422)
    assert len(answer["detail"]) < 300


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"user_id": "\\ud800"}'])
def test_what_is_no_json_text(standing_api: httpx.Client, body: bytes) -> None:
    answer = standing_api.post(
        "/recommend", content=body, headers={"Content-Type": "application/json"}
    )
    problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


def test_a_lone_surrogate_is_no_id(standing_api: httpx.Client) -> None:
    body = b'{"user_id": "U1", "item_ids": ["\\ud800"]}'
    answer = standing_api.post(
        "/predict", content=body, headers={"Content-Type": "application/json"}
    )
    assert problem(answer, 422)["errors"][0]["field"] == "item_ids.0"


def test_a_huge_body_is_refused(standing_api: httpx.Client) -> None:
    problem(standing_api.post("/recommend", content=b" " * (MAX_BYTES + 1)), 413)


def test_no_such_path(standing_api: httpx.Client) -> None:
    assert "/nothing" in problem(standing_api.get("/nothing"), 404)["detail"]


def test_no_such_method(standing_api: httpx.Client) -> None:
    answer = standing_api.get("/recommend")
    assert "GET /recommend" in problem(answer, 405)["detail"]
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/users/U1", "DELETE, GET"),  # two routers have the path
        ("PUT", "/users/U1/export", "GET"),  # and not that of a user 'U1/export'
        ("DELETE", "/users", "GET, POST"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("POST", "/docs", "GET"),
        ("POST", "/docs-static/nothing", "GET, HEAD"),  # mounted: no route of the app's own
    ],
)
def test_every_method_that_a_path_has_is_named(
    standing_api: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = standing_api.request(method, path)
    problem(answer, 405)
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=1001", "limit=ten", "limit=1_0", "limit=%2010", "limit=1.5"),
        *("offset=-1", "offset=%2B0.0", "offset=59739993837358022656"),
    ],
)
def test_wrong_pages(standing_api: httpx.Client, query: str) -> None:
    answer = problem(standing_api.get(f"/users?{query}"), 422)
    assert answer["errors"][0]["field"] == query.partition("=")[0]


def test_a_page_after_the_last_is_empty(standing_api: httpx.Client) -> None:
    assert standing_api.get("/users?offset=2147483647").json()["users"] == []


def test_a_whole_number_may_be_written_as_10_0(standing_api: httpx.Client) -> None:
    body = {"user_id": "U1", "top_n": 10.0}
    assert standing_api.post("/recommend", json=body).json()["total_count"] == 10


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/", None),
        ("GET", "/health", None),
        ("GET", "/users?limit=1", None),
        ("GET", "/users/U1", None),
        ("GET", "/users/U1/export", None),
        ("GET", "/users/U1/why-not/TECH1001?top_n=5", None),
        ("DELETE", "/users/nobody", None),
        ("GET", "/segments", None),
        ("GET", "/items/TECH1001/similar?top_n=5", None),
        ("POST", "/recommend", {"user_id": "U1"}),
    ],
)
def test_query_parameters_that_nobody_reads_are_refused(
    standing_api: httpx.Client, method: str, path: str, body: object
) -> None:
    address = f"{path}{'&' if '?' in path else '?'}topn=5&x="
    answer = problem(standing_api.request(method, address, json=body), 422)
    assert [(error["field"], error["value"]) for error in answer["errors"]] == [
        ("topn", '"5"'),
        ("x", '""'),
    ]
    assert "topn: There is no such field" in answer["detail"]


@pytest.mark.parametrize("query", ["categories=" + "x" * 201, "&".join(["categories=tech"] * 101)])
def test_why_not_takes_no_categories_that_a_list_does_not(
    standing_api: httpx.Client, query: str
) -> None:
    answer = problem(standing_api.get(f"/users/U1/why-not/TECH1001?{query}"), 422)
    assert answer["errors"][0]["field"].startswith("categories")
