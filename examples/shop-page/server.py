"""The server of a tiny shop: it hands out one page, and signs who is logged in.

    READ_KEY=… USER_SIGNING_KEY=… python examples/shop-page/server.py [--port 8080]

READ_KEY is the key that the page sends, USER_SIGNING_KEY the first of the API's setting of that
name. SOMMELIER_URL says where the API is. docs/how-to/shop-page.md leads through it.
"""

import argparse
import hmac
import json
import os
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(__file__).parent
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/shop.js": ("shop.js", "text/javascript; charset=utf-8"),
}
SIGNED_SECONDS = 600  # then the page asks its own server again


def sign(key: str, user_id: str, expires: int) -> str:
    """The value of X-User-Signature."""
    message = f"sommelier-user\n{expires}\n{user_id}"
    return f"{expires}.{hmac.new(key.encode(), message.encode(), 'sha256').hexdigest()}"


class Shop(ThreadingHTTPServer):
    """Serves the page on this machine."""

    def __init__(self, port: int, api_url: str, read_key: str, signing_key: str) -> None:
        super().__init__(("127.0.0.1", port), Answer)
        self.api_url = api_url
        self.read_key = read_key
        self.signing_key = signing_key

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def session(self) -> dict[str, str]:
        """What the page needs to ask the API in the name of whoever is logged in."""
        user_id = "U10001"  # a real shop takes it from its own session, and never from the request
        expires = int(time.time()) + SIGNED_SECONDS
        return {
            "api": self.api_url,
            "key": self.read_key,
            "user_id": user_id,
            "signature": sign(self.signing_key, user_id, expires),
        }


class Answer(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        if self.path == "/session":
            self._send(json.dumps(self.server.session()).encode(), "application/json")
        elif self.path in FILES:
            name, media_type = FILES[self.path]
            self._send((FOLDER / name).read_bytes(), media_type)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, content: bytes, media_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")  # a signature is of one person
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a shop's page that shows recommendations.")
    parser.add_argument("--port", type=int, default=8080)
    port = parser.parse_args().port
    missing = [name for name in ("READ_KEY", "USER_SIGNING_KEY") if not os.environ.get(name)]
    if missing:
        sys.exit(f"{' and '.join(missing)} must be set: docs/how-to/shop-page.md says to what.")
    api_url = os.environ.get("SOMMELIER_URL", "http://127.0.0.1:8000").rstrip("/")
    read_key, signing_key = os.environ["READ_KEY"], os.environ["USER_SIGNING_KEY"]
    with Shop(port, api_url, read_key, signing_key) as shop:
        sys.stdout.write(f"The shop is open: {shop.origin}\n")
        sys.stdout.flush()
        try:
            shop.serve_forever()
        except KeyboardInterrupt:
            sys.stdout.write("The shop is closed.\n")


if __name__ == "__main__":
    main()
