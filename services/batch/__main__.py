"""Writes the best items of every user of a version to a Parquet file.

    python -m services.batch [--top-n 50] [--output lists.parquet] [--rank-by rating]

The lists are those of POST /recommend as the version alone would make them: without what happened
since it was trained, and without the rules that steer what is served. Of items that nobody has
described those are listed that enough people used at training (UNDESCRIBED_ITEM_USERS). Users of
whom the ranker knows nothing get the list for strangers. No database is needed.

Columns: user_id, rank (from 1), item_id, score, predicted_rating (null without --ratings, unless
lists are ranked by it). Rows are in the byte order of user_id, then by rank. The file's metadata
names the model_version, the ranker, created_at, the settings that the version was trained with and
the options of the lists.
"""

import argparse
import datetime as dt
import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from services.batch.lists import Lists
from services.batch.parquet import write_parquet
from services.batch.ranking import LARGEST_BLOCK, BatchRanking
from services.batch.settings import BatchSettings
from shared.artifacts.current import require_current
from shared.artifacts.versions import VersionError, manifest_signature, read_version
from shared.jobs import run_job
from shared.scorers.choice import RankBy

logger = logging.getLogger(__name__)

LONGEST = 1_000  # 256 lists as long take 3 MB, and a few dozen such blocks wait to be written


def main(words: Sequence[str]) -> None:
    arguments = _parser().parse_args(words)
    settings = BatchSettings.load()
    artifact_dir = settings.artifact_dir
    name = arguments.version or require_current(artifact_dir).version
    output = arguments.output or _usual_output(artifact_dir, name, arguments)
    manifest = manifest_signature(artifact_dir, name)
    version = read_version(artifact_dir, name)
    ranking = BatchRanking(
        version,
        arguments.top_n,
        arguments.rank_by,
        arguments.ratings,
        arguments.block,
        settings.undescribed_item_users,
    )
    begin = time.monotonic()
    lists = ranking.all_lists()
    unchanged = while_unchanged(lists, lambda: manifest_signature(artifact_dir, name) == manifest)
    rows = write_parquet(output, unchanged, version.content, _metadata(ranking))
    logger.info(
        "%s users, %s rows in %.1f s: %s",
        f"{version.content.users.num_ids:,}",
        f"{rows:,}",
        time.monotonic() - begin,
        output,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.batch", description=__doc__)
    parser.add_argument(
        "--top-n", type=_number(LONGEST), default=50, help=f"items a list, up to {LONGEST:,}; 50"
    )
    parser.add_argument("--output", type=Path, help="the file; batch/ in ARTIFACT_DIR without one")
    parser.add_argument("--version", help="the version to read; the current one without a name")
    parser.add_argument("--rank-by", choices=get_args(RankBy), default="relevance")
    parser.add_argument("--ratings", action="store_true", help="predict a rating for every row")
    parser.add_argument(
        "--block", type=_number(LARGEST_BLOCK), help="users at once; fewer take less memory"
    )
    return parser


def _number(largest: int) -> Callable[[str], int]:
    """Reads an option from 1 to `largest`."""

    def number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= largest:
            raise argparse.ArgumentTypeError(f"{text} is not between 1 and {largest:,}")
        return value

    return number


def _usual_output(artifact_dir: Path, version: str, arguments: argparse.Namespace) -> Path:
    ranked = "" if arguments.rank_by == "relevance" else f"-by-{arguments.rank_by}"
    return artifact_dir / "batch" / f"{version}-top{arguments.top_n}{ranked}.parquet"


def while_unchanged(lists: Iterable[Lists], is_unchanged: Callable[[], bool]) -> Iterator[Lists]:
    """The same lists; VersionError at their end where the version was replaced meanwhile."""
    yield from lists
    if not is_unchanged():
        raise VersionError("A user was erased meanwhile, and may be in the lists: start again.")


def _metadata(ranking: BatchRanking) -> dict[str, str]:
    manifest = ranking.version.manifest
    options = {
        "top_n": ranking.top_n,
        "rank_by": ranking.rank_by,
        "ratings": ranking.with_ratings,
        "undescribed_item_users": ranking.undescribed_item_users,
    }
    return {
        "model_version": manifest.version,
        "ranker": ranking.model,
        "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "options": json.dumps(options),
        "settings": json.dumps(manifest.settings),
    }


if __name__ == "__main__":
    run_job(lambda: main(sys.argv[1:]))
