"""What the names of events in a file mean: as they are, as somebody maps them, as a guess."""

import re
from collections.abc import Collection, Mapping

# Without case and punctuation; a guess is only ever suggested.
_GUESSES = {
    "view": (
        *("pageview", "viewed", "viewitem", "itemview", "productview", "detailview", "pv", "visit"),
        *("viewcontent", "impression", "seen", "watch", "watched", "play", "played", "listen"),
        *("read", "open", "opened"),
    ),
    "click": ("clicked", "clickout", "tap", "tapped", "itemclick", "productclick", "select"),
    "cart": (
        *("addtocart", "addcart", "cartadd", "addedtocart", "basket", "addtobasket", "tocart"),
        *("additemtocart", "basketadd"),
    ),
    "purchase": (
        *("transaction", "order", "ordered", "buy", "bought", "purchased", "checkout", "sale"),
        *("sold", "orderplaced", "ordercompleted", "payment", "paid", "kauf", "bestellung"),
    ),
    "like": (
        *("liked", "fav", "favorite", "favourite", "favorited", "heart", "upvote", "thumbsup"),
        *("bookmark", "save", "saved"),
    ),
    "dislike": ("disliked", "downvote", "thumbsdown", "hide", "hidden", "notinterested"),
    "rating": ("rate", "rated", "review", "reviewed", "stars"),
}
_MOST_NAMES = 20  # in what is suggested to be written
_GUESSED = {name: type_ for type_, names in _GUESSES.items() for name in names}


def plain_name(text: str) -> str:
    """A name as it is compared: small letters, without blanks around it."""
    return text.strip().lower()


def guess(name: str) -> str | None:
    """The type that a name of an event probably means."""
    return _GUESSED.get(re.sub(r"[\W_]", "", name.lower()))


def lines_to_write(unknown: Collection[str], known: Mapping[str, float]) -> list[str]:
    """What has to be written so that events of these names go in, `known` types having weights."""
    guesses = {name: guess(name) for name in sorted(unknown)[:_MOST_NAMES]}
    mapped = [f"{name}={type_}" for name, type_ in guesses.items() if type_ in known]
    own = [name for name, type_ in guesses.items() if type_ not in known]
    lines = []
    if mapped:
        joined = ",".join(mapped)
        lines.append(f"--map {_quoted(joined)}")
    if own:
        lines += [
            f"EVENT_WEIGHTS={','.join(f'{_as_type(name)}:1' for name in own)} in .env "
            "(types of your own with their weights, beside those that there are)"
        ]
        renamed = [f"{name}={_as_type(name)}" for name in own if _as_type(name) != name]
        if renamed:
            lines.append(f"with --map '{','.join(renamed)}'")
    if len(unknown) > _MOST_NAMES:
        lines.append(f"and {len(unknown) - _MOST_NAMES:,} names more: are these names of events?")
    return lines


def _as_type(name: str) -> str:
    """The name with the letters that a type of event may have."""
    letters = re.sub(r"[^a-z0-9_.-]+", "_", name.lower()).strip("_.-")
    return letters[:32] if letters[:1].isalpha() else f"event_{letters}"[:32]


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w.=,-]+", text) else f"'{text}'"
