"""Names of segments: what each likes more than everybody, in as few words as tell them apart.

A name is only made of what enough of a segment's users do often enough: see
docs/decisions/0006-segments.md.
"""

from collections.abc import Iterator, Sequence

from services.trainer.segments.item_descriptions import ItemDescriptions
from services.trainer.segments.preferences import Preferences, Support
from shared.artifacts.segments import segment_id

EVERYONE = "everyone"
UNCLEAR = "mixed taste"
NAMING_LIFT = 1.1  # from here on a preference is worth a name
CATEGORY_SUPPORT = Support(share=0.05, reach=0.5)
"""One interaction in twenty, and half of the users. Names that hold have a share of .067 (Mystery,
MovieLens 100K) to .81 and a reach of .98 and more; Film-Noir, MovieLens 1M, has a share of .030."""
TITLE_SUPPORT = Support(share=0.001, reach=0.1)
"""An item that all users with a thousand interactions have has a share of .001. The items that tell
segments apart most have a reach of .36 to .74 on MovieLens, of .10 to .44 among 5,000 generated
items; of fewer than one user in ten a title says nothing."""


def segment_names(
    n_segments: int,
    items: Preferences,
    categories: Preferences,
    category_names: Sequence[str],
    descriptions: ItemDescriptions,
) -> list[str]:
    """A name for each segment, in as few words as tell all of them apart."""
    if n_segments == 1:
        return [EVERYONE]
    wordings = [
        list(_wordings(segment, items, categories, category_names, descriptions))
        for segment in range(n_segments)
    ]
    for names in zip(*wordings, strict=True):
        if len(set(names)) == n_segments:
            return list(names)
    return [f"{words[-1]} ({segment_id(segment)})" for segment, words in enumerate(wordings)]


def _wordings(
    segment: int,
    items: Preferences,
    categories: Preferences,
    category_names: Sequence[str],
    descriptions: ItemDescriptions,
) -> Iterator[str]:
    """Names of a segment, each longer than the one before; as many for every segment."""
    liked = categories.distinctive(segment, 3, NAMING_LIFT, CATEGORY_SUPPORT)
    likes = [category_names[category] for category in liked]
    liked_items = items.distinctive(segment, 3, NAMING_LIFT, TITLE_SUPPORT)
    titles = [descriptions.label(item) for item in liked_items]
    rarest = categories.rarest(segment, CATEGORY_SUPPORT)
    rarely = "" if rarest is None else f", rarely {category_names[rarest]}"
    for words in (2, 3):
        yield (_and(likes[:words]) or _and(titles[:words]) or UNCLEAR) + rarely
    with_titles = f" ({_and(titles[:2])})" if likes and titles else ""
    yield (_and(likes) or _and(titles) or UNCLEAR) + with_titles + rarely


def _and(words: Sequence[str]) -> str:
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last
