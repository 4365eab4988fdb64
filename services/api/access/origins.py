"""Origins of web pages, as browsers write them into the header Origin (RFC 6454)."""

from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origin(text: str) -> str:
    """The origin as browsers send it; ValueError for what no browser sends."""
    problem = ValueError(f"'{text}' is no origin: write https://shop.example, or with a :port")
    url = urlsplit(text)
    if url.scheme not in DEFAULT_PORTS or not url.hostname or url.username is not None:
        raise problem
    if url.path or url.query or url.fragment or text.endswith(("?", "#", ":")):
        raise ValueError(f"'{text}' is no origin: one has no path, and no / at its end")
    if not text.isascii():
        raise ValueError(f"'{text}' is no origin: write its ASCII form (xn--…), as browsers do")
    if any(not (letter.isalnum() or letter in "-._:[]") for letter in url.netloc):
        raise problem
    try:
        port = url.port
    except ValueError:
        raise problem from None
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    suffix = "" if port in (None, DEFAULT_PORTS[url.scheme]) else f":{port}"
    return f"{url.scheme}://{host}{suffix}"


def parse_origins(value: object) -> object:
    """A comma list of origins."""
    if not isinstance(value, str):
        return value
    return tuple(parse_origin(part.strip()) for part in value.split(",") if part.strip())
