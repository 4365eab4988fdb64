"""The settings of the API, beyond those that every service has."""

import ipaddress
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from services.api.recommend.ranking.filter_sets import FilterSets, parse_filter_sets
from services.api.recommend.rules import Rules, parse_rules
from shared.database.event_types import EVENT_WEIGHTS, EventWeights, require_event_types
from shared.settings import CommaList, Settings


class ApiSettings(Settings):
    """What the API reads from its environment, once, at its start."""

    redis_url: SecretStr | None = None
    """`redis://host:6379/0`; empty: lists are cached in this process, enough for one replica."""

    api_key: SecretStr | None = None
    """Guards what changes data; empty means open, which only a loopback address may be."""

    admin_api_key: SecretStr | None = None
    """Guards what administers or erases; empty means open, which only a loopback address may be."""

    publish_address: str = "127.0.0.1"
    """Where the API is reachable; nothing but this machine unless someone decides otherwise."""

    cache_ttl_seconds: PositiveInt = 300
    """How long a list is kept; age never makes it wrong, as keys carry version and history."""

    event_weights: EventWeights = EVENT_WEIGHTS
    """The types of events that come in are those that have a weight here (name:weight); what each
    weighs is what the trainer was told, for types that it did not know yet this."""

    exclude_events: CommaList = ()
    """The events (comma list) whose items `exclude_rated` leaves out; by default all of them."""

    rules: Annotated[Rules, NoDecode, BeforeValidator(parse_rules)] = Rules()
    """Pinned and boosted items as JSON, see docs/operations.md."""

    filters: Annotated[InstanceOf[FilterSets], NoDecode, BeforeValidator(parse_filter_sets)] = (
        FilterSets()
    )
    """Filters by name as JSON, for requests to ask for: docs/how-to/filters.md."""

    new_item_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Of a list's places, on average, for items that no training has seen; 0: only to fill up."""

    trend_seconds: PositiveFloat = 2
    """How often what came since the training is counted, for people of whom nothing is known."""

    model_poll_seconds: PositiveFloat = 1
    """How often current.json is looked at: one stat, so a new version serves within seconds."""

    database_timeout_seconds: PositiveFloat = 0.5
    """After this a request goes on without the database; a read takes 1 ms, a heavy user's 12."""

    write_timeout_seconds: PositiveFloat = 1.5
    """After this a write that is not confirmed gets 503; 1,000 rows take 50 ms at rest."""

    redis_timeout_seconds: PositiveFloat = 0.25
    """After this a request computes its list; on a busy machine a reply can take 100 ms."""

    probe_seconds: PositiveFloat = 1
    """How often database and Redis are asked whether they answer (again)."""

    @model_validator(mode="after")
    def _check_exclude_events(self) -> Self:
        try:
            require_event_types(self.exclude_events, self.event_weights)
        except ValueError as error:
            raise ValueError(f"Config 'EXCLUDE_EVENTS' is not valid: {error}.") from None
        return self

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        url = urlsplit(value.get_secret_value())
        if url.scheme not in ("redis", "rediss", "unix"):
            raise ValueError("use redis://host:6379/0, rediss://… or unix://…")
        try:
            _ = url.port
        except ValueError:  # its text would show a part of the password
            raise ValueError(
                "its port is no number (in a password, / # ? and @ are percent-encoded)"
            ) from None
        return value

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        keys = {"API_KEY": self.api_key, "ADMIN_API_KEY": self.admin_api_key}
        empty = [name for name, key in keys.items() if key is None or not key.get_secret_value()]
        if empty and not is_loopback(self.publish_address):
            raise ValueError(
                f"Config 'PUBLISH_ADDRESS' has value '{self.publish_address}', which others can "
                f"reach, with no value in {' and '.join(empty)}. Set both keys, or publish on "
                "127.0.0.1."
            )
        return self


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address; a name other than localhost never counts."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"
