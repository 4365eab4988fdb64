import json

import numpy as np
import pytest

from shared.array_folder import Arrays
from shared.segments import Criterion, GroupsTried, Segment, Segments, SegmentsDescription

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
