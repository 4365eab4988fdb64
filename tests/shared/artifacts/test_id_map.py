import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.artifacts.id_map import IdMap
from tests.properties import ALPHABET, checked

STRANGE = ["u1", "U1", "u1 ", "a/b", "..", "%2F", "用户", "🍷", "é", "e\u0301", "\0", "x" * 64]


def test_every_id_finds_its_index_and_others_find_none() -> None:
    ids = IdMap.of(STRANGE + STRANGE)
    assert len(ids) == len(STRANGE)
    assert [ids[ids.find(text)] for text in STRANGE] == STRANGE
    assert ids.find_all(["u1", "u2", "u1  ", "\ud800", ""]).tolist()[1:] == [-1] * 4
    assert "U1" in ids
    assert "u" not in ids


def test_ids_are_in_the_order_of_their_bytes() -> None:
    ids = IdMap.of(["\uffff", "\U0001f377", "a", "Z"])
    assert list(ids) == sorted(ids, key=str.encode)


def test_an_empty_map_knows_nobody() -> None:
    assert IdMap.of([]).find("u1") == -1


def test_arrays_make_the_same_column_again() -> None:
    again = IdMap.from_arrays(IdMap.of(STRANGE).arrays("users"), "users")
    assert list(again) == sorted(STRANGE)


LETTERS = "abcdefgh"
TAKEN_OUT = [
    [0],
    [7],
    [3],
    [0, 1, 2],
    [2, 3, 6],
    [6, 7],
    list(range(8)),
    [],
]


@pytest.mark.parametrize("rows", TAKEN_OUT, ids=str)
def test_ids_that_are_taken_out_leave_all_others_where_they_are(rows: list[int]) -> None:
    left = IdMap.of(LETTERS).without(rows)
    assert len(left) == len(LETTERS)
    assert left.find_all(LETTERS).tolist() == [-1 if n in rows else n for n in range(8)]
    assert left.find("") == -1
    assert list(left) == sorted(left)
    assert not {LETTERS[row].encode() for row in rows} & set(_letters_in(left))


def _letters_in(ids: IdMap) -> list[bytes]:
    return [bytes([byte]) for byte in ids.arrays("x")["x.utf8"].tolist()]


@pytest.mark.parametrize("rows", TAKEN_OUT, ids=str)
def test_ids_can_be_taken_out_one_after_another(rows: list[int]) -> None:
    at_once = IdMap.of(LETTERS).without(rows)
    for order in (rows, rows[::-1]):
        by_steps = IdMap.of(LETTERS)
        for row in order:
            by_steps = by_steps.without([row])
        assert list(by_steps) == list(at_once)
        assert by_steps.num_ids == at_once.num_ids == len(LETTERS) - len(rows)


@pytest.mark.parametrize("rows", TAKEN_OUT, ids=str)
def test_pages_pass_over_what_was_taken_out(rows: list[int]) -> None:
    left = IdMap.of(LETTERS).without(rows)
    kept = [row for row in range(8) if row not in rows]
    assert left.page(0, 100).tolist() == kept
    assert [left.page(offset, 2).tolist() for offset in range(9)] == [
        kept[offset : offset + 2] for offset in range(9)
    ]


def test_arrays_keep_what_was_taken_out() -> None:
    left = IdMap.of(LETTERS).without([0, 4])
    again = IdMap.from_arrays(left.arrays("users"), "users")
    assert (again.num_ids, again.find("e"), again.find("f")) == (6, -1, 5)
    assert set(IdMap.of(LETTERS).arrays("users")) == {"users.offsets", "users.utf8"}


@pytest.mark.parametrize("gaps", [[1, 0], [0, 0], [-1], [8]], ids=str)
def test_gaps_that_do_not_fit_are_refused(gaps: list[int]) -> None:
    arrays = IdMap.of(LETTERS).arrays("users")
    with pytest.raises(ValueError, match="gaps"):
        IdMap.from_arrays(arrays | {"users.gaps": np.array(gaps, dtype=np.int64)}, "users")


TEXTS = st.text(ALPHABET, max_size=4)
IDS = TEXTS.filter(bool)


@checked
@given(ids=st.lists(IDS), texts=st.lists(TEXTS))
def test_any_ids_find_themselves_and_nothing_else(ids: list[str], texts: list[str]) -> None:
    users = IdMap.of(ids)
    assert list(users) == sorted(set(ids), key=str.encode)
    assert [users[index] for index in users.find_all(ids)] == ids
    assert [text in users for text in texts] == [text in set(ids) for text in texts]


@checked
@given(ids=st.sets(IDS, min_size=1), data=st.data())
def test_any_ids_can_be_taken_out_and_all_others_keep_their_index(
    ids: set[str], data: st.DataObject
) -> None:
    users = IdMap.of(ids)
    rows = st.sets(st.integers(0, len(users) - 1))
    first, second = data.draw(rows), data.draw(rows)
    left = users.without(first).without(second)
    again = IdMap.from_arrays(left.arrays("users"), "users")
    kept = [index for index in range(len(users)) if index not in first | second]
    assert len(again) == len(users)
    assert again.num_ids == len(kept)
    for index, user_id in enumerate(users):
        assert again.find(user_id) == (index if index in kept else -1)
    offset, limit = data.draw(st.integers(0, len(users))), data.draw(st.integers(0, len(users)))
    assert again.page(offset, limit).tolist() == kept[offset : offset + limit]
