"""Filters of every kind of list, over HTTP."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.api.settings import ApiSettings
from shared.settings import ConfigurationError
from tests.api import small_version
from tests.api.serving import Serve
from tests.api.shop import GIFT, attributes_of, described, number_of, offered, send
from tests.api.small_version import INACTIVE, TECH_ITEMS
from tests.api.test_problems import problem
from tests.api.wire import closed_port

ENGLISH = {"attributes": {"language": "en"}}

Ask = Callable[..., httpx.Response]
"""Asks for a list with these options."""


def in_url(options: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if name != "filter" or isinstance(value, str) else json.dumps(value)
        for name, value in options.items()
    }


def recommend(api: httpx.Client, **options: Any) -> httpx.Response:
    return api.post("/recommend", json={"user_id": "U10001", **options})


def batch(api: httpx.Client, **options: Any) -> httpx.Response:
    return api.post("/recommend/batch", json={"user_ids": ["U10001", "U10002"], **options})


def session(api: httpx.Client, **options: Any) -> httpx.Response:
    return api.post("/recommend/session", json={"item_ids": ["TECH1003"], **options})


def similar(api: httpx.Client, **options: Any) -> httpx.Response:
    return api.get("/items/TECH1003/similar", params=in_url(options))


def popular(api: httpx.Client, **options: Any) -> httpx.Response:
    return api.get("/popular", params=in_url(options))


def latest(api: httpx.Client, **options: Any) -> httpx.Response:
    return api.get("/latest", params=in_url(options))


def why_not(api: httpx.Client, item_id: str = "TECH1019", **options: Any) -> httpx.Response:
    return api.get(f"/users/U10001/why-not/{item_id}", params=in_url(options))


LISTS = [recommend, batch, session, similar, popular, latest]
every_list = pytest.mark.parametrize("ask", LISTS, ids=lambda ask: ask.__name__)
every_route = pytest.mark.parametrize("ask", [*LISTS, why_not], ids=lambda ask: ask.__name__)


def items(answer: httpx.Response) -> list[str]:
    """Those of the list, of a batch those of the first user's."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    [listed] = (
        value
        for name, value in (body.get("results") or [body])[0].items()
        if name in ("recommendations", "similar", "items")
    )
    return [item["item_id"] for item in listed]


@every_list
def test_only_what_fulfils_it_is_in_the_list(standing_shop: httpx.Client, ask: Ask) -> None:
    everything = set(items(ask(standing_shop, top_n=100)))
    listed = items(ask(standing_shop, top_n=100, filter=ENGLISH))
    assert set(listed) == {i for i in everything if attributes_of(i)["language"] == "en"}
    assert set(listed) < everything


@every_list
def test_the_list_is_filled_from_below_the_cut(standing_shop: httpx.Client, ask: Ask) -> None:
    """The cheapest items have the lowest scores, and there are seven or more that nobody saw."""
    listed = items(ask(standing_shop, top_n=7, filter={"attributes": {"price": {"max": 8}}}))
    assert len(listed) == len(set(listed)) == 7
    assert all(number_of(item) <= 7 for item in listed)
    assert items(ask(standing_shop, top_n=5, filter={"attributes": {"price": {"max": 0}}})) == []


@pytest.mark.parametrize(
    ("condition", "fulfils"),
    [
        ({"price": {"min": 5.5, "max": 9.5}}, lambda own: 5 <= own["price"] < 10),
        ({"price": 7.5}, lambda own: own["price"] == 7.5),
        ({"language": {"in": ["de", "fr"]}}, lambda own: own["language"] == "de"),
        ({"language": {"not_in": ["de"]}}, lambda own: own["language"] == "en"),
        ({"in_stock": False}, lambda own: not own["in_stock"]),
        ({"tags": {"in": ["sale"]}}, lambda own: "tags" in own),
        ({"tags": {"present": False}}, lambda own: "tags" not in own),
        ({"released": {"min": "2010-06-30"}}, lambda own: own["released"] >= "2010"),
        ({"released": {"max": "2010-06-29"}}, lambda own: own["released"] < "2010"),
        ({"in_stock": True, "price": {"max": 9}}, lambda own: own["in_stock"] and own["price"] < 9),
        ({}, lambda own: True),
    ],
)
def test_what_can_be_asked_of_attributes(
    standing_shop: httpx.Client, condition: Any, fulfils: Callable[[Any], bool]
) -> None:
    answer = recommend(
        standing_shop, top_n=100, exclude_rated=False, filter={"attributes": condition}
    )
    assert items(answer) == offered("TECH", fulfils) + offered("FASH", fulfils)


def test_each_list_of_a_batch_is_filtered(standing_shop: httpx.Client) -> None:
    results = batch(standing_shop, top_n=3, filter=ENGLISH).json()["results"]
    ids = [[item["item_id"] for item in one["recommendations"]] for one in results]
    assert ids == [["TECH1019", "TECH1017", "TECH1015"], ["FASH1019", "FASH1017", "FASH1015"]]


def test_a_stranger_gets_what_is_popular_of_it(standing_shop: httpx.Client) -> None:
    answer = recommend(standing_shop, user_id="nobody", top_n=2, filter=ENGLISH)
    assert items(answer) == ["FASH1019", "TECH1019"]


@every_route
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"attributes": {"price": {"above": 3}}}, "attributes.price has no 'above': there are in"),
        ({"attributes": {"price": {"min": 9, "max": 3}}}, "min 9 is above max 3"),
        ({"attributes": {"price": {"min": "cheap"}}}, "attributes.price.min is a date as in"),
        ({"attributes": {"language": {"min": 3}}}, "no item's 'language' holds numbers"),
        ({"attributes": {"language": {"min": "2024-01-31"}}}, "no item's 'language' holds dates"),
        ({"attributes": {"colour": "red"}}, "no item has the attribute 'colour'. There are: in_st"),
        ({"attributes": {"price": {}}}, "attributes.price says nothing"),
        ({"attributes": {"price": None}}, '{"present": false}'),
        ({"categories": ["TECH"]}, "categories is an object with any, all and none"),
        ({"kategories": {}}, "a filter has no 'kategories'"),
        ("expensive", "there is no filter 'expensive'. There are: cheap, gifts."),
        (["cheap", "expensive"], "there is no filter 'expensive'"),
    ],
)
def test_a_wrong_filter_is_refused_in_words(
    standing_shop: httpx.Client, ask: Ask, wrong: Any, words: str
) -> None:
    assert words in problem(ask(standing_shop, filter=wrong), 422)["detail"]


@pytest.mark.parametrize("ask", [similar, popular, latest, why_not], ids=lambda a: a.__name__)
def test_a_url_that_holds_no_json(standing_shop: httpx.Client, ask: Ask) -> None:
    for text, words in (
        ("{price", "filter: it is no JSON"),
        ("[" * 2_000, "filter: it is "),
        (f'{{"attributes": {{"price": {"9" * 5_000}}}}}', "filter: a number in it has too many"),
        ('{"attributes": {}, "attributes": {}}', 'filter: it names "attributes" twice'),
        ('{"attributes": {"language": "\\ud800"}}', "filter: some text in the filter is not UTF-8"),
    ):
        detail = problem(ask(standing_shop, filter=text), 422)["detail"]
        assert detail.startswith(words)
        assert "None" not in detail


@every_list
def test_filters_by_name_alone_and_in_lists(standing_shop: httpx.Client, ask: Ask) -> None:
    cheap = items(ask(standing_shop, top_n=100, filter="cheap"))
    assert cheap
    assert all(number_of(item) < 10 for item in cheap)
    both = items(ask(standing_shop, top_n=100, filter=["cheap", ENGLISH]))
    assert both == [item for item in cheap if attributes_of(item)["language"] == "en"]
    gifts = items(ask(standing_shop, top_n=100, filter=["cheap", "gifts"]))
    assert gifts == [item for item in cheap if number_of(item) == 5]
    assert items(ask(standing_shop, top_n=100, filter=[])) == items(ask(standing_shop, top_n=100))


@pytest.mark.parametrize("ask", [recommend, batch, session], ids=lambda ask: ask.__name__)
def test_categories_beside_a_filter(standing_shop: httpx.Client, ask: Ask) -> None:
    asked = {"top_n": 100, "categories": ["FASH"], "filter": {"categories": {"any": [GIFT]}}}
    assert items(ask(standing_shop, **asked)) == ["FASH1020", "FASH1015", "FASH1010", "FASH1005"]


@pytest.mark.parametrize("ask", [popular, latest], ids=lambda ask: ask.__name__)
def test_a_category_beside_a_filter(standing_shop: httpx.Client, ask: Ask) -> None:
    listed = items(ask(standing_shop, top_n=100, category="FASH", filter="gifts"))
    assert set(listed) == {"FASH1020", "FASH1015", "FASH1010", "FASH1005"}


def test_an_item_of_two_categories_is_found_under_either(standing_shop: httpx.Client) -> None:
    for names in (["TECH"], [GIFT], ["TECH", GIFT]):
        assert "TECH1015" in items(recommend(standing_shop, top_n=100, categories=names))
    both = {"categories": {"all": ["TECH", GIFT]}}
    assert items(recommend(standing_shop, filter=both)) == ["TECH1015", "TECH1010", "TECH1005"]
    no_gift = {"categories": {"any": ["TECH"], "none": [GIFT]}}
    assert "TECH1015" not in items(recommend(standing_shop, top_n=100, filter=no_gift))


def test_why_not_names_the_conditions_that_do_not_hold(standing_shop: httpx.Client) -> None:
    asked = {"attributes": {"language": "de", "in_stock": True, "price": {"max": 8}}}
    answer = why_not(standing_shop, filter=asked).json()
    assert (answer["stage"], answer["is_listed"]) == ("matching", False)
    assert answer["explanation"] == (
        'It does not fulfil attributes.language "de" and attributes.price {"max": 8}.'
    )
    named = why_not(standing_shop, filter=["gifts", "cheap"], categories=["FASH"]).json()
    assert named["explanation"] == (
        'It does not fulfil categories {"any": ["GIFT"]} and attributes.price {"max": 10} and '
        'categories {"any": ["FASH"]}.'
    )


def test_why_not_ranks_among_what_fulfils_the_filter(standing_shop: httpx.Client) -> None:
    answer = why_not(standing_shop, "TECH1015", filter=ENGLISH, top_n=3).json()
    assert (answer["is_listed"], answer["rank"]) == (True, 3)


def test_the_cache_keeps_filters_apart(standing_shop: httpx.Client) -> None:
    asked: list[dict[str, Any]] = [
        {},
        {"filter": ENGLISH},
        {"filter": {"attributes": {"language": "de"}}},
        {"filter": {"attributes": {"in_stock": True}}},
        {"filter": {"attributes": {"in_stock": False}}},
        {"filter": "cheap"},
        {"filter": ["cheap", ENGLISH]},
        {"categories": ["FASH"]},
        {"categories": ["FASH"], "filter": ENGLISH},
    ]
    answers = [recommend(standing_shop, user_id="U1", **options).content for options in asked]
    again = [recommend(standing_shop, user_id="U1", **options).content for options in asked]
    assert answers == again
    assert len({json.dumps(items_of(answer)) for answer in answers}) == len(asked)


def items_of(content: bytes) -> list[str]:
    return [item["item_id"] for item in json.loads(content)["recommendations"]]


def test_true_is_not_one(shop: httpx.Client) -> None:
    """Equal in Python, and neither for the cache nor for the filter."""
    send(shop, described("TECH1019") | {"attributes": {"rank": 1}})
    send(shop, described("TECH1018") | {"attributes": {"rank": True}})
    for value, item in ((1, "TECH1019"), (True, "TECH1018"), (1, "TECH1019")):
        assert items(recommend(shop, filter={"attributes": {"rank": value}})) == [item]


def test_pages_go_on_within_the_filter(standing_shop: httpx.Client) -> None:
    first = recommend(standing_shop, top_n=2, filter=ENGLISH)
    cursor = first.json()["next_cursor"]
    second = recommend(standing_shop, top_n=2, filter=ENGLISH, cursor=cursor)
    assert items(first) + items(second) == ["TECH1019", "TECH1017", "TECH1015", "TECH1013"]


@every_list
def test_a_new_value_is_filtered_by_at_once(shop: httpx.Client, ask: Ask) -> None:
    asked = {"top_n": 100, "filter": {"attributes": {"price": {"min": 100}}}}
    assert items(ask(shop, **asked)) == []
    send(shop, {"item_id": "TECH1007", "attributes": {"price": 120}})
    assert items(ask(shop, **asked)) == ["TECH1007"]
    send(shop, {"item_id": "TECH1007", "attributes": {"price": 20}})
    assert items(ask(shop, **asked)) == []
    send(shop, {"item_id": "a new one", "categories": ["TECH"], "attributes": {"price": 200}})
    assert items(ask(shop, **asked)) == ["a new one"]


def test_an_attribute_exists_from_its_first_item_on(shop: httpx.Client) -> None:
    red = {"attributes": {"colour": "red"}}
    assert "colour" in problem(recommend(shop, filter=red), 422)["detail"]
    send(shop, described("FASH1002") | {"attributes": {"colour": "red"}})
    assert items(recommend(shop, filter=red)) == ["FASH1002"]


@pytest.mark.parametrize("with_attributes", [True, False])
def test_without_the_database_the_version_tells_what_items_are(
    serve: Serve, artifact_dir: Any, with_attributes: bool
) -> None:
    choices = {"attributes_of": attributes_of} if with_attributes else {}
    small_version.publish_current(artifact_dir, **choices)
    with (
        closed_port() as port,
        serve(database_url=f"mysql+pymysql://u:p@127.0.0.1:{port}/s") as api,
    ):
        for ask in LISTS:
            tech = items(ask(api, top_n=100, filter={"categories": {"any": ["TECH"]}}))
            assert tech
            assert set(tech) <= set(TECH_ITEMS) - {INACTIVE}
            answer = ask(api, top_n=100, filter=ENGLISH)
            if with_attributes:
                assert {attributes_of(item)["language"] for item in items(answer)} == {"en"}
            else:
                detail = problem(answer, 422)["detail"]
                assert "no item has the attribute 'language'. No item has any." in detail


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("{cheap", "It is no JSON"),
        ('{"a": {}, "a": {}}', 'It names "a" twice'),
        ("[" * 100_000, "It is nested too deep"),
        ('{"a": {"attributes": {"b": "\\ud800"}}}', "a: some text in the filter is not UTF-8"),
        ('{"\\ud800": {}}', "A name has 1 to 200 characters"),
        ("[]", "It is no object such as"),
        ('{"cheap": "price < 10"}', "cheap: a filter is an object with categories and attributes"),
        ('{"cheap": {"attributes": {"price": {"below": 10}}}}', "cheap: attributes.price has no"),
        ('{"cheap": {"attributes": {"price": {"min": 9, "max": 3}}}}', "cheap: .*is above max 3"),
        ('{"": {}}', "A name has 1 to 200 characters"),
        ('{"{}": {}}', "A name has 1 to 200 characters and is no JSON"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(written: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^Config 'FILTERS' .*{reason}") as caught:
        ApiSettings.load(filters=written)
    assert "\n" not in str(caught.value)
