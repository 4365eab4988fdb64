"""What every answer tells browsers, and that the documentation page still works with it."""

import base64
import hashlib
import re

import httpx
import pytest

from services.api.http.body_limit import MAX_BYTES

EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/health/live", None, 200),
        ("GET", "/users", None, 200),
        ("GET", "/users/U1/export", None, 200),
        ("GET", "/nothing", None, 404),
        ("PUT", "/users", None, 405),
        ("POST", "/recommend", b"{", 422),
        ("POST", "/recommend", b" " * (MAX_BYTES + 1), 413),
        ("GET", "/openapi.json", None, 200),
    ],
)
def test_every_answer_has_them_once(
    standing_api: httpx.Client, method: str, path: str, content: bytes | None, status: int
) -> None:
    answer = standing_api.request(method, path, content=content)
    assert answer.status_code == status
    expected = EXPECTED | {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }
    for name, value in expected.items():
        assert answer.headers.get_list(name) == [value]


def test_the_documentation_page_may_run_its_own_script_and_no_other(
    standing_api: httpx.Client,
) -> None:
    answer = standing_api.get("/docs")
    [policy] = answer.headers.get_list("content-security-policy")
    [script] = re.findall(r"(?s)<script>(.*?)</script>", answer.text)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["script-src"] == f"'self' 'sha256-{digest}'"
    assert directives["default-src"] == "'none'"
    assert directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    for name, value in EXPECTED.items():
        assert answer.headers[name] == value


def test_its_files_may_be_kept(standing_api: httpx.Client) -> None:
    answer = standing_api.get("/docs-static/swagger-ui.css")
    assert answer.headers["etag"]
    assert "cache-control" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
