"""What a page may ask for in the name of its user."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.keys import KEYS, READ, SIGNING_KEY, WRITE, signature, with_key
from tests.api.serving import Serve
from tests.api.test_problems import problem

pytestmark = pytest.mark.usefixtures("version")

OTHER_KEY = "another-signing-key-of-32-characters"


@pytest.fixture
def signed(serve: Serve) -> Iterator[httpx.Client]:
    with serve(**KEYS, user_signing_key=f"{OTHER_KEY}, {SIGNING_KEY}") as api:
        yield api


def recommend(
    api: httpx.Client, user_id: str, signed: str | None, *, key: str = READ, **options: object
) -> httpx.Response:
    headers = with_key(key) if signed is None else with_key(key, user_signature=signed)
    return api.post("/recommend", json={"user_id": user_id, **options}, headers=headers)


def report(api: httpx.Client, signed: str | None, *rows: Any) -> httpx.Response:
    headers = with_key(READ) if signed is None else with_key(READ, user_signature=signed)
    return api.post("/interactions", json={"interactions": rows}, headers=headers)


def click(user_id: object, **fields: object) -> dict[str, object]:
    return {"user_id": user_id, "item_id": "TECH1005", "event_type": "click", **fields}


@pytest.mark.parametrize("user_id", ["U10001", "nobody", "a/b", "张伟", "line\nend\n", "1\nU1"])
@pytest.mark.parametrize("key", [SIGNING_KEY, OTHER_KEY])
def test_a_signature_opens_the_list_of_its_user(
    signed: httpx.Client, user_id: str, key: str
) -> None:
    answer = recommend(signed, user_id, signature(user_id, key=key), explain=True)
    assert answer.status_code == 200


def test_a_signed_user_gets_reasons(signed: httpx.Client) -> None:
    answer = recommend(signed, "U10001", signature("U10001"), explain=True)
    assert answer.json()["recommendations"][0]["reason"]["because"]


EXPIRES, DIGITS = signature("U10001").split(".")


@pytest.mark.parametrize(
    "forged",
    [
        signature("U10002"),
        signature("U10001", key="a signing key that was never set here"),
        f"{int(EXPIRES) + 1}.{DIGITS}",
        f"{EXPIRES}.{DIGITS[:-1]}",
        f"{EXPIRES}.{DIGITS}0",
        f"{EXPIRES}.{DIGITS.upper()}",
        f"{EXPIRES}.{'0' * 64}",
        DIGITS,
        "",
        "x",
        f"+{EXPIRES}.{DIGITS}",
        f"{EXPIRES}.{DIGITS}, {EXPIRES}.{DIGITS}",
    ],
    ids=(
        *("another user's", "another key's", "later", "shorter", "longer", "in capitals", "zeros"),
        *("no time", "empty", "a letter", "a plus", "two"),
    ),
)
def test_what_is_no_signature_of_the_user_is_refused(
    standing_guarded: httpx.Client, forged: str
) -> None:
    answer = recommend(standing_guarded, "U10001", forged)
    assert "X-User-Signature" in problem(answer, 401)["detail"]
    assert answer.json()["title"] == "Wrong signature"


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "expired"), (-86_400, "expired"), (90_000, "86,400 s at most")]
)
def test_a_signature_holds_for_its_time(
    standing_guarded: httpx.Client, seconds: float, words: str
) -> None:
    answer = recommend(standing_guarded, "U10001", signature("U10001", seconds=seconds))
    assert words in problem(answer, 401)["detail"]


def test_a_read_key_without_a_signature_is_told_what_to_send(
    standing_guarded: httpx.Client,
) -> None:
    assert "X-User-Signature" in problem(recommend(standing_guarded, "U10001", None), 401)["detail"]


def test_lists_of_nobody_need_no_signature(signed: httpx.Client) -> None:
    body = {"item_ids": ["TECH1005"], "explain": True}
    listed = signed.post("/recommend/session", json=body, headers=with_key(READ))
    assert listed.json()["recommendations"][0]["reason"]
    similar = signed.get("/items/TECH1005/similar", headers=with_key(READ))
    assert similar.status_code == 200


def test_the_shops_server_needs_no_signature(signed: httpx.Client) -> None:
    assert recommend(signed, "U10001", None, key=WRITE, explain=True).status_code == 200
    assert recommend(signed, "U10001", "forged", key=WRITE).status_code == 200


def test_an_unsigned_user_gets_lists_and_no_reasons(serve: Serve) -> None:
    with serve(**KEYS) as api:
        assert recommend(api, "U10001", None).status_code == 200
        assert recommend(api, "U10001", None, explain=False).status_code == 200
        refused = recommend(api, "U10001", signature("U10001"), explain=True)
        assert "explain names what the user did" in problem(refused, 403)["detail"]
        refused = report(api, signature("U10001"), click("U10001"))
        assert "no USER_SIGNING_KEY is set" in problem(refused, 403)["detail"]


def test_a_page_reports_what_its_user_does_once(signed: httpx.Client) -> None:
    rows = [click("U10001", occurred_at=f"2025-03-01T12:30:1{n}Z") for n in range(3)]
    for accepted, duplicates in ((3, 0), (0, 3)):
        answer = report(signed, signature("U10001"), *rows).json()
        assert (answer["accepted"], answer["duplicates"]) == (accepted, duplicates)


@pytest.mark.parametrize(
    "rows",
    [
        [click("U10001"), click("U10002")],
        [click("U10001"), {"item_id": "TECH1005", "event_type": "click"}],
        [click("U10001"), "a row"],
        [click("U10001"), None],
        [None, click("U10001")],
        [click(None)],
        [click(["U10001"])],
        [click("U10001"), click("U10001 ")],
        [click("U10001", event_id="order-7781-1")],
    ],
)
def test_a_page_reports_nothing_else(signed: httpx.Client, rows: list[Any]) -> None:
    answer = report(signed, signature("U10001"), *rows)
    assert problem(answer, 403)["title"] == "Not own rows"
    known = signed.get("/users/U10001", headers=with_key(WRITE)).json()
    assert known["num_interactions"] == 0


def test_rows_of_a_user_need_the_signature_of_that_user(signed: httpx.Client) -> None:
    problem(report(signed, signature("U10002"), click("U10001")), 401)
    problem(report(signed, None, click("U10001")), 401)


def test_an_id_that_is_no_text_is_nobodys(signed: httpx.Client) -> None:
    body = json.dumps({"interactions": [click("\ud800")]})  # in ASCII
    headers = {
        **with_key(READ, user_signature=signature("U10001")),
        "Content-Type": "application/json",
    }
    problem(signed.post("/interactions", content=body, headers=headers), 401)
