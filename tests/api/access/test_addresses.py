import pytest

from services.api.access.addresses import network_of, require_proxies


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no:address", "no:address"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_requests_of_one_client_have_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_proxies_are_named() -> None:
    for proxies in (("10.0.0.1", "172.16.0.0/12", "::1"), ()):
        assert require_proxies(proxies) == proxies
    with pytest.raises(ValueError, match="is no IP address"):
        require_proxies(("10.0.0.1", "*"))
