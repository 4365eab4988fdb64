"""The first recommendation, for whoever has just started everything.

    python -m services.api.programs.first_list [--url http://127.0.0.1:8000] [--wait SECONDS]

Waits until the API can serve, then shows a list, how to ask for it, and what to try next.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from services.api.programs.client import DEFAULT_URL, NotServing, call, wait_until_ready

FIRST_USER = "U10001"  # always among the generated users
TITLE_WIDTH = 40

NEXT = """\
Try next:
  {url}/docs            every request, to try in the browser
  curl {url}/users      whom the model knows
  curl {url}/health     how every part is
  {predict}
  make train            train on what has happened since; the API follows by itself
  make import FROM=PATH bring your own data: CSV, Parquet, MovieLens
"""


def welcome(url: str) -> str:
    """What a newcomer reads: a first list as a table, the request for it, and what to try next."""
    body = {"user_id": _shown_user(url), "top_n": 10}
    answer = call(f"{url}/recommend", body)
    recommended = answer["recommendations"]
    predict = {
        "user_id": body["user_id"],
        "item_ids": [item["item_id"] for item in recommended[:2]],
    }
    return "\n".join(
        [
            f"What {body['user_id']} will like next (model {answer['model_version']}):",
            "",
            *_table(recommended),
            "",
            _curl(f"{url}/recommend", body),
            "",
            NEXT.format(url=url, predict=_curl(f"{url}/predict", predict)),
        ]
    )


def _curl(url: str, body: Mapping[str, Any]) -> str:
    return f"curl {url} -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}"


def _shown_user(url: str) -> str:
    """The generator's first user if the model knows it, else the first whom it knows."""
    first = call(f"{url}/users?limit=1")["users"]
    try:
        known = call(f"{url}/users/{FIRST_USER}")["known_to_model"]
    except NotServing:
        known = False
    return FIRST_USER if known or not first else str(first[0]["user_id"])


def _table(recommendations: list[dict[str, Any]]) -> list[str]:
    header = f"{'rank':>4}  {'item':<12}  {'title':<{TITLE_WIDTH}}  {'categories':<12}  rating"
    return [header, *(_row(item) for item in recommendations)]


def _row(item: dict[str, Any]) -> str:
    rating = item["predicted_rating"]
    title, categories = item["title"][:TITLE_WIDTH], ", ".join(item["categories"])
    return (
        f"{item['rank']:>4}  {item['item_id']:<12}  {title:<{TITLE_WIDTH}}  "
        f"{categories[:12]:<12}  {'' if rating is None else f'{rating:.2f}':>6}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Show a first recommendation.")
    parser.add_argument("--url", default=DEFAULT_URL)
    parser.add_argument("--wait", type=float, default=60, help="seconds until it gives up")
    arguments = parser.parse_args()
    url = arguments.url.rstrip("/")
    try:
        wait_until_ready(url, arguments.wait)
        sys.stdout.write(welcome(url))
    except NotServing as error:
        sys.exit(f"No recommendation yet. {error}")


if __name__ == "__main__":
    main()
