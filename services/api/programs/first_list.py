"""The first recommendation, for whoever has just started everything.

    python -m services.api.programs.first_list [--url http://127.0.0.1:8000] [--wait SECONDS]

Waits until the API can answer, and for the first training where there is enough to train on; then
shows a list, how to ask for it, and what to try next. Where there is too little yet it says what to
do about that.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from services.api.live.untrained import UNTRAINED
from services.api.programs.client import DEFAULT_URL, NotServing, call, wait_until_ready

FIRST_USER = "U10001"  # always among the generated users
TITLE_WIDTH = 40
START_SECONDS = 60  # until the API answers; it takes 2

NEXT = """\
Try next:
  {url}/docs            every request, to try in the browser
  curl {url}/users      whom the model knows
  curl {url}/health     how every part is
  {predict}
  make train            train on what has happened since; the API follows by itself
  make import FROM=PATH bring your own data: CSV, Parquet, MovieLens
"""

UNTRAINED_YET = """\
The API answers on {url}. {training}

Bring what you have (CSV, Parquet, MovieLens):
  make import FROM=PATH
or send what happens, as it happens:
  {event}
and ask for a list:
  {ask}

  {url}/docs            every request, to try in the browser
  curl {url}/health     how every part is, and how far it is to the first training
"""


def greeting(url: str, seconds: float) -> str:
    """What a newcomer reads: a first list, waited for up to `seconds` where there is enough to
    train on; else what to do next."""
    progress = call(f"{url}/health")["first_training"]
    if progress is None or progress["interactions"] >= progress["train_after"]:
        try:
            wait_until_ready(url, seconds, accepts=lambda version: version != UNTRAINED)
        except NotServing:
            return untrained_yet(url, "Its first training is still to come: its log says why.")
        return welcome(url)
    left = f"{progress['interactions']:,} of {progress['train_after']:,} interactions"
    return untrained_yet(
        url,
        f"Nothing is trained yet ({left} until that\nhappens by itself): "
        "its lists are what is popular, from the first event on.",
    )


def untrained_yet(url: str, training: str) -> str:
    """What to do next where no model is trained; `training` says in words what it waits for."""
    event = {"user_id": "somebody", "item_id": "something", "event_type": "view"}
    return UNTRAINED_YET.format(
        url=url,
        training=training,
        event=_curl(f"{url}/interactions", {"interactions": [event]}),
        ask=_curl(f"{url}/recommend", {"user_id": "somebody else"}),
    )


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
    header = f"{'rank':>4}  {'item':<12}  {'title':<{TITLE_WIDTH}}  {'category':<12}  rating"
    return [header, *(_row(item) for item in recommendations)]


def _row(item: dict[str, Any]) -> str:
    rating = item["predicted_rating"]
    title = item["title"][:TITLE_WIDTH]
    return (
        f"{item['rank']:>4}  {item['item_id']:<12}  {title:<{TITLE_WIDTH}}  "
        f"{item['category'][:12]:<12}  {'' if rating is None else f'{rating:.2f}':>6}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Show a first recommendation.")
    parser.add_argument("--url", default=DEFAULT_URL)
    parser.add_argument(
        "--wait", type=float, default=60, help="seconds that the first training may take"
    )
    arguments = parser.parse_args()
    url = arguments.url.rstrip("/")
    try:
        wait_until_ready(url, START_SECONDS)
        sys.stdout.write(greeting(url, arguments.wait))
    except NotServing as error:
        sys.exit(f"No recommendation yet. {error}")


if __name__ == "__main__":
    main()
