"""Erasing users from versions: their rows go, all else stays, and nobody sees half of it."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from shared.artifacts.content import Content
from shared.artifacts.current import prune
from shared.artifacts.erasure import erase_from_versions, is_in_a_version, these_users
from shared.artifacts.id_map import IdMap
from shared.artifacts.segments import Criterion, Segment, Segments, SegmentsDescription
from shared.artifacts.text_column import TextColumn
from shared.artifacts.truth import Response, Truth, save_truth, truth_users
from shared.artifacts.versions import DataSummary, Release, Version, publish, read_version
from shared.scorers import Blend, ImplicitFactorization, ItemWeights, MatrixFactorization, Scorer
from shared.scorers.features import FeatureEncoder
from shared.scorers.histories import Histories, Weighting
from tests.shared.histories import rated_histories
from tests.shared.published import NOW

USERS = ("anna-lindqvist", "bo-nakamura", "cy-okonkwo", "dora-müller")
ITEMS = 7  # unlike the number of users: an array with a row for each of those is theirs
RNG = np.random.default_rng(8)
FACTORS = RNG.standard_normal((len(USERS), 2)).astype(np.float32)


def blend(histories: Histories) -> Blend:
    return Blend(
        ImplicitFactorization(
            user_factors=FACTORS,
            item_factors=np.ones((ITEMS, 2), dtype=np.float32),
            gram=np.eye(2, dtype=np.float32),
            penalty=np.ones(2, dtype=np.float32),
            recency=np.ones(1, dtype=np.float32),
        ),
        ItemWeights(np.eye(ITEMS, dtype=np.float32), np.ones(1, dtype=np.float32), histories),
    )


def als() -> MatrixFactorization:
    return MatrixFactorization(
        mean=np.array([3], dtype=np.float32),
        user_bias=np.arange(1, 5, dtype=np.float32),
        item_bias=np.arange(ITEMS, dtype=np.float32),
        user_factors=FACTORS,
        item_factors=np.ones((ITEMS, 2), dtype=np.float32),
        penalty=np.ones(3, dtype=np.float32),
        penalty_per_rating=np.ones(3, dtype=np.float32),
    )


def segments() -> Segments:
    figures = {"mean_rating": 4, "activity": 2, "certainty": 0.5, "stability": 1}
    kinds = ("favourite", "distinctive")
    lists: dict[str, object] = {f"{kind}_{what}": [] for kind in kinds for what in LISTS}
    return Segments(
        labels=np.array([0, 0, 0, 1], dtype=np.int16),
        certainty=np.full(4, 0.5, dtype=np.float32),
        description=SegmentsDescription(
            segments=[
                Segment.model_validate(
                    {"segment_id": f"S{n + 1}", "name": f"s{n}", "size": size, "share": size / 4}
                    | figures
                    | lists
                )
                for n, size in enumerate((3, 1))
            ],
            criterion=Criterion(name="by construction", tried=[]),
        ),
    )


LISTS = ("categories", "items")


def content(users: tuple[str, ...] = USERS) -> Content:
    rows = [[(n % ITEMS, 4.0), ((n + 1) % ITEMS, 2.0)] for n in range(len(users))]
    histories = rated_histories(*rows)
    histories = Histories(**(vars(histories) | {"attributes": FACTORS}))
    return Content(
        users=IdMap.of(users),
        items=IdMap.of(f"i{n}" for n in range(ITEMS)),
        titles=TextColumn.of([""] * ITEMS),
        categories=TextColumn.of([""] * ITEMS),
        is_active=np.ones(ITEMS, dtype=np.bool_),
        item_features=np.empty((ITEMS, 0), dtype=np.float32),
        popularity=np.arange(ITEMS, dtype=np.float32),
        lifts=np.ones((FACTORS.shape[1], ITEMS), dtype=np.float32),
        histories=histories,
        models={"als": als(), "blend": blend(histories)},
        segments=segments(),
    )


def publish_version(artifact_dir: Path, users: tuple[str, ...] = USERS) -> str:
    release = Release(
        content(users),
        data=DataSummary(rows=8, last_id=8, content_hash="0" * 32, rating_scale=(1, 5)),
        weighting=Weighting(),
        user_features=FeatureEncoder(),
        item_features=FeatureEncoder(),
        rating_model="als",
        ranker="blend",
        settings={},
        metrics={"rmse": 1.0},
    )
    return publish(artifact_dir, release, lambda m: f"<h1>{m.version}</h1>", NOW).version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A published version's."""
    return tmp_path / "models" / publish_version(tmp_path)


def erase(folder: Path, user_id: str) -> list[str]:
    """The versions from which the user was erased, none of which failed."""
    result = erase_from_versions(folder.parent.parent, these_users([user_id]))
    assert result.failed == {}
    return result.erased


def read(folder: Path) -> Version:
    return read_version(folder.parent.parent, folder.name)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def described_files(version: Version) -> set[str]:
    described = version.manifest.arrays.items()
    arrays = {what.path(Path(), name).name for name, what in described}
    return arrays | {"manifest.json", "metrics.json", "report.html"}


def vectors(model: Scorer, rows: list[int]) -> np.ndarray:
    return model.vectors(np.array(rows))


@pytest.mark.parametrize("user", range(len(USERS)), ids=USERS)
def test_all_of_an_erased_user_goes_and_all_of_others_stays(folder: Path, user: int) -> None:
    before = read(folder)
    kept_files = {name: folder.joinpath(name).stat().st_ino for name in ITEM_SIDE}
    assert erase(folder, USERS[user]) == [folder.name]

    after = read(folder)
    assert USERS[user] not in after.content.users
    assert (len(after.content.users), after.content.users.num_ids) == (4, 3)
    assert len(after.content.histories[user]) == 0
    assert not after.content.histories[user].attributes.any()
    assert after.content.segments is not None
    assert before.content.segments is not None
    assert after.content.segments.of(user) is None
    stored = {name: a for name, a in after.content.arrays().items() if len(a) == len(USERS)}
    assert {"als.user_factors", "als.user_bias", "blend.factors.user_factors"} <= set(stored)
    for name in set(stored) - {"segments.labels"}:
        assert not stored[name][user].any(), name
    for model in after.content.models.values():
        assert not vectors(model, [user]).any()

    other_users = [index for index in range(4) if index != user]
    for index in other_users:
        assert after.content.users.find(USERS[index]) == index
        assert after.content.segments.of(index) == _regrown(after, before.content.segments, index)
        for name, values in vars(before.content.histories[index]).items():
            np.testing.assert_array_equal(vars(after.content.histories[index])[name], values)
    for name, model in before.content.models.items():
        was, now = vectors(model, other_users), vectors(after.content.models[name], other_users)
        np.testing.assert_array_equal(was, now)
        np.testing.assert_array_equal(model.score(was), after.content.models[name].score(now))

    assert not [name for name, held in files(folder).items() if USERS[user].encode() in held]
    assert set(files(folder)) == described_files(after)
    assert {name: folder.joinpath(name).stat().st_ino for name in ITEM_SIDE} == kept_files


ITEM_SIDE = ("items.utf8.npy", "popularity.npy", "als.item_factors.npy", "blend.items.weights.npy")


def _regrown(version: Version, before: Segments, index: int) -> tuple[Segment, float]:
    """The user's segment as it was, but as large as it is now."""
    found = before.of(index)
    assert found is not None
    assert version.manifest.segments is not None
    segment, certainty = found
    now = next(s for s in version.manifest.segments.segments if s.name == segment.name)
    assert now.size in (segment.size, segment.size - 1)
    return segment.model_copy(update={"size": now.size, "share": now.size / 3}), certainty


def test_users_are_erased_one_after_another_until_nobody_is_left(folder: Path) -> None:
    for erased, user in enumerate(sorted(USERS, reverse=True), start=1):
        assert erase(folder, user) == [folder.name]
        assert read(folder).content.users.num_ids == 4 - erased
    version = read(folder)
    assert version.content.users.page(0, 10).tolist() == []
    assert version.manifest.segments is not None
    assert [segment.size for segment in version.manifest.segments.segments] == [0, 0]


def test_an_erasure_asked_for_again_changes_nothing(folder: Path) -> None:
    erase(folder, USERS[1])
    before = files(folder)
    assert erase(folder, USERS[1]) == []
    assert erase(folder, "") == []
    assert files(folder) == before


def test_every_version_on_the_volume_is_reached(tmp_path: Path) -> None:
    names = [publish_version(tmp_path) for _ in range(2)]
    without = publish_version(tmp_path, ("anna", "bo-nakamura", "cy", "dora"))
    assert is_in_a_version(tmp_path, USERS[0])
    result = erase_from_versions(tmp_path, these_users([USERS[0]]))
    assert result.erased == sorted(names)
    assert not is_in_a_version(tmp_path, USERS[0])
    assert read_version(tmp_path, without).content.users.num_ids == 4


def test_a_version_that_does_not_hold_is_named_and_no_other_missed(tmp_path: Path) -> None:
    good, damaged, headless = (publish_version(tmp_path) for _ in range(3))
    path = tmp_path / "models" / damaged / "als.item_factors.npy"
    path.write_bytes(path.read_bytes()[:-4])
    (tmp_path / "models" / headless / "manifest.json").write_text("{")
    before = files(path.parent)
    result = erase_from_versions(tmp_path, these_users([USERS[0]]))
    assert result.erased == [good]
    assert set(result.failed) == {damaged, headless}
    assert "checksum" in result.failed[damaged]
    assert files(path.parent) == before


def test_a_crash_before_the_manifest_leaves_the_version_as_it_was(folder: Path) -> None:
    before = files(folder)
    obstacle = folder / ".manifest.json.writing"
    obstacle.mkdir()  # every array is written by then
    result = erase_from_versions(folder.parent.parent, these_users([USERS[2]]))
    assert set(result.failed) == {folder.name}
    obstacle.rmdir()
    assert files(folder) == before
    assert erase(folder, USERS[2]) == [folder.name]


def test_what_a_crash_before_the_manifest_left_is_removed_by_the_next_erasure(folder: Path) -> None:
    shutil.copy(folder / "als.user_factors.npy", folder / "als.user_factors-0badcafe.npy")
    (folder / ".manifest.json.writing").write_text("{")
    assert read(folder).content.users.num_ids == 4
    assert erase(folder, "nobody") == []
    assert "als.user_factors-0badcafe.npy" not in files(folder)
    assert erase(folder, USERS[2]) == [folder.name]
    assert set(files(folder)) == described_files(read(folder))


@pytest.fixture
def replaced_files_are_left(folder: Path) -> Iterator[Path]:
    """As by a crash right after the manifest was renamed."""
    before = files(folder)
    erase(folder, USERS[2])
    for name in set(before) - set(files(folder)):
        (folder / name).write_bytes(before[name])
    assert any(USERS[2].encode() in held for held in files(folder).values())
    assert USERS[2] not in read(folder).content.users
    yield folder
    assert not any(USERS[2].encode() in held for held in files(folder).values())
    assert set(files(folder)) == described_files(read(folder))


def test_what_a_crash_after_the_manifest_left_is_removed_by_the_next_erasure(
    replaced_files_are_left: Path,
) -> None:
    assert erase(replaced_files_are_left, USERS[2]) == []


def test_what_a_crash_after_the_manifest_left_is_removed_by_the_next_training(
    replaced_files_are_left: Path,
) -> None:
    prune(replaced_files_are_left.parent.parent, keep=5)


def test_what_a_crashed_training_was_writing_goes(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name(f".writing-{folder.name}"))
    erase(folder, USERS[0])
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_reader_sees_a_whole_version_while_users_are_erased(tmp_path: Path) -> None:
    folder = tmp_path / "models" / publish_version(tmp_path)
    done = threading.Event()

    def read_on() -> list[int]:
        seen = []
        while not done.is_set():
            users = read(folder).content.users
            seen.append(users.num_ids)
        return seen

    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(read_on) for _ in range(2)]
        try:
            for user in USERS:
                erase(folder, user)
        finally:
            done.set()
        for reader in readers:
            seen = reader.result()
            assert seen == sorted(seen, reverse=True)


def test_two_users_are_erased_at_once(folder: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        both = threads.map(lambda user: erase(folder, user), USERS[:2])
        assert list(both) == [[folder.name], [folder.name]]
    assert read(folder).content.users.page(0, 9).tolist() == [2, 3]


def test_planted_truth_goes_with_the_first_user_it_knows(tmp_path: Path) -> None:
    save_truth(tmp_path, truth())
    erase_from_versions(tmp_path, these_users(["nobody"]))
    users = truth_users(tmp_path)
    assert users is not None
    assert list(users) == ["t1", "t2"]
    erase_from_versions(tmp_path, these_users(["t1"]))
    assert not (tmp_path / "truth").exists()


def truth() -> Truth:
    return Truth(
        users=IdMap.of(["t1", "t2"]),
        items=IdMap.of(["i"]),
        user_bias=np.zeros(2, dtype=np.float32),
        item_bias=np.zeros(1, dtype=np.float32),
        affinities=np.zeros((2, 1), dtype=np.float32),
        user_factors=np.zeros((2, 1), dtype=np.float32),
        item_factors=np.zeros((1, 1), dtype=np.float32),
        log_popularity=np.zeros(1, dtype=np.float32),
        category_shares=np.ones((2, 1), dtype=np.float32),
        item_categories=np.zeros(1, dtype=np.uint8),
        choice_strength=1,
        response=Response(minimum=1, maximum=5, step=0.5, noise=0.5),
        content_hash="abc",
    )


def test_a_folder_that_cannot_be_written_is_an_error(folder: Path) -> None:
    lock = folder.parent.parent / ".lock"
    lock.unlink()
    lock.mkdir()  # as on a volume that is mounted read-only, also for root
    before = files(folder)
    with pytest.raises(OSError, match=r"\.lock"):
        erase_from_versions(folder.parent.parent, these_users([USERS[0]]))
    assert files(folder) == before
