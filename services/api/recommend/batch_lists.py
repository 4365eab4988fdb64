"""Lists of many users in one request: what that may cost, and how it is answered piece by piece."""

from collections.abc import Iterator, Sequence

from services.api.problems import TooCostly
from services.api.schemas.recommendations import ListOptions

# In units of 20 µs of one core, measured with 600 items by benchmarks/speed/request_cost.py.
MAX_COST = 75_000  # 1.5 s
USER_COST = 50  # reading a history, folding it in, the stages: 1.1 ms
ITEMS_PER_UNIT = 200  # what each item of the catalogue adds to each user: .1 µs
EXPLAINED_USER_COST = 1_500  # up to 100 interactions that are left out one by one: 30 ms
EXPLAINED_PLACE_COST = 5
SHOWN_PLACE_COST = 1  # reading attributes of 200 characters takes 2 µs, of 10,000 60
EXPLORED_ITEMS_PER_UNIT = 2  # a standard deviation of each score: 3 to 8 µs an item for bayesian

CHUNK_COST = 2_000  # 40 ms: others are answered in between
CHUNK_SCORES = 2**20  # 4 MB


def user_cost(options: ListOptions, n_items: int) -> int:
    """What one user's list costs with these options, over a catalogue of so many items."""
    places = options.top_n * (1 + bool(options.diversity))
    cost = USER_COST + places + n_items // ITEMS_PER_UNIT
    if options.fields:
        cost += SHOWN_PLACE_COST * options.top_n
    if options.explain:
        cost += EXPLAINED_USER_COST + EXPLAINED_PLACE_COST * options.top_n
    if options.exploration:
        cost += n_items // EXPLORED_ITEMS_PER_UNIT
    return cost


def require_affordable(options: ListOptions, n_users: int, n_items: int) -> None:
    """TooCostly, with what would do, where the lists of so many users cost more than MAX_COST."""
    each = user_cost(options, n_items)
    if n_users > 1 and each * n_users > MAX_COST:
        raise TooCostly(
            f"{n_users:,} lists as asked for cost {each * n_users:,} of at most {MAX_COST:,}: send "
            f"up to {max(MAX_COST // each, 1):,} users at a time, or ask for less. A list costs "
            f"{each:,}: its places, with explain {EXPLAINED_USER_COST:,} and "
            f"{EXPLAINED_PLACE_COST} a place more, with fields {SHOWN_PLACE_COST} a place, and "
            "what grows with the catalogue."
        )


def in_chunks(user_ids: Sequence[str], options: ListOptions, n_items: int) -> Iterator[list[str]]:
    """The users, so many at a time as are computed without keeping others waiting."""
    affordable = CHUNK_COST // user_cost(options, n_items)
    size = max(1, min(affordable, CHUNK_SCORES // max(n_items, 1)))
    for begin in range(0, len(user_ids), size):
        yield list(user_ids[begin : begin + size])
