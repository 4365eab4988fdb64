"""Addresses from which requests come, and the proxies that may say so."""

import ipaddress

NETWORK_BITS = 64  # of an IPv6 address: one customer has the rest


def network_of(address: str) -> str:
    """What requests of one client have in common: the address, of IPv6 its network."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False))
    except ValueError:  # a proxy wrote something else
        return address


def require_proxies(proxies: tuple[str, ...]) -> tuple[str, ...]:
    """ValueError for what is neither `*` nor an address or network: uvicorn would never meet it."""
    for proxy in proxies:
        if proxy != "*":
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise ValueError(
                    f"'{proxy}' is no IP address or network such as 172.16.0.0/12"
                ) from None
    return proxies
