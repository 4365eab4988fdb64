import numpy as np
import pytest

from services.api.live.catalogue import Catalogue
from services.api.recommend.ranking.list_request import Ranking
from services.api.recommend.ranking.scoring import boost, boosts, explore, order, score
from services.api.recommend.rules import Boost, Rules
from tests.api.recommend.ranking.list_requests import TECH, left, ranking, request_for


def test_each_item_gets_its_score(small_catalogue: Catalogue) -> None:
    list_request = request_for(small_catalogue, {3: 0.5, 7: -2})
    unscored = Ranking(np.array([7, 3, 1]), np.zeros(3, dtype=np.float32))
    assert score(list_request, unscored).scores.tolist() == [-2, 0.5, 0]


def test_boosts_move_by_standard_deviations(small_catalogue: Catalogue) -> None:
    rules = Rules(boosted=(Boost(category="TECH", by=2), Boost(item_id="TECH1001", by=-0.5)))
    scores = {0: 1.0, 1: -1.0, TECH: 1.0, TECH + 1: -1.0}  # their standard deviation is 1
    list_request = request_for(small_catalogue, scores, rules=rules)
    after = boost(list_request, ranking(list_request, [*scores]))
    assert after.scores.tolist() == [1, -1, 1 + 1.5, -1 + 2]


def test_rules_about_what_is_not_there_change_nothing(small_catalogue: Catalogue) -> None:
    rules = Rules(boosted=(Boost(item_id="no such item", by=1), Boost(category="none", by=1)))
    list_request = request_for(small_catalogue, {0: 1.0}, rules=rules)
    before = ranking(list_request)
    assert boost(list_request, before).scores.tolist() == before.scores.tolist()
    assert len(boost(list_request, ranking(list_request, []))) == 0


def test_without_exploration_nothing_is_left_to_chance(small_catalogue: Catalogue) -> None:
    list_request = request_for(small_catalogue, {0: 1.0}, score_std=100)
    after = explore(list_request, ranking(list_request))
    assert after.scores.tolist() == list_request.scores.tolist()


@pytest.mark.parametrize("exploration", [0.25, 1])
def test_scores_are_drawn_with_the_models_deviation(
    small_catalogue: Catalogue, exploration: float
) -> None:
    drawn = []
    for chance in range(200):
        list_request = request_for(
            small_catalogue, {0: 5.0}, score_std=2, chance=chance, exploration=exploration
        )
        drawn.append(explore(list_request, ranking(list_request)).scores)
    assert np.mean(drawn, axis=0)[0] == pytest.approx(5, abs=0.5)
    assert np.std(drawn, axis=0).mean() == pytest.approx(2 * exploration, rel=0.2)


def test_the_same_list_draws_the_same(small_catalogue: Catalogue) -> None:
    list_request = request_for(small_catalogue, score_std=1, exploration=1)
    all_scores = explore(list_request, ranking(list_request)).scores
    assert explore(list_request, ranking(list_request)).scores.tolist() == all_scores.tolist()
    two_scores = explore(list_request, ranking(list_request, [5, 9])).scores
    assert two_scores.tolist() == all_scores[[5, 9]].tolist()


def test_best_first_and_equals_by_index(small_catalogue: Catalogue) -> None:
    list_request = request_for(small_catalogue, {4: 1.0, 30: 3.0, 2: 1.0})
    assert left(order, list_request, [30, 9, 4, 3, 2]) == [30, 2, 4, 3, 9]


@pytest.mark.parametrize("pool", [1, 2, 3, 4, 100])
def test_the_best_of_the_pool_come_first_and_all_stay(
    small_catalogue: Catalogue, pool: int
) -> None:
    list_request = request_for(small_catalogue, {8: 9.0, 1: 7.0, 6: 7.0, 3: 5.0}, pool=pool)
    ordered = left(order, list_request, [1, 3, 6, 8])
    assert ordered[:pool] == [8, 1, 6, 3][:pool]
    assert sorted(ordered) == [1, 3, 6, 8]


def test_order_agrees_with_a_full_sort(small_catalogue: Catalogue) -> None:
    rng = np.random.default_rng(7)
    scores = rng.integers(0, 50, 1000).astype(np.float32)  # many ties
    list_request = request_for(small_catalogue, pool=30)
    expected = sorted(range(1000), key=lambda item: (-scores[item], item))
    ordered = order(list_request, Ranking(np.arange(1000), scores))
    assert ordered.items[:30].tolist() == expected[:30]


def test_boosts_of_an_item_and_its_category_add_up(small_catalogue: Catalogue) -> None:
    rules = Rules(boosted=(Boost(item_id="TECH1001", by=2), Boost(category="TECH", by=1)))
    moved = boosts(request_for(small_catalogue, rules=rules))
    assert moved.tolist() == [*np.zeros(20), 3, *np.ones(19)]
