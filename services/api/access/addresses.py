"""Addresses from which requests come, and the proxies that may say so."""

import ipaddress

NETWORK_BITS = 64  # of an IPv6 address: one customer has the rest


def network_of(address: str) -> str:
    """What requests of one client have in common: the address, of IPv6 its network."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:  # a proxy wrote something else
        return address
    if parsed.ipv4_mapped is not None:  # a socket for both kinds of addresses writes them so
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), NETWORK_BITS), strict=False))


def require_proxies(proxies: tuple[str, ...]) -> tuple[str, ...]:
    """ValueError for what is no address or network.

    Uvicorn takes any text, and would never meet it; and `*`, for which it believes the first
    address of the header, which clients write themselves.
    """
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise ValueError(
                f"'{proxy}' is no IP address or network such as 172.16.0.0/12"
            ) from None
    return proxies
