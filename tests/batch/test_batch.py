"""The lists of every user of a version, in a Parquet file."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from services.batch.__main__ import main, while_unchanged
from services.batch.lists import Lists
from services.batch.parquet import write_parquet
from services.batch.ranking import BatchRanking
from services.batch.workers import in_order
from shared.artifacts.current import read_current
from shared.artifacts.erasure import erase_from_versions, these_users
from shared.artifacts.versions import Version, VersionError, read_version
from shared.scorers import Blend, ImplicitFactorization, ItemWeights, Scorer
from shared.scorers.choice import RankBy, ServedScores, is_known
from shared.scorers.histories import Histories
from tests.api import small_version
from tests.api.small_version import FASHION_FANS, INACTIVE, SEEN, TECH_FANS, TECH_ITEMS
from tests.shared.full_sort import sorted_items

TECH_FAN, OTHER_TECH_FAN = TECH_FANS[:2]


def test_results_come_in_the_order_of_the_tasks() -> None:
    assert list(in_order(lambda task: task * 2, range(500), threads=3)) == list(range(0, 1000, 2))


def test_an_error_of_a_worker_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda task: 1 // task, range(50), threads=2))


def histories_of_all_kinds() -> Histories:
    """Every mixture of up to two rows that count or not, were wanted or not, rated or not."""
    kinds = list(np.ndindex(2, 2, 2))
    users = [
        [],
        *([kind] for kind in kinds),
        *([first, second] for first in kinds for second in kinds),
    ]
    rows = [row for user in users for row in user]
    return Histories(
        offsets=np.append(0, np.cumsum([len(user) for user in users])),
        item_indices=np.zeros(len(rows), dtype=np.int32),
        preferences=np.array([preference for _, preference, _ in rows], dtype=np.bool_),
        confidences=np.array([confident for confident, _, _ in rows], dtype=np.float32),
        ratings=np.array([3 if rated else np.nan for _, _, rated in rows], dtype=np.float32),
        recency_ranks=np.zeros(len(rows), dtype=np.int32),
        attributes=np.empty((len(users), 0), dtype=np.float32),
    )


def implicit(rng: np.random.Generator, users: int, items: int) -> ImplicitFactorization:
    return ImplicitFactorization(
        user_factors=rng.standard_normal((users, 3), dtype=np.float32),
        item_factors=rng.standard_normal((items, 3), dtype=np.float32),
        gram=np.eye(3, dtype=np.float32),
        penalty=np.ones(2, dtype=np.float32),
        recency=np.array([np.inf], dtype=np.float32),
    )


def item_weights(rng: np.random.Generator, items: int, histories: Histories) -> ItemWeights:
    """So coarse that many scores are equal."""
    weights = rng.integers(-1, 2, (items, items)).astype(np.float32)
    return ItemWeights(weights, np.array([np.inf], dtype=np.float32), histories)


def scorer_of(name: str, version: Version) -> Scorer:
    """A model of that name over the users and items of the small version."""
    rng, content = np.random.default_rng(5), version.content
    users, items = len(content.users), len(content.items)
    factors = implicit(rng, users, items)
    weights = item_weights(rng, items, content.histories)
    scorers: dict[str, Scorer] = {
        "ials": factors,
        "ease": weights,
        "blend": Blend(factors, weights),
        "popularity": content.fallback,
        **content.models,
    }
    return scorers[name]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    folder = tmp_path_factory.mktemp("version")
    return read_version(folder, small_version.publish(folder))


def with_ranker(version: Version, name: str) -> Version:
    """The same version with another ranker, in memory."""
    models = {**version.content.models, name: scorer_of(name, version)}
    manifest = version.manifest.model_copy(update={"ranker": name})
    return Version(manifest, replace(version.content, models=models))


@pytest.mark.parametrize("name", ["als", "ials", "ease", "blend", "popularity"])
def test_whom_a_scorer_knows_is_told_as_it_says_itself(version: Version, name: str) -> None:
    scorer, histories = scorer_of(name, version), histories_of_all_kinds()
    known = ServedScores(scorer, version.content.fallback, histories).known
    assert known.tolist() == [is_known(scorer, history) for history in histories]


def joined(ranking: BatchRanking) -> Lists:
    return Lists.joined(list(ranking.all_lists()))


def rows_by_user(lists: Lists) -> list[NDArray[np.int32]]:
    return np.split(lists.item_indices, np.cumsum(lists.sizes)[:-1])


@pytest.mark.parametrize("top_n", [3, 60])
@pytest.mark.parametrize("name", ["als", "bayesian", "ials", "ease", "blend", "popularity"])
def test_the_lists_of_every_scorer_are_those_of_a_full_sort(
    tmp_path: Path, name: str, top_n: int
) -> None:
    small = small_version.publish(tmp_path, rating_model="bayesian")
    version = with_ranker(read_version(tmp_path, small), name)
    content, users = version.content, np.arange(len(version.content.users))
    scores = np.array(version.ranker.score(version.ranker.vectors(users)))
    scores[:, ~content.is_active] = -np.inf
    scores[content.histories.user_indices(), content.histories.item_indices] = -np.inf
    lists = joined(BatchRanking(version, top_n, block=5))
    assert lists.user_indices.tolist() == users.tolist()
    assert [row.tolist() for row in rows_by_user(lists)] == sorted_items(scores, top_n)
    assert lists.scores.tolist() == scores[lists.owners(), lists.item_indices].tolist()


def test_a_block_of_any_size_makes_the_same_lists(version: Version) -> None:
    whole = joined(BatchRanking(version, 10))
    for block in (1, 7, 18):
        parts = joined(BatchRanking(version, 10, block=block))
        assert parts.item_indices.tolist() == whole.item_indices.tolist()


def without(version: Version, user_id: str) -> Version:
    """The version that has learnt nothing of a user whom it still names."""
    content = version.content
    histories = content.histories.without_users(np.array([content.users.find(user_id)]))
    return Version(version.manifest, replace(content, histories=histories))


def test_who_did_nothing_gets_the_list_for_strangers(version: Version) -> None:
    content, user = version.content, version.content.users.find(TECH_FAN)
    lists = joined(BatchRanking(without(version, TECH_FAN), 4))
    popular = np.where(content.is_active, content.popularity, -np.inf)[None]
    assert rows_by_user(lists)[user].tolist() == sorted_items(popular, 4)[0]
    other = content.users.find(OTHER_TECH_FAN)
    assert content.items[int(rows_by_user(lists)[other][0])] == "TECH1019"


def test_ranked_by_rating_nobody_is_a_stranger(version: Version) -> None:
    lists = joined(BatchRanking(without(version, TECH_FAN), 1, "rating"))
    user = version.content.users.find(TECH_FAN)
    assert version.content.items[int(rows_by_user(lists)[user][0])] == "TECH1019"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The artifact folder of `main`, with the small version in it."""
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("ARTIFACT_DIR", str(tmp_path / "artifacts"))
    small_version.publish_current(tmp_path / "artifacts")
    return tmp_path / "artifacts"


def read(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_everyone_gets_what_they_like_and_have_not_seen(settings: Path) -> None:
    main(["--top-n", "50", "--output", "new/lists.parquet"])
    rows = read(Path("new/lists.parquet"))
    assert files_in(Path("new")) == ["lists.parquet"]
    assert list(dict.fromkeys(row["user_id"] for row in rows)) == sorted(TECH_FANS + FASHION_FANS)
    own_rows = [row for row in rows if row["user_id"] == TECH_FAN]
    assert [row["rank"] for row in own_rows] == list(range(1, 40 - SEEN))
    liked = [item for item in reversed(TECH_ITEMS[SEEN:]) if item != INACTIVE]
    assert [row["item_id"] for row in own_rows[: len(liked)]] == liked
    assert own_rows[0]["score"] == pytest.approx(6.99)
    assert {row["predicted_rating"] for row in rows} == {None}


def test_types_and_metadata_tell_what_the_file_is(settings: Path) -> None:
    current = read_current(settings)
    assert current is not None
    main(["--top-n", "2", "--rank-by", "rating"])
    (path,) = (settings / "batch").iterdir()
    assert path.name == f"{current.version}-top2-by-rating.parquet"
    schema = pq.read_schema(path)
    ids = pa.dictionary(pa.int32(), pa.string())
    assert schema.names == ["user_id", "rank", "item_id", "score", "predicted_rating"]
    assert schema.types == [ids, pa.int32(), ids, pa.float32(), pa.float32()]
    metadata = {name.decode(): value.decode() for name, value in schema.metadata.items()}
    assert metadata["model_version"] == current.version
    assert metadata["ranker"] == "als"
    assert json.loads(metadata["settings"]) == {}
    assert json.loads(metadata["options"]) == {
        "top_n": 2,
        "rank_by": "rating",
        "ratings": False,
        "undescribed_item_users": 2,
    }


def test_a_name_chooses_another_version(settings: Path) -> None:
    before = small_version.publish(settings, ranker="popularity")
    main(["--version", before, "--top-n", "1"])
    (path,) = (settings / "batch").iterdir()
    assert path.name == f"{before}-top1.parquet"
    assert {row["item_id"] for row in read(path)} == {"FASH1020"}


@pytest.mark.parametrize("rank_by", ["relevance", "rating"])
def test_the_file_holds_the_lists_that_are_served(
    standing_api: httpx.Client, settings: Path, rank_by: RankBy
) -> None:
    main(["--top-n", "30", "--ratings", "--rank-by", rank_by, "--output", "lists.parquet"])
    rows = iter(read(Path("lists.parquet")))
    for user_id in sorted(TECH_FANS + FASHION_FANS):
        body = {"user_id": user_id, "top_n": 30, "rank_by": rank_by}
        answer = standing_api.post("/recommend", json=body).json()
        for served in answer["recommendations"]:
            row = next(rows)
            assert row["user_id"] == user_id
            assert [row[name] for name in ("rank", "item_id")] == [
                served["rank"],
                served["item_id"],
            ]
            assert row["score"] == pytest.approx(served["score"], abs=1e-4)
            assert row["predicted_rating"] == pytest.approx(served["predicted_rating"], abs=1e-4)
    assert next(rows, None) is None


def test_erased_users_are_in_no_row(settings: Path) -> None:
    main(["--output", "before.parquet"])
    for user_id in (TECH_FAN, min(TECH_FANS + FASHION_FANS)):
        erase_from_versions(settings, these_users([user_id]))
    main(["--output", "after.parquet"])
    erased = (TECH_FAN, min(TECH_FANS + FASHION_FANS))
    kept = [row for row in read(Path("before.parquet")) if row["user_id"] not in erased]
    assert read(Path("after.parquet")) == kept


def test_without_ratings_there_are_none_to_predict(settings: Path) -> None:
    name = small_version.publish(settings, with_ratings=False)
    main(["--version", name, "--ratings", "--output", "lists.parquet"])
    assert {row["predicted_rating"] for row in read(Path("lists.parquet"))} == {None}


def test_without_ratings_nothing_is_ranked_by_them(settings: Path) -> None:
    name = small_version.publish(settings, with_ratings=False)
    with pytest.raises(VersionError, match="--rank-by relevance"):
        main(["--version", name, "--rank-by", "rating"])


@pytest.mark.parametrize("group_rows", [1, 100, 10_000])
def test_row_groups_of_any_size_hold_the_same_rows(
    tmp_path: Path, version: Version, group_rows: int
) -> None:
    ranking, path = BatchRanking(version, 10, block=4), tmp_path / "lists.parquet"
    count = write_parquet(path, ranking.all_lists(), version.content, {}, group_rows)
    rows, lists = read(path), joined(ranking)
    assert len(rows) == count == 10 * len(version.content.users)
    assert [row["item_id"] for row in rows] == [
        version.content.items[item] for item in lists.item_indices.tolist()
    ]
    groups = pq.ParquetFile(path).num_row_groups
    assert groups == {1: 5, 100: 2, 10_000: 1}[group_rows]


def test_a_version_without_active_items_makes_an_empty_file(
    tmp_path: Path, version: Version
) -> None:
    content = replace(version.content, is_active=np.zeros(len(version.content.items), np.bool_))
    ranking = BatchRanking(Version(version.manifest, content), 10)
    assert write_parquet(tmp_path / "lists.parquet", ranking.all_lists(), content, {}) == 0
    assert read(tmp_path / "lists.parquet") == []


def test_what_was_there_stays_where_writing_fails(tmp_path: Path, version: Version) -> None:
    path = tmp_path / "lists.parquet"
    path.write_text("before")

    def breaks() -> Iterator[Lists]:
        yield from BatchRanking(version, 3).all_lists()
        raise VersionError("damaged")

    with pytest.raises(VersionError):
        write_parquet(path, breaks(), version.content, {}, group_rows=1)
    assert path.read_text() == "before"
    assert files_in(tmp_path) == ["lists.parquet"]


def test_lists_with_somebody_who_was_erased_meanwhile_are_refused(version: Version) -> None:
    lists = while_unchanged(BatchRanking(version, 3).all_lists(), lambda: False)
    with pytest.raises(VersionError, match="erased meanwhile"):
        list(lists)


def test_a_folder_is_no_file_to_write(settings: Path) -> None:
    Path("lists").mkdir()
    with pytest.raises(OSError, match=r"folder, not a file.*lists"):
        main(["--output", "lists"])


@pytest.mark.parametrize("wrong", ["0", "-1", "1001", "many"])
def test_a_length_that_is_none_is_named(
    settings: Path, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    with pytest.raises(SystemExit):
        main(["--top-n", wrong])
    assert wrong in capsys.readouterr().err


@pytest.mark.parametrize("name", ["newest", "20200101T000000Z-000000"])
def test_a_version_that_is_not_there_is_named(settings: Path, name: str) -> None:
    with pytest.raises(VersionError, match=name):
        main(["--version", name])


def test_without_a_version_it_says_so(settings: Path) -> None:
    (settings / "current.json").unlink()
    with pytest.raises(VersionError, match="no current version: train one first"):
        main([])


def test_the_last_line_says_what_was_written_and_where(
    settings: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert settings.exists()
    path = tmp_path / "lists.parquet"
    with caplog.at_level("INFO"):
        main(["--top-n", "10", "--output", str(path)])
    last = caplog.messages[-1]
    assert last.startswith("18 users, 180 rows in ")
    assert last.endswith(f": {path}")


def test_a_folder_that_cannot_be_made_is_named(settings: Path) -> None:
    Path("file").touch()
    with pytest.raises(OSError, match="'file'"):
        main(["--output", "file/lists.parquet"])
