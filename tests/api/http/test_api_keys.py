"""Who may do what: each key, none, and a wrong one, on what changes data and on what erases."""

import httpx
import pytest

from tests.api.serving import Serve
from tests.api.test_problems import problem

WRITES = (
    ("/interactions", {"interactions": [{"user_id": "U1", "item_id": "I1", "event_type": "view"}]}),
    ("/users", {"users": [{"user_id": "U1"}]}),
    ("/items", {"items": [{"item_id": "I1"}]}),
)
BOTH = {"api_key": "write", "admin_api_key": "admin"}
FORBIDDEN, NOT_FOUND, OK = 401, 404, 200

pytestmark = pytest.mark.usefixtures("version")


def write(api: httpx.Client, key: str | None) -> int:
    """The one status that all routes answer which change data."""
    headers = [] if key is None else [(b"X-API-Key", key.encode())]
    [status] = {api.post(path, json=body, headers=headers).status_code for path, body in WRITES}
    return status


def erase(api: httpx.Client, key: str | None) -> int:
    """404: it was let in, and there is no such user."""
    headers = [] if key is None else [(b"X-API-Key", key.encode())]
    return api.delete("/users/nobody", headers=headers).status_code


@pytest.mark.parametrize(
    ("keys", "given", "writes", "erases"),
    [
        ({}, None, OK, NOT_FOUND),
        ({}, "anything", OK, NOT_FOUND),
        (BOTH, None, FORBIDDEN, FORBIDDEN),
        (BOTH, "", FORBIDDEN, FORBIDDEN),
        (BOTH, "wrong", FORBIDDEN, FORBIDDEN),
        (BOTH, "Write", FORBIDDEN, FORBIDDEN),
        (BOTH, "write", OK, FORBIDDEN),
        (BOTH, "admin", OK, NOT_FOUND),
        ({"api_key": "write"}, None, FORBIDDEN, NOT_FOUND),
        ({"api_key": "write"}, "write", OK, NOT_FOUND),
        ({"admin_api_key": "admin"}, None, OK, FORBIDDEN),
        ({"admin_api_key": "admin"}, "admin", OK, NOT_FOUND),
        ({"api_key": "", "admin_api_key": "admin"}, None, OK, FORBIDDEN),
        ({"api_key": "write", "admin_api_key": ""}, "", FORBIDDEN, NOT_FOUND),
        ({"api_key": "ключ 🔑"}, "ключ 🔑", OK, NOT_FOUND),
        ({"api_key": "ключ 🔑"}, "ключ", FORBIDDEN, NOT_FOUND),
    ],
)
def test_a_key_opens_what_it_guards(
    serve: Serve, keys: dict[str, str], given: str | None, writes: int, erases: int
) -> None:
    with serve(**keys) as api:
        assert (write(api, given), erase(api, given)) == (writes, erases)
        assert api.post("/recommend", json={"user_id": "U10001"}).status_code == OK


def test_the_answer_says_which_header_and_never_a_key(serve: Serve) -> None:
    path, body = WRITES[0]
    with serve(api_key="s3cret", admin_api_key="s4cret") as api:
        missing = api.post(path, json=body)
        wrong = api.post(path, json=body, headers={"X-API-Key": "guess"})
    assert "X-API-Key" in problem(missing, 401)["detail"]
    assert "API_KEY" in problem(missing, 401)["detail"]
    assert "is not the value" in problem(wrong, 401)["detail"]
    assert missing.headers["www-authenticate"]
    assert not any(key in missing.text + wrong.text for key in ("s3cret", "s4cret", "guess"))


def test_the_key_comes_before_the_body(serve: Serve) -> None:
    with serve(api_key="write") as api:
        problem(api.post("/interactions", json={"interactions": []}), 401)


def test_docs_offer_to_authorize(standing_api: httpx.Client) -> None:
    document = standing_api.get("/openapi.json").json()
    [(name, scheme)] = document["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")
    for path, _body in WRITES:
        operation = document["paths"][path]["post"]
        assert operation["security"] == [{name: []}]
        assert "401" in operation["responses"]
    assert "security" not in document["paths"]["/recommend"]["post"]
