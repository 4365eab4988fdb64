import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.artifacts.text_column import TextColumn
from tests.properties import ALPHABET, checked

STRANGE = ["u1", "U1", "u1 ", "a/b", "..", "%2F", "用户", "🍷", "é", "e\u0301", "\0", "x" * 64]


def test_texts_keep_their_order_and_every_byte() -> None:
    texts = TextColumn.of(["", *STRANGE, ""])
    assert list(texts) == ["", *STRANGE, ""]
    assert texts[-2] == "x" * 64
    assert texts[3:5] == ["u1 ", "a/b"]
    with pytest.raises(IndexError):
        texts[len(STRANGE) + 2]


@pytest.mark.parametrize("offsets", [[], [1, 3], [0, 2], [0, 4, 3]])
def test_offsets_that_do_not_fit_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        TextColumn(np.array(offsets, dtype=np.int64), np.zeros(3, dtype=np.uint8))


def test_arrays_of_another_type_are_refused() -> None:
    arrays = TextColumn.of(["a"]).arrays("t")
    with pytest.raises(ValueError, match="holds float64"):
        TextColumn.from_arrays({**arrays, "t.offsets": np.array([0.0, 1.0])}, "t")


@checked
@given(values=st.lists(st.text(ALPHABET)))
def test_any_texts_come_back_from_their_arrays(values: list[str]) -> None:
    column = TextColumn.from_arrays(TextColumn.of(values).arrays("t"), "t")
    assert list(column) == values
    assert [column.utf8(index) for index in range(len(column))] == [v.encode() for v in values]
