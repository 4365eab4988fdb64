"""Makes a key, prints it once, and the line of `.env` from which nobody learns it.

    python -m services.api.programs.make_key read [--origin https://shop.example]

Needs nothing but Python: no setting, no server, no installed package.
"""

import argparse
import sys
from collections.abc import Sequence

from services.api.access.keys import hashed, make_key
from services.api.access.kinds import Kind
from services.api.access.origins import parse_origin

SETTINGS = {kind.name.lower(): kind.setting for kind in Kind if kind is not Kind.NONE}
SIGNING = "signing"

KEY = """\
The key, shown this once, for whoever asks the API:
  {key}
Its line in .env; to one that is there, add what follows the = behind a comma:
{line}
"""
SIGNING_KEY = """\
The line in .env, and what the shop's server signs user ids with. It is kept in plain text, as both
have to make the same signature; to a line that is there, add what follows the = behind a comma:
USER_SIGNING_KEY={key}
"""


def made(kind: str, origins: Sequence[str] = ()) -> str:
    """What to print for a new key of `read`, `write`, `admin` or `signing`."""
    key = make_key()
    if kind == SIGNING:
        return SIGNING_KEY.format(key=key)
    return KEY.format(key=key, line=f"{SETTINGS[kind]}={hashed(key, origins)}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a key for the API.")
    parser.add_argument("kind", choices=[*SETTINGS, SIGNING])
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        help="a page's, such as https://shop.example, to which a read key is bound; repeat it",
    )
    arguments = parser.parse_args()
    if arguments.origin and arguments.kind != "read":
        parser.error("--origin binds keys of the kind read alone")
    try:
        origins = [parse_origin(origin) for origin in arguments.origin]
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(made(arguments.kind, origins))


if __name__ == "__main__":
    main()
