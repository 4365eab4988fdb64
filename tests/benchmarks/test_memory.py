import argparse

import pytest

from benchmarks import memory
from benchmarks.memory import Size, measure


def test_a_size_is_users_items_and_rows() -> None:
    assert Size.parse("1000x600x50000") == Size(users=1000, items=600, rows=50_000)
    with pytest.raises(ValueError, match="unpack"):
        Size.parse("1000x600")


def test_no_model_that_there_is_not() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no such model: als2"):
        memory._models("als,als2")


@pytest.mark.programs
def test_memory_and_seconds_of_a_training() -> None:
    measured = list(measure(Size(60, 5_010, 20_000), ["bias", "ease"]))
    (_size, name, trained), (_other, _name, left_out) = measured
    assert name == "bias"
    assert trained is not None
    assert trained.peak_mib > 100
    assert trained.seconds > 0
    assert left_out is None, "ease above EASE_MAX_ITEMS"
