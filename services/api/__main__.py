"""Serves on this machine as the image does: `python -m services.api [--port P]`."""

import argparse
import socket

import uvicorn

from services.api.main import create_app
from services.api.settings import ApiSettings
from shared.errors import SommelierError
from shared.jobs import run_job


class PortTaken(SommelierError):
    """Somebody else listens where the API should."""


def require_free(address: str, port: int) -> None:
    """PortTaken where the API could not listen at an address and port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        raise PortTaken(
            f"The API cannot listen on {address}, port {port}: {reason}. Choose another port: "
            "make serve PORT=8010, or --port 8010."
        ) from error


def port_number(text: str) -> int:
    """0 (any that is free) to 65,535; ValueError, which argparse puts in words, for another."""
    port = int(text)
    if not 0 <= port < 2**16:
        raise ValueError(text)
    return port


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.api", description=__doc__)
    parser.add_argument("--port", type=port_number, default=8000)
    parser.add_argument(
        "--check", action="store_true", help="say whether it could be served there, and end"
    )
    arguments = parser.parse_args()
    settings, port = ApiSettings.load(), arguments.port
    require_free(settings.publish_address, port)
    if arguments.check:
        return
    uvicorn.run(
        create_app(settings),
        host=settings.publish_address,
        port=port,
        access_log=False,
        forwarded_allow_ips=",".join(settings.forwarded_allow_ips),
    )


if __name__ == "__main__":
    run_job(main)
