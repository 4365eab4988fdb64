"""Serves on this machine as the image does: `python -m services.api [--port P]`."""

import argparse

import uvicorn

from services.api.main import create_app
from services.api.settings import ApiSettings
from shared.jobs import run_job


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.api", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    settings = ApiSettings.load()
    uvicorn.run(
        create_app(settings),
        host=settings.publish_address,
        port=port,
        access_log=False,
        forwarded_allow_ips=",".join(settings.forwarded_allow_ips),
    )


if __name__ == "__main__":
    run_job(main)
