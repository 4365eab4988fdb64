import pytest

from services.api.settings import ApiSettings, is_loopback
from shared.settings import ConfigurationError


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback(address: str, loopback: bool) -> None:
    assert is_loopback(address) is loopback


@pytest.mark.parametrize("missing", ["api_key", "admin_api_key"])
@pytest.mark.parametrize("empty", [None, ""])
def test_an_address_that_others_reach_needs_both_keys(missing: str, empty: str | None) -> None:
    keys = {"api_key": "one", "admin_api_key": "two"}
    ApiSettings.load(publish_address="0.0.0.0", **keys)
    with pytest.raises(ConfigurationError, match=rf"'0\.0\.0\.0'.* {missing.upper()}"):
        ApiSettings.load(publish_address="0.0.0.0", **(keys | {missing: empty}))


def test_this_machine_alone_needs_no_key() -> None:
    ApiSettings.load(publish_address="127.0.0.1", api_key=None, admin_api_key=None)


def test_every_event_excludes_by_default() -> None:
    assert ApiSettings.load().exclude_events == ()


def test_exclude_events_is_a_comma_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUDE_EVENTS", "purchase, rating")
    assert ApiSettings.load().exclude_events == ("purchase", "rating")


def test_an_unknown_event_is_named_beside_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"EXCLUDE_EVENTS.*'sale' is no event.*purchase"):
        ApiSettings.load(exclude_events="purchase,sale")


@pytest.mark.parametrize(
    "url",
    [
        "http://:secret@redis",
        "redis://:secret@redis:port",
        "redis://user:secret/x@redis",
        "redis://user:secret#x@redis",
    ],
)
def test_a_wrong_redis_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="REDIS_URL") as caught:
        ApiSettings.load(redis_url=url)
    assert "secret" not in str(caught.value)


def test_an_empty_redis_url_is_none() -> None:
    assert ApiSettings.load(redis_url="").redis_url is None
