"""The first recommendation, for whoever has just started everything.

    python -m services.api.programs.first_list [--url http://127.0.0.1:8000] [--wait SECONDS]

Waits until the API can answer, and for the first training where there is enough to train on; then
shows a list, how to ask for it, and what to try next. Where there is too little yet it says what to
do about that. Where the API asks for keys it uses one of API_KEY or ADMIN_API_KEY that the settings
have in plain text; where they have hashes alone it shows how to ask, as nobody but you knows the
key.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from services.api.access.keys import entries, is_hashed
from services.api.live.untrained import UNTRAINED
from services.api.programs.client import (
    DEFAULT_URL,
    NeedsKey,
    NotServing,
    call,
    wait_until_ready,
)
from shared.settings import ConfigurationError, Settings

FIRST_USER = "U10001"  # always among the generated users
TITLE_WIDTH = 40
START_SECONDS = 60  # until the API answers; it takes 2

KEY_OPTION = ' -H "X-API-Key: $API_KEY"'

NEXT = """\
Try next:
  {url}/docs            every request, to try in the browser
  curl {url}/users{key}      whom the model knows
  curl {url}/health{key}     how every part is
  {predict}
  make train            train on what has happened since; the API follows by itself
  make import FROM=PATH bring your own data: CSV, Parquet, MovieLens
"""

UNTRAINED_YET = """\
The API answers on {url}. {training}

Bring what you have (CSV, Parquet, MovieLens):
  make import FROM=PATH
or send what happens, as it happens (lists hold what is described, or what two people used):
  {events}
and ask for a list:
  {ask}

  {url}/docs            every request, to try in the browser
  curl {url}/health{key}     how every part is, and how far it is to the first training
"""

LOCKED = """\
Sommelier can serve at {url}, and asks for a key, of which the settings have hashes alone.
With yours in $API_KEY a first list is

{recommend}
"""


class KeySettings(Settings):
    """The keys as they are written down, which the API itself forgets."""

    api_key: SecretStr | None = None
    """The first that is no hash is sent."""

    admin_api_key: SecretStr | None = None
    """The same, where API_KEY has none."""

    def plain_key(self) -> str | None:
        """A key that opens lists and users; None where there are hashes alone, or none is set."""
        given = [key.get_secret_value() for key in (self.api_key, self.admin_api_key) if key]
        plain = [entry for text in given for entry in entries(text) if not is_hashed(entry)]
        return plain[0] if plain else None


def greet(url: str, key: str | None, seconds: float = 0) -> str:
    """What a newcomer reads: a first list, waited for up to `seconds` where there is enough to
    train on, or else what to do next; how to ask where the API wants another key than this one."""
    try:
        return _greeting(url, key, seconds)
    except NeedsKey:
        body = {"user_id": FIRST_USER, "top_n": 10}
        return LOCKED.format(url=url, recommend=_curl(f"{url}/recommend", body, KEY_OPTION))


def _greeting(url: str, key: str | None, seconds: float) -> str:
    progress = call(f"{url}/health", key=key)["first_training"]
    if progress is not None and progress["interactions"] < progress["train_after"]:
        left = f"{progress['interactions']:,} of {progress['train_after']:,} interactions"
        return untrained_yet(
            url,
            f"Nothing is trained yet ({left} until that\nhappens by itself): "
            "its lists are what is popular, from the first events on.",
            key,
        )
    try:
        wait_until_ready(url, seconds, accepts=lambda version: version != UNTRAINED)
    except NotServing:
        return untrained_yet(url, "Its first training is still to come: its log says why.", key)
    return welcome(url, key)


def untrained_yet(url: str, training: str, key: str | None) -> str:
    """What to do next where no model is trained; `training` says in words what it waits for."""
    option = "" if key is None else KEY_OPTION
    events = [
        {"user_id": user, "item_id": "something", "event_type": "view"} for user in ("ann", "ben")
    ]
    return UNTRAINED_YET.format(
        url=url,
        key=option,
        training=training,
        events=_curl(f"{url}/interactions", {"interactions": events}, option),
        ask=_curl(f"{url}/recommend", {"user_id": "somebody new"}, option),
    )


def welcome(url: str, key: str | None = None) -> str:
    """What a newcomer reads: a first list as a table, the request for it, and what to try next."""
    option = "" if key is None else KEY_OPTION
    body = {"user_id": _shown_user(url, key), "top_n": 10}
    answer = call(f"{url}/recommend", body, key)
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
            _curl(f"{url}/recommend", body, option),
            "",
            NEXT.format(url=url, key=option, predict=_curl(f"{url}/predict", predict, option)),
        ]
    )


def _curl(url: str, body: Mapping[str, Any], option: str) -> str:
    sent = shlex.quote(json.dumps(body))
    return f"curl {url} -H 'Content-Type: application/json'{option} -d {sent}"


def _shown_user(url: str, key: str | None) -> str:
    """The generator's first user if the model knows it, else the first whom it knows."""
    first = call(f"{url}/users?limit=1", key=key)["users"]
    try:
        known = call(f"{url}/users/{FIRST_USER}", key=key)["known_to_model"]
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
    parser.add_argument(
        "--wait", type=float, default=60, help="seconds that the first training may take"
    )
    arguments = parser.parse_args()
    url = arguments.url.rstrip("/")
    try:
        key = KeySettings.load().plain_key()
        wait_until_ready(url, START_SECONDS)
        sys.stdout.write(greet(url, key, arguments.wait))
    except (NotServing, ConfigurationError) as error:
        sys.exit(f"No recommendation yet. {error}")


if __name__ == "__main__":
    main()
