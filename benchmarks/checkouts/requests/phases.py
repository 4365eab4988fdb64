"""What an API is asked, phase by phase."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from benchmarks.checkouts.requests.cast import Cast
from benchmarks.checkouts.requests.reads import (
    about,
    batches,
    explorations,
    list_options,
    pages,
    predictions,
    recommendations,
    sessions,
    similar,
    user_pages,
    users,
    why_not,
)
from benchmarks.checkouts.requests.request import Plan, erase, get, post
from benchmarks.checkouts.requests.writes import (
    WRONG_ITEMS,
    WRONG_USERS,
    declared_user,
    described_item,
    interactions,
    mixed_rows,
)
from benchmarks.checkouts.requests.wrong import wrong_reads, wrong_writes
from benchmarks.checkouts.scenarios import Scenario


@dataclass(frozen=True)
class Phase:
    """A plan with a name; `settles`: whether earlier writes have to count for strangers first."""

    name: str
    plan: Callable[[Cast, Random, int], Plan]
    settles: bool = False
    has_new_items: bool = False


def requests_of(phase: Phase, scenario: Scenario, cast: Cast) -> Plan:
    """The requests of a phase, drawn from a seed of its own."""
    return phase.plan(cast, Random(f"{scenario.name}, {phase.name}"), scenario.requests)


def phases(scenario: Scenario) -> Sequence[Phase]:
    if not scenario.writes:
        return (Phase("reads", reads),)
    return (
        Phase("reads", reads),
        Phase("writes", writes),
        Phase("after writes", after_writes, settles=True),
        Phase("erasures", erasures),
        Phase("after erasures", after_erasures, settles=True),
        Phase("new items", new_items, has_new_items=True),
        Phase("with new items", with_new_items, settles=True, has_new_items=True),
        Phase("wrong reads", wrong_reads, has_new_items=True),
        Phase("wrong writes", wrong_writes, has_new_items=True),
    )


def reads(cast: Cast, rng: Random, n: int) -> Plan:
    """Every endpoint that only reads."""
    yield from about()
    draw_user = partial(rng.choice, [*cast.users, *cast.users, *cast.strangers * 20])
    yield from recommendations(draw_user, cast, rng, n)
    yield from explorations(draw_user, cast, rng, n // 4)
    yield from pages(draw_user, cast, rng, n // 4)
    yield from batches(draw_user, cast, rng, n // 4 or 1)
    yield from sessions(cast.items, cast, rng, n)
    yield from predictions(draw_user, cast.items, rng, n)
    yield from user_pages(cast, rng, n)
    yield from users(draw_user, n)
    yield from why_not(draw_user, cast.items, cast, rng, n)
    yield from similar(cast.items, rng, n)
    for _time in range(n // 20 or 1):
        yield get("/users/{id}/export", "users", draw_user(), "export")


def writes(cast: Cast, rng: Random, n: int) -> Plan:
    """Interactions with trained items, and descriptions of users and of trained items."""
    draw_user = partial(rng.choice, [*cast.users, *cast.newcomers * 5])
    yield from interactions(draw_user, cast.items, rng, n)
    draw_user = partial(rng.choice, [*cast.users, *cast.newcomers * 5, *cast.declared * 10])
    for _time in range(n):
        rows = mixed_rows(rng, declared_user(draw_user, rng), WRONG_USERS)
        yield post("/users", {"users": rows})
    for _time in range(n // 2):
        rows = mixed_rows(rng, described_item(cast.items, cast, rng), [])
        yield post("/items", {"items": rows})


def after_writes(cast: Cast, rng: Random, n: int) -> Plan:
    """Lists of newcomers and of strangers, who get what is popular since the writes."""
    draw_user = partial(
        rng.choice, [*cast.users, *(cast.newcomers + cast.declared + cast.strangers) * 10]
    )
    yield from recommendations(draw_user, cast, rng, n)
    yield from pages(draw_user, cast, rng, n // 20)
    yield from batches(draw_user, cast, rng, n // 20)
    yield from sessions(cast.items, cast, rng, n // 5)
    yield from predictions(draw_user, cast.items, rng, n // 2)
    yield from users(draw_user, n)
    yield from why_not(draw_user, cast.items, cast, rng, n // 2)
    yield from similar(cast.items, rng, n // 5)
    yield from about()


def erasures(cast: Cast, rng: Random, n: int) -> Plan:
    """Exports, erasures, and what is refused from then on."""
    # Trained users last: erasing one changes the version, and popularity is counted without them.
    trained = rng.sample(cast.doomed, min(n * 4 // 5, len(cast.doomed)))
    erased = [*cast.newcomers[::2], *trained]
    for user_id in erased:
        if rng.random() < 0.3:
            yield post("/recommend", {"user_id": user_id})  # a cached list
        yield get("/users/{id}/export", "users", user_id, "export")
    for user_id in [*erased, *cast.strangers, *rng.sample(erased, len(erased) // 5)]:
        yield erase(user_id)
    draw_user = partial(rng.choice, [*erased, *cast.staying])
    yield from interactions(draw_user, cast.items, rng, n // 10)
    for _time in range(n // 10):
        yield post("/users", {"users": mixed_rows(rng, declared_user(draw_user, rng), [])})
        yield get("/users/{id}/export", "users", draw_user(), "export")


def after_erasures(cast: Cast, rng: Random, n: int) -> Plan:
    """An erased user is a stranger, and all others' lists are the same."""
    draw_user = partial(rng.choice, [*cast.users, *cast.newcomers * 3])
    yield from recommendations(draw_user, cast, rng, n // 2)
    yield from batches(draw_user, cast, rng, n // 20)
    yield from predictions(draw_user, cast.items, rng, n // 5)
    yield from user_pages(cast, rng, n // 5)
    yield from users(draw_user, n // 2)
    yield from why_not(draw_user, cast.items, cast, rng, n // 5)
    yield from about()


def new_items(cast: Cast, rng: Random, n: int) -> Plan:
    """Items that no training has seen: described, and named by events."""
    items = [*cast.new_items, *cast.new_items, *rng.sample(cast.items, 20)]
    for _time in range(n // 2):
        rows = mixed_rows(rng, described_item(items, cast, rng), WRONG_ITEMS)
        yield post("/items", {"items": rows})
    draw_user = partial(rng.choice, [*cast.staying, *cast.newcomers[1::2]])
    yield from interactions(draw_user, [*items, "named by an event"], rng, n // 5)


def with_new_items(cast: Cast, rng: Random, n: int) -> Plan:
    """The same questions as before, now that chance gives new items some places."""
    items = [*cast.items, *cast.new_items * 2]
    draw_user = partial(
        rng.choice, [*cast.staying, *cast.newcomers, *cast.declared, *cast.strangers]
    )
    yield from recommendations(draw_user, cast, rng, n)
    yield from pages(draw_user, cast, rng, n // 10)
    yield from batches(draw_user, cast, rng, n // 20)
    yield from sessions(items, cast, rng, n // 2)
    for _time in range(n):
        only = {"user_id": draw_user(), "only_items": rng.sample(items, 40), "top_n": 30}
        yield post("/recommend", list_options(cast, rng) | only)
    yield from predictions(draw_user, items, rng, n // 2)
    yield from similar(items, rng, n // 2)
    yield from why_not(draw_user, items, cast, rng, n // 5)
