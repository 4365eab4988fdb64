import numpy as np
import pytest

from shared.texts import IdMap, Texts

STRANGE = ["u1", "U1", "u1 ", "", "a/b", "..", "%2F", "用户", "🍷", "é", "e\u0301", "\0", "x" * 64]


def test_texts_keep_their_order_and_every_byte() -> None:
    texts = Texts.of(STRANGE)
    assert list(texts) == STRANGE
    assert texts[-1] == "x" * 64
    assert texts[2:4] == ["u1 ", ""]
    with pytest.raises(IndexError):
        texts[len(STRANGE)]


def test_every_id_finds_its_index_and_others_find_none() -> None:
    ids = IdMap.of(STRANGE + STRANGE)
    assert len(ids) == len(STRANGE)
    assert [ids[ids.find(one)] for one in STRANGE] == STRANGE
    assert ids.find_all(["u1", "u2", "u1  ", "\ud800"]).tolist()[1:] == [-1, -1, -1]
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


@pytest.mark.parametrize("offsets", [[], [1, 3], [0, 2], [0, 4, 3]])
def test_offsets_that_do_not_fit_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        Texts(np.array(offsets, dtype=np.int64), np.zeros(3, dtype=np.uint8))


def test_arrays_of_another_type_are_refused() -> None:
    arrays = Texts.of(["a"]).arrays("t")
    with pytest.raises(ValueError, match="holds float64"):
        Texts.from_arrays({**arrays, "t.offsets": np.array([0.0, 1.0])}, "t")
