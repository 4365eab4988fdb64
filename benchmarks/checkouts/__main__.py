"""Shows what a change of the code changes: in data, arrays, metrics, lists in bulk and answers.

    python -m benchmarks.checkouts record CHECKOUT FOLDER [--ml-100k PATH]
    python -m benchmarks.checkouts compare FOLDER FOLDER [--ignore-chance]

`record` runs the programs of a checkout (of another commit, say: `git worktree add`) with the
Python that runs this, over several sets of data, each with a SQLite database and an artifact folder
of its own in the new FOLDER:

- generated    the default generated data, trained with MODEL=auto, served with rules
- ml-100k      MovieLens 100K, with features of users, where its folder is given
- implicit     views without times, served with keys
- small-MODEL  few users, items and events of all types, trained with each model by name
- empty        nothing: an API without a version

A trained version gets a fixed name and time before it is served: chance puts items into a list by
the list's id, and that follows from the version's name. The API is asked with requests drawn from
a seed, one after the other: reads, writes, reads once the writes count for strangers, erasures,
new items, and wrong requests.

`compare` reads two such folders: the rows of the database and the `.npy` files, freshly trained and
after all requests; manifest, metrics and report; what `batch` wrote; status, headers and body of
every answer. All is compared exactly but for names of versions, ids of lists, times of writing, and
the order of two sets: the methods in `Allow`, and the models in an export's `numbers`.
Answers that chance has a part in (`exploration`, lists that have room for new items) are counted by
themselves: they differ where ids of lists do. For each kind of thing it prints how many are equal
and how many differ, then in how many of them each place differs (N stands for any number), then the
first three. The exit status is 1 where anything differs.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.checkouts.recording import record
from benchmarks.checkouts.summary import compare


def main(argv: Sequence[str] | None = None) -> None:
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command == "compare":
        sys.exit(compare(arguments.a, arguments.b, arguments.ignore_chance))
    if (arguments.checkout / ".env").exists():
        parser.error(f"{arguments.checkout / '.env'} would have a part in what is recorded")
    if arguments.folder.exists():
        parser.error(f"{arguments.folder} exists already")
    try:
        record(arguments.checkout.resolve(), arguments.folder.resolve(), arguments.ml_100k)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error} The log.txt of that set of data says why.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.checkouts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="run a checkout, and write down what it does")
    recording.add_argument("checkout", type=Path)
    recording.add_argument("folder", type=Path, help="a new one")
    recording.add_argument("--ml-100k", type=Path, help="folder of MovieLens 100K, with u.data")
    comparing = commands.add_parser("compare", help="print what differs between two records")
    comparing.add_argument("a", type=Path)
    comparing.add_argument("b", type=Path)
    comparing.add_argument(
        "--ignore-chance", action="store_true", help="0 where only answers by chance differ"
    )
    return parser


if __name__ == "__main__":
    main()
