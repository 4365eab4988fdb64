"""How often a key may be used, how often one may be guessed, and what answers say of it."""

import re
from typing import Any

import httpx
import pytest

from tests.api.keys import KEYS, READ, SIGNING_KEY, WRITE, signature, with_key
from tests.api.serving import Serve
from tests.api.test_problems import problem
from tests.api.wire import closed_port, silent_port

pytestmark = pytest.mark.usefixtures("version")

BODY = {"user_id": "U10001"}
HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


def recommend(api: httpx.Client, key: str = READ, address: str = HERE) -> httpx.Response:
    headers = {**with_key(key), "X-Forwarded-For": address}
    return api.post("/recommend", json=BODY, headers=headers)


def numbers(header: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(r";(\w)=(\d+)", header)}


def test_a_read_key_is_limited_by_address(serve: Serve) -> None:
    with serve(**KEYS, read_rate=3) as api:
        answers = [recommend(api) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert recommend(api, address=ELSEWHERE).status_code == 200
        assert recommend(api, key=WRITE).status_code == 200
        refused = problem(answers[3], 429)
        session = api.post(
            "/recommend/session",
            json={"item_ids": ["TECH1005"]},
            headers={**with_key(READ), "X-Forwarded-For": HERE},
        )
    assert session.status_code == 429
    for answer, left in zip(answers, (2, 1, 0, 0), strict=True):
        assert answer.headers["ratelimit-policy"] == '"read";q=3;w=60'
        assert answer.headers["ratelimit"].startswith('"read";')
        told = numbers(answer.headers["ratelimit"])
        assert told["r"] == left
        assert 0 < told["t"] <= 60
    assert int(answers[3].headers["retry-after"]) == numbers(answers[3].headers["ratelimit"])["t"]
    assert "More than 3 requests" in refused["detail"]


def test_each_key_has_a_rate_of_its_own(serve: Serve) -> None:
    other = "another-read-key-for-tests"
    with serve(read_api_key=f"{READ},{other}", read_rate=1) as api:
        assert [recommend(api).status_code for _ in range(2)] == [200, 429]
        assert recommend(api, key=other).status_code == 200


def test_errors_count_and_say_what_is_left(serve: Serve) -> None:
    with serve(**KEYS, read_rate=9) as api:
        headers = {**with_key(READ), "X-Forwarded-For": HERE}
        wrong = api.post("/recommend", json={}, headers=headers)
    assert wrong.status_code == 422
    assert numbers(wrong.headers["ratelimit"])["r"] == 8


def test_other_kinds_are_unlimited_unless_they_are_not(serve: Serve) -> None:
    with serve(**KEYS) as api:
        assert "ratelimit" not in recommend(api, key=WRITE).headers
    with serve(**KEYS, write_rate=1, read_rate=0) as api:
        assert [recommend(api, key=WRITE).status_code for _ in range(2)] == [200, 429]
        assert "ratelimit" not in recommend(api).headers


def test_who_guesses_gets_no_answer_and_others_do(serve: Serve) -> None:
    with serve(**KEYS, wrong_key_rate=5) as api:
        statuses = [recommend(api, key=f"guess {n}").status_code for n in range(1000)]
        assert statuses == [401] * 5 + [429] * 995
        locked_out = recommend(api, key=WRITE)
        assert "wrong keys or signatures" in problem(locked_out, 429)["detail"]
        assert locked_out.headers["ratelimit-policy"] == '"wrong-keys";q=5;w=60'
        assert 0 < int(locked_out.headers["retry-after"]) <= 60
        assert recommend(api, key=WRITE, address=ELSEWHERE).status_code == 200
        assert recommend(api, address=ELSEWHERE).status_code == 200
        assert api.get("/health/ready", headers={"X-Forwarded-For": HERE}).status_code == 200


def test_no_key_is_no_guess(serve: Serve) -> None:
    with serve(**KEYS, wrong_key_rate=5) as api:
        assert {api.get("/docs").status_code for _ in range(20)} == {401}
        assert api.get("/docs", headers=with_key(WRITE)).status_code == 200


def test_forged_signatures_are_guesses_and_outdated_ones_are_not(serve: Serve) -> None:
    def ask(signed: str) -> int:
        headers = with_key(READ, user_signature=signed)
        return api.post("/recommend", json=BODY, headers=headers).status_code

    outdated = signature("U10001", seconds=-1)
    with serve(**KEYS, wrong_key_rate=2, user_signing_key=SIGNING_KEY) as api:
        assert {ask(outdated) for _ in range(5)} == {401}
        assert [ask(signature("U2")) for _ in range(4)] == [401, 401, 429, 429]
        assert ask(signature("U10001")) == 429


def test_an_ipv6_network_is_one_address(serve: Serve) -> None:
    with serve(**KEYS, read_rate=1) as api:
        assert recommend(api, address="2001:db8::1").status_code == 200
        assert recommend(api, address="2001:db8::2").status_code == 429
        assert recommend(api, address="2001:db8:0:1::1").status_code == 200
        assert recommend(api, address="no:address").status_code == 200


def test_only_the_proxy_says_where_a_request_comes_from(serve: Serve) -> None:
    """Uvicorn believes 127.0.0.1, from where these tests ask, and what is before it is a claim."""
    with serve(**KEYS, read_rate=1) as api:
        assert recommend(api, address=f"198.51.100.1, {HERE}").status_code == 200
        assert recommend(api, address=f"198.51.100.2, {HERE}").status_code == 429


@pytest.mark.parametrize("away", [closed_port, silent_port], ids=["killed", "paused"])
def test_while_redis_is_away_this_process_counts(serve: Serve, away: Any) -> None:
    with away() as port:
        redis = {"redis_url": f"redis://127.0.0.1:{port}/0", "redis_timeout_seconds": 0.5}
        with serve(**KEYS, **redis, read_rate=2, wrong_key_rate=2) as api:
            assert [recommend(api).status_code for _ in range(3)] == [200, 200, 429]
            guesses = [recommend(api, key="guess", address=ELSEWHERE) for _ in range(3)]
            assert [guess.status_code for guess in guesses] == [401, 401, 429]


@pytest.mark.containers
def test_replicas_share_a_limit_on_redis(serve: Serve, redis_url: str) -> None:
    limits = {"redis_url": redis_url, "read_rate": 3, "wrong_key_rate": 3}
    keys = {"read_api_key": f"{READ}-shared", "api_key": WRITE}
    with serve(**keys, **limits) as one, serve(**keys, **limits) as other:
        here = [recommend(api, f"{READ}-shared", "192.0.2.1") for api in (one, other, one, other)]
        assert [answer.status_code for answer in here] == [200, 200, 200, 429]
        guesses = [recommend(api, "guess", "192.0.2.2") for api in (one, other, one, other)]
        assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
