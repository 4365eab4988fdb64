"""The settings of the API, beyond those that every service has."""

import ipaddress
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    InstanceOf,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from services.api.access.addresses import require_proxies
from services.api.access.keys import ApiKey, parse_bound_keys, parse_keys
from services.api.access.kinds import Kind
from services.api.access.origins import parse_origins
from services.api.access.rates import RateLimit
from services.api.access.user_signatures import parse_signing_keys
from services.api.recommend.ranking.filter_sets import FilterSets, parse_filter_sets
from services.api.recommend.rules import Rules, parse_rules
from shared.artifacts.content import UNDESCRIBED_ITEM_USERS
from shared.database.event_types import EVENT_WEIGHTS, EventWeights, require_event_types
from shared.settings import CommaList, FirstTrainingSettings, Secret, Settings


class ApiSettings(Settings, FirstTrainingSettings):
    """What the API reads from its environment, once, at its start."""

    redis_url: SecretStr | None = None
    """`redis://host:6379/0`; empty: lists are cached in this process, enough for one replica."""

    publish_address: str = "127.0.0.1"
    """Where the API is reachable; nothing but this machine unless someone decides otherwise."""

    read_api_key: Annotated[
        tuple[ApiKey, ...], NoDecode, Secret, BeforeValidator(parse_bound_keys)
    ] = ()
    """Keys for lists alone, which may stand in pages: `key@https://shop.example` in those of that
    origin. Without any key of the three kinds all is open, which only a loopback address may be."""

    api_key: Annotated[tuple[ApiKey, ...], NoDecode, Secret, BeforeValidator(parse_keys)] = ()
    """Keys of the application's server: lists, histories, events, descriptions."""

    admin_api_key: Annotated[tuple[ApiKey, ...], NoDecode, Secret, BeforeValidator(parse_keys)] = ()
    """Keys that erase and export too."""

    user_signing_key: Annotated[
        tuple[SecretStr, ...], NoDecode, Secret, BeforeValidator(parse_signing_keys)
    ] = ()
    """By these the shop's server signs user ids; set, a read key needs a signature for a list."""

    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(parse_origins)] = ()
    """Pages (comma list of origins) that may read answers, beside those of bound read keys."""

    read_rate: NonNegativeInt = 300
    """Requests a minute with a read key, for each key and address; 0: any number."""

    write_rate: NonNegativeInt = 0
    """The same for keys of API_KEY: counting costs each request a question to Redis."""

    admin_rate: NonNegativeInt = 0
    """The same for keys of ADMIN_API_KEY."""

    wrong_key_rate: NonNegativeInt = 20
    """Wrong keys and signatures a minute from an address, which then gets no answer; 0: any."""

    forwarded_allow_ips: Annotated[CommaList, AfterValidator(require_proxies)] = ("127.0.0.1",)
    """Proxies (addresses or networks) whose X-Forwarded-For is believed; uvicorn reads it too."""

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

    undescribed_item_users: NonNegativeInt = UNDESCRIBED_ITEM_USERS
    """An item that nobody described is in no list before so many people used it: one alone has
    mistyped an id, and catalogues of events alone are never described. 0 or 1: all are offered."""

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
        self._refuse_shared_keys()
        empty = [kind.setting for kind in (Kind.WRITE, Kind.ADMIN) if not self.keys_by_kind()[kind]]
        if empty and not is_loopback(self.publish_address):
            raise ValueError(
                f"Config 'PUBLISH_ADDRESS' has value '{self.publish_address}', which others can "
                f"reach, with no value in {' and '.join(empty)}. Set both keys, or publish on "
                "127.0.0.1."
            )
        if self.user_signing_key and not self.read_api_key:
            raise ValueError(
                "Config 'USER_SIGNING_KEY' is set, and no READ_API_KEY, of which alone signatures "
                "are asked. Set both, or neither."
            )
        return self

    def _refuse_shared_keys(self) -> None:
        places: dict[bytes, str] = {}
        for kind, keys in self.keys_by_kind().items():
            for key in keys:
                if key.digest in places:
                    raise ValueError(
                        f"Config '{kind.setting}' has a key that stands in {places[key.digest]} "
                        "already. Make each its own with `make key`."
                    )
                places[key.digest] = kind.setting

    def keys_by_kind(self) -> dict[Kind, tuple[ApiKey, ...]]:
        """All keys by kind; none at all: everything is open."""
        return {
            Kind.READ: self.read_api_key,
            Kind.WRITE: self.api_key,
            Kind.ADMIN: self.admin_api_key,
        }

    def rates(self) -> dict[Kind, RateLimit]:
        """The kinds of keys whose requests are counted."""
        quotas = {
            Kind.READ: self.read_rate,
            Kind.WRITE: self.write_rate,
            Kind.ADMIN: self.admin_rate,
        }
        return {
            kind: RateLimit(kind.name.lower(), quota) for kind, quota in quotas.items() if quota
        }

    def wrong_keys(self) -> RateLimit | None:
        """How often an address may guess; None: as often as it wants."""
        return RateLimit("wrong-keys", self.wrong_key_rate) if self.wrong_key_rate else None

    def origins(self) -> frozenset[str]:
        """The pages that may read answers."""
        return frozenset(self.cors_origins).union(*(key.origins for key in self.read_api_key))


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address; a name other than localhost never counts."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"
