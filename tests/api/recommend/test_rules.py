import pytest

from services.api.recommend.rules import Boost, Pin, Rules, parse_rules
from services.api.settings import ApiSettings
from shared.settings import ConfigurationError


def test_rules_are_json() -> None:
    text = '{"pinned": [{"item_id": "A", "rank": 2}], "boosted": [{"category": "b", "by": 1}]}'
    expected = Rules(pinned=(Pin(item_id="A", rank=2),), boosted=(Boost(category="b", by=1),))
    assert parse_rules(text) == expected
    assert ApiSettings.load(rules=text).rules == expected
    assert ApiSettings.load().rules == Rules()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pinned", "Invalid JSON"),
        ('{"pined": []}', "pined: "),
        ('{"pinned": [{"item_id": "A", "rank": 0}]}', "pinned.0.rank: "),
        ('{"pinned": [{"rank": 1}]}', "pinned.0.item_id: "),
        ('{"boosted": [{"item_id": "A", "category": "b", "by": 1}]}', "boosted.0: "),
        ('{"boosted": [{"by": 1}]}', "either an item_id or a category"),
        ('{"boosted": [{"item_id": "A", "by": 11}]}', "boosted.0.by: "),
        ('{"boosted": [{"item_id": "A", "by": NaN}]}', "boosted.0.by: "),
    ],
)
def test_a_wrong_rule_is_named(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        ApiSettings.load(rules=text)
    assert message in str(error.value)
    assert "RULES" in str(error.value)
