from pathlib import Path

import pytest

from services.api.settings import ApiSettings, is_loopback
from shared.settings import ConfigurationError
from tests.api.keys import ADMIN, READ, SIGNING_KEY, WRITE


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
    keys = {"api_key": WRITE, "admin_api_key": ADMIN}
    ApiSettings.load(publish_address="0.0.0.0", **keys)
    with pytest.raises(ConfigurationError, match=rf"'0\.0\.0\.0'.* {missing.upper()}"):
        ApiSettings.load(publish_address="0.0.0.0", **(keys | {missing: empty}))


def test_this_machine_alone_needs_no_key() -> None:
    ApiSettings.load(publish_address="127.0.0.1", api_key=None, admin_api_key=None)


LONG = "another key of 16 characters and more"
HASH = "sha256:" + "0f" * 32


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("api_key", "short", "entry 1 has 5 characters, and a key has 16"),
        ("api_key", f"{LONG},short", "entry 2 has 5 characters"),
        ("admin_api_key", "sha256:0f", "64 hex digits"),
        ("admin_api_key", f"{HASH}0", "64 hex digits"),
        ("api_key", "sha256:" + "x" * 64, "64 hex digits"),
        ("api_key", f"{LONG}@https://shop.example", "only a READ_API_KEY"),
        ("read_api_key", f"{HASH}@https://shop.example/path", "no origin"),
        ("read_api_key", f"{HASH}@shop.example", "no origin"),
        ("read_api_key", f"{HASH}@", "no origin"),
        ("read_api_key", f"{HASH}@*", "no origin"),
        ("read_api_key", f"{HASH}@https://a.example+", "no origin"),
        ("read_api_key", f"short@{LONG}", "no origin"),
        ("user_signing_key", LONG[:31], "entry 1 has 31 characters, and a signing key has 32"),
    ],
)
def test_a_wrong_key_is_named_by_its_place_and_not_shown(
    name: str, value: str, reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"^Config '{name.upper()}'.*{reason}") as caught:
        ApiSettings.load(**{name: value})
    for part in (LONG, "short", "0f0f"):
        assert part not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("origins", "reason"),
    [
        ("*", "no origin"),
        ("null", "no origin"),
        ("https://shop.example/", "no path"),
        ("https://shop.example?", "no path"),
        ("https://me@shop.example", "no origin"),
        ("https://shop.example:port", "no origin"),
        ("ftp://shop.example", "no origin"),
        ("https://", "no origin"),
        ("https://*.shop.example", "no origin"),
        ("https://bücher.example", "xn--"),
    ],
)
def test_a_wrong_origin_is_refused(origins: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"CORS_ORIGINS.*{reason}"):
        ApiSettings.load(cors_origins=f"https://first.example,{origins}")


def test_origins_are_kept_as_browsers_write_them() -> None:
    settings = ApiSettings.load(
        cors_origins="HTTPS://Shop.Example:443, http://127.0.0.1:8080",
        read_api_key=f"{HASH}@https://a.example+http://[::1]:80,{LONG}",
    )
    assert settings.origins() == {
        "https://shop.example",
        "http://127.0.0.1:8080",
        "https://a.example",
        "http://[::1]",
    }


def test_no_key_is_kept_in_plain_text() -> None:
    settings = ApiSettings.load(read_api_key=f"{READ}@https://a.example", api_key=WRITE)
    assert not any(key in repr(settings) for key in (READ, WRITE))


def test_keys_of_a_file_may_stand_on_lines_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys"
    path.write_text(f"{WRITE}\n{LONG}\n")
    monkeypatch.setenv("API_KEY_FILE", str(path))
    assert len(ApiSettings.load().api_key) == 2


@pytest.mark.parametrize(
    "keys", [{"api_key": LONG, "read_api_key": LONG}, {"admin_api_key": f"{LONG}, {LONG}"}]
)
def test_a_key_stands_in_one_place(keys: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="a key that stands in") as caught:
        ApiSettings.load(**keys)
    assert LONG not in str(caught.value)


def test_signatures_without_keys_would_protect_nothing() -> None:
    with pytest.raises(ConfigurationError, match=r"USER_SIGNING_KEY.*no READ_API_KEY"):
        ApiSettings.load(user_signing_key=SIGNING_KEY, api_key=WRITE)


@pytest.mark.parametrize("proxies", ["10.0.0.1,proxy", "10.0.0.1/8", "10.0.0.0/33"])
def test_a_wrong_proxy_is_refused(proxies: str) -> None:
    with pytest.raises(ConfigurationError, match=r"FORWARDED_ALLOW_IPS.*is no IP address"):
        ApiSettings.load(forwarded_allow_ips=proxies)


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
