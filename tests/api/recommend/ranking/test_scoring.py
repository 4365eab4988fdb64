import numpy as np
import pytest

from services.api.live.catalogue import Catalogue
from services.api.recommend.ranking.list_request import Ranking
from services.api.recommend.ranking.scoring import boost, boosts, explore, order, score
from services.api.recommend.rules import Boost, Rules
from tests.api.recommend.ranking.queries import TECH, left, query, ranking


def test_each_item_gets_its_score(small_catalogue: Catalogue) -> None:
    asked = query(small_catalogue, {3: 0.5, 7: -2})
    unscored = Ranking(np.array([7, 3, 1]), np.zeros(3, dtype=np.float32))
    assert score(asked, unscored).scores.tolist() == [-2, 0.5, 0]


def test_boosts_move_by_standard_deviations(small_catalogue: Catalogue) -> None:
    rules = Rules(boosted=(Boost(category="TECH", by=2), Boost(item_id="TECH1001", by=-0.5)))
    asked = query(small_catalogue, {0: 1.0, 1: -1.0, TECH: 1.0, TECH + 1: -1.0}, rules=rules)
    after = boost(asked, ranking(asked, [0, 1, TECH, TECH + 1]))  # their standard deviation is 1
    assert after.scores.tolist() == [1, -1, 1 + 1.5, -1 + 2]


def test_rules_about_what_is_not_there_change_nothing(small_catalogue: Catalogue) -> None:
    rules = Rules(boosted=(Boost(item_id="no such item", by=1), Boost(category="none", by=1)))
    asked = query(small_catalogue, {0: 1.0}, rules=rules)
    before = ranking(asked)
    assert boost(asked, before).scores.tolist() == before.scores.tolist()
    assert len(boost(asked, ranking(asked, []))) == 0


def test_without_exploration_nothing_is_left_to_chance(small_catalogue: Catalogue) -> None:
    asked = query(small_catalogue, {0: 1.0}, score_std=100)
    assert explore(asked, ranking(asked)).scores.tolist() == asked.scores.tolist()


@pytest.mark.parametrize("exploration", [0.25, 1])
def test_scores_are_drawn_with_the_models_deviation(
    small_catalogue: Catalogue, exploration: float
) -> None:
    drawn = []
    for chance in range(200):
        asked = query(
            small_catalogue, {0: 5.0}, score_std=2, chance=chance, exploration=exploration
        )
        drawn.append(explore(asked, ranking(asked)).scores)
    assert np.mean(drawn, axis=0)[0] == pytest.approx(5, abs=0.5)
    assert np.std(drawn, axis=0).mean() == pytest.approx(2 * exploration, rel=0.2)


def test_the_same_list_draws_the_same(small_catalogue: Catalogue) -> None:
    asked = query(small_catalogue, score_std=1, exploration=1)
    every = explore(asked, ranking(asked)).scores
    assert explore(asked, ranking(asked)).scores.tolist() == every.tolist()
    assert explore(asked, ranking(asked, [5, 9])).scores.tolist() == every[[5, 9]].tolist()


def test_best_first_and_equals_by_index(small_catalogue: Catalogue) -> None:
    asked = query(small_catalogue, {4: 1.0, 30: 3.0, 2: 1.0})
    assert left(order, asked, [30, 9, 4, 3, 2]) == [30, 2, 4, 3, 9]


@pytest.mark.parametrize("pool", [1, 2, 3, 4, 100])
def test_the_best_of_the_pool_come_first_and_all_stay(
    small_catalogue: Catalogue, pool: int
) -> None:
    asked = query(small_catalogue, {8: 9.0, 1: 7.0, 6: 7.0, 3: 5.0}, pool=pool)
    ordered = left(order, asked, [1, 3, 6, 8])
    assert ordered[:pool] == [8, 1, 6, 3][:pool]
    assert sorted(ordered) == [1, 3, 6, 8]


def test_order_agrees_with_a_full_sort(small_catalogue: Catalogue) -> None:
    rng = np.random.default_rng(7)
    scores = rng.integers(0, 50, 1000).astype(np.float32)  # many ties
    asked = query(small_catalogue, pool=30)
    expected = sorted(range(1000), key=lambda item: (-scores[item], item))
    ordered = order(asked, Ranking(np.arange(1000), scores))
    assert ordered.items[:30].tolist() == expected[:30]


def test_boosts_of_an_item_and_its_category_add_up(small_catalogue: Catalogue) -> None:
    rules = Rules(boosted=(Boost(item_id="TECH1001", by=2), Boost(category="TECH", by=1)))
    moved = boosts(query(small_catalogue, rules=rules))
    assert moved.tolist() == [*np.zeros(20), 3, *np.ones(19)]
