import json

import numpy as np
import pytest

from shared.arrays.named import Arrays
from shared.artifacts.segments import (
    Criterion,
    GroupsTried,
    ItemShare,
    Segment,
    Segments,
    SegmentsDescription,
)

TRIED = [GroupsTried(groups=1, prediction_strength=1, gap=0)]


def segment(index: int, size: int, name: str | None = None) -> Segment:
    return Segment(
        segment_id=f"S{index + 1}",
        name=name or f"group {index}",
        size=size,
        share=size / 3,
        mean_rating=None,
        activity=2,
        favourite_categories=[],
        distinctive_categories=[],
        favourite_items=[],
        distinctive_items=[],
        certainty=0.5,
        stability=1,
    )


def description(*segments: Segment) -> SegmentsDescription:
    return SegmentsDescription(
        segments=list(segments), criterion=Criterion(name="criterion", tried=TRIED)
    )


TWO = description(segment(0, 2), segment(1, 1))
LABELS = np.array([1, 0, -1, 0], dtype=np.int16)
CERTAINTY = np.array([0.5, 0.25, 0, 1], dtype=np.float32)


def test_a_user_has_a_segment_and_a_certainty_or_neither() -> None:
    segments = Segments(LABELS, CERTAINTY, TWO)
    assert len(segments) == 4
    assert segments.of(0) == (TWO.segments[1], 0.5)
    assert segments.of(3) == (TWO.segments[0], 1.0)
    assert segments.of(2) is None
    assert segments.of(-1) is None


def test_arrays_and_json_make_the_same_segments_again() -> None:
    segments = Segments(LABELS, CERTAINTY, TWO)
    text = segments.description.model_dump_json()
    again = Segments.from_arrays(segments.arrays(), SegmentsDescription.model_validate_json(text))
    assert again.description == TWO
    assert again.labels.tolist() == LABELS.tolist()
    assert json.loads(text)["segments"][0]["mean_rating"] is None


@pytest.mark.parametrize(
    ("labels", "certainty", "described"),
    [
        (LABELS[:3], CERTAINTY, TWO),
        (LABELS, CERTAINTY[:3], TWO),
        (np.array([2, 0, -1, 0], dtype=np.int16), CERTAINTY, TWO),
        (np.array([-2, 0, 1, 0], dtype=np.int16), CERTAINTY, TWO),
        (LABELS, np.array([0.5, 0.5, 0, np.nan], dtype=np.float32), TWO),
        (LABELS, np.array([0.5, 0.5, 0, 1.5], dtype=np.float32), TWO),
        (LABELS, CERTAINTY, description(segment(0, 1), segment(1, 2))),
        (LABELS, CERTAINTY, description(segment(0, 2))),
        (LABELS, CERTAINTY, description(segment(1, 2), segment(0, 1))),
        (LABELS, CERTAINTY, description(segment(0, 2, "same"), segment(1, 1, "same"))),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    labels: np.ndarray, certainty: np.ndarray, described: SegmentsDescription
) -> None:
    with pytest.raises(ValueError, match="segment"):
        Segments(labels, certainty, described)


def test_arrays_of_other_types_or_none_are_refused() -> None:
    wrong: Arrays = {"labels": LABELS.astype(np.int64), "certainty": CERTAINTY}
    with pytest.raises(ValueError, match="int64"):
        Segments.from_arrays(wrong, TWO)
    with pytest.raises(KeyError):
        Segments.from_arrays({"labels": LABELS}, TWO)


def test_users_who_are_taken_out_are_in_no_segment_and_counted_no_more() -> None:
    left = Segments(LABELS, CERTAINTY, TWO).without_users(np.array([3]))
    assert (left.of(3), left.of(0)) == (None, (left.segments[1], 0.5))
    assert left.certainty.tolist() == [0.5, 0.25, 0, 0]
    described = [(s.size, s.share, s.certainty) for s in left.segments]
    assert described == [(1, 0.5, 0.25), (1, 0.5, 0.5)]
    assert [segment.activity for segment in left.segments] == [2, 2]
    assert [segment.size for segment in TWO.segments] == [2, 1]


def test_a_segment_without_users_tells_nothing_of_its_last_one() -> None:
    items = [ItemShare(item_id="i", title="", share=1, lift=2)]
    alone = segment(1, 1).model_copy(update={"favourite_items": items, "mean_rating": 4.0})
    segments = Segments(LABELS, CERTAINTY, description(segment(0, 2), alone))
    left = segments.without_users(np.array([0])).segments[1]
    assert (left.size, left.share, left.certainty, left.activity) == (0, 0, 0, 0)
    assert (left.favourite_items, left.mean_rating) == ([], None)
    assert (left.segment_id, left.name) == ("S2", "group 1")
    everyone = segments.without_users(np.array([0, 1, 3]))
    assert [segment.share for segment in everyone.segments] == [0, 0]
