"""Files that are imported one by one, in any order, make the version that one file of all makes."""

import csv
import datetime as dt
import gzip
import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from services.generator.__main__ import main
from services.trainer.pipeline import train_and_publish
from services.trainer.settings import TrainerSettings
from shared.artifacts.versions import Manifest
from shared.database.engine import open_database
from tests.trainer.quick import QUICK

pytestmark = pytest.mark.programs

SHOPS = Path(__file__).parent / "data" / "shops"
CELLS = ("user_id", "item_id", "event_type", "timestamp")

Command = Sequence[str]


def table(name: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    content = (SHOPS / name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)


def views() -> Iterator[tuple[str, ...]]:
    for row in table("views.csv"):
        yield row["user_id"], row["item_id"], "view", row["event_time"]


def carts() -> Iterator[tuple[str, ...]]:
    for row in table("carts.tsv.gz", "\t"):
        at = dt.datetime.fromtimestamp(int(row["timestamp"]) / 1000, dt.UTC)
        yield row["customer"], row["sku"], "cart", at.isoformat(timespec="milliseconds")


def wishes() -> Iterator[tuple[str, ...]]:
    """What nobody knows the time of: every third view again."""
    for user, item, *_rest in itertools.islice(views(), 0, None, 3):
        yield user, item, "wishlist", ""


def written(path: Path, rows: Iterator[tuple[str, ...]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([CELLS, *rows])
    return str(path)


def trained(folder: Path, commands: Sequence[Command], monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """The version of what these imports bring into a new database."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder}.sqlite")
    monkeypatch.setenv("ARTIFACT_DIR", str(folder))
    monkeypatch.setenv("EVENT_WEIGHTS", "wishlist:2")
    for command in commands:
        main(["import", *command])
    settings = TrainerSettings.load(**QUICK)
    return train_and_publish(open_database(settings.database()), settings)


def test_one_file_or_three_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no .env
    rows = itertools.chain(views(), carts(), wishes())
    together = trained(tmp_path / "together", [[written(tmp_path / "all.csv", rows)]], monkeypatch)
    files: list[Command] = [
        [str(SHOPS / "views.csv")],
        [str(SHOPS / "carts.tsv.gz"), "--event-type", "cart"],
        [written(tmp_path / "wishes.csv", wishes())],
    ]
    for number, order in enumerate([files, files[::-1], [files[2], files[0], files[1]]]):
        apart = trained(tmp_path / f"apart{number}", order, monkeypatch)
        assert apart.arrays == together.arrays
        assert apart.metrics == together.metrics
        assert apart.data.content_hash == together.data.content_hash
    protocol = str(together.metrics["last_of_each_user"]["protocol"])
    assert (
        protocol == "last 10% of each user's interactions; random 10% of the 18.2% without a time"
    )
