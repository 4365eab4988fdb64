import dataclasses
import logging
import statistics
from pathlib import Path

import numpy as np
import pytest

from shared.artifacts.id_map import IdMap
from shared.artifacts.truth import Response, Truth, normal_cdf, read_truth, remove_truth, save_truth

STARS = Response(minimum=1, maximum=5, step=0.5, noise=0.5)


@pytest.fixture
def truth() -> Truth:
    rng = np.random.default_rng(0)

    def floats(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return rng.standard_normal(shape).astype(np.float32)

    return Truth(
        users=IdMap.of(["u1", "u2", "a/b"]),
        items=IdMap.of(f"i{number}" for number in range(6)),
        user_bias=3 + floats(3),
        item_bias=floats(6),
        affinities=floats(3, 2),
        user_factors=floats(3, 4),
        item_factors=floats(6, 4),
        log_popularity=floats(6),
        category_shares=np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], dtype=np.float32),
        item_categories=np.array([0, 1, 0, 1, 0, 0], dtype=np.uint8),
        choice_strength=0.8,
        response=STARS,
        content_hash="abc",
    )


def test_the_normal_distribution_is_accurate_to_1e_7() -> None:
    values = np.linspace(-9, 9, 10_001)
    exact = [statistics.NormalDist().cdf(value) for value in values]
    assert np.abs(normal_cdf(values) - exact).max() < 1e-7


@pytest.mark.parametrize("latent", [-2.0, 1.1, 2.75, 4.0, 4.9, 8.0])
def test_expectation_and_variance_are_those_of_drawn_ratings(latent: float) -> None:
    drawn = STARS.draw(np.full(200_000, latent), np.random.default_rng(1))
    at = np.array([latent])
    error = 5 * np.sqrt(STARS.variance(at)[0] / len(drawn)) + 1e-6
    assert drawn.mean() == pytest.approx(STARS.expectation(at)[0], abs=error)
    assert drawn.var() == pytest.approx(STARS.variance(at)[0], abs=5e-3)


def test_stored_ratings_are_half_steps_of_the_scale() -> None:
    drawn = STARS.draw(np.linspace(-3, 9, 10_000), np.random.default_rng(2))
    assert set(drawn) == set(np.arange(1, 5.5, 0.5))


def test_a_scale_may_begin_at_a_half() -> None:
    halves = Response(minimum=0.5, maximum=5, step=0.5, noise=0.01)
    assert halves.expectation(np.array([-9.0, 2.0, 9.0])) == pytest.approx([0.5, 2.0, 5.0])


def test_the_latent_rating_adds_biases_affinity_and_taste(truth: Truth) -> None:
    by_hand = (
        truth.user_bias[2]
        + truth.item_bias[3]
        + truth.affinities[2, 1]
        + truth.user_factors[2] @ truth.item_factors[3]
    )
    latent = truth.latent_rating(np.array([2]), np.array([3]))
    assert latent == pytest.approx([by_hand], rel=1e-5)
    assert truth.expected_rating(np.array([2]), np.array([3])) == STARS.expectation(latent)
    assert truth.noise_variance(np.array([2]), np.array([3])) == STARS.variance(latent)


def test_propensities_are_shares_of_categories_times_choices_within(truth: Truth) -> None:
    propensity = truth.propensity(np.array([2, 0]))
    assert propensity.sum(axis=1) == pytest.approx([1, 1])
    in_first = truth.item_categories == 0
    assert propensity[:, in_first].sum(axis=1) == pytest.approx([0.2, 0.9])
    odds = propensity[0, 4] / propensity[0, 2]
    taste = truth.user_factors[2] @ (truth.item_factors[4] - truth.item_factors[2])
    popularity = truth.log_popularity[4] - truth.log_popularity[2]
    assert np.log(odds) == pytest.approx(popularity + 0.8 * taste, rel=1e-4)


def test_what_is_saved_is_read(truth: Truth, tmp_path: Path) -> None:
    save_truth(tmp_path, truth)
    read = read_truth(tmp_path, "abc")
    assert read is not None
    users, items = np.array([0, 1, 2]), np.array([5, 0, 3])
    assert np.array_equal(read.expected_rating(users, items), truth.expected_rating(users, items))
    assert np.array_equal(read.propensity(users), truth.propensity(users))
    assert list(read.users) == ["a/b", "u1", "u2"]
    assert [path.name for path in tmp_path.iterdir()] == ["truth"]


def test_a_new_truth_replaces_the_old_one(truth: Truth, tmp_path: Path) -> None:
    save_truth(tmp_path, truth)
    save_truth(tmp_path, dataclasses.replace(truth, content_hash="new"))
    assert read_truth(tmp_path, "new") is not None


def test_it_is_ignored_for_other_data(truth: Truth, tmp_path: Path) -> None:
    save_truth(tmp_path, truth)
    assert read_truth(tmp_path, "abd") is None


def test_there_may_be_none(truth: Truth, tmp_path: Path) -> None:
    assert read_truth(tmp_path, "abc") is None
    remove_truth(tmp_path)
    save_truth(tmp_path, truth)
    remove_truth(tmp_path)
    assert read_truth(tmp_path, "abc") is None


@pytest.mark.parametrize("damage", ["flip", "cut", "lose", "manifest", "swap"])
def test_a_damaged_truth_is_ignored_with_a_warning(
    damage: str, truth: Truth, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_truth(tmp_path, truth)
    array, manifest = (tmp_path / "truth" / name for name in ("user_bias.npy", "manifest.json"))
    content = array.read_bytes()
    match damage:
        case "flip":
            array.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "cut":
            array.write_bytes(content[:-4])
        case "lose":
            array.unlink()
        case "manifest":
            manifest.write_text(manifest.read_text().replace('"noise"', '"loudness"'))
        case "swap":
            manifest.write_text(manifest.read_text().replace('"user_bias"', '"user_base"'))
    with caplog.at_level(logging.WARNING):
        assert read_truth(tmp_path, "abc") is None
    assert "is ignored" in caplog.text


def test_arrays_that_do_not_fit_together_are_refused(truth: Truth) -> None:
    with pytest.raises(ValueError, match="do not fit together"):
        dataclasses.replace(truth, user_bias=truth.user_bias[:2])
