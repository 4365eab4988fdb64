"""The errors that a request can be answered with; http/problem_details.py makes answers of them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from shared.errors import SommelierError


class Problem(SommelierError):
    """Base of the errors that a request can be answered with; the text becomes `detail`."""

    status: ClassVar[HTTPStatus]
    kind: ClassVar[str]
    """Ends the problem's `type`, by which a program tells problems apart."""
    retry_after: ClassVar[int | None] = None
    """Seconds after which the same request may be answered."""

    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class NotReady(Problem):
    """Nothing is known yet to make a list of."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    kind = "not-ready"
    retry_after = 5


class DatabaseAway(Problem):
    """Only the database knows the answer, and it does not answer."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    kind = "database-away"
    retry_after = 5


class WrongKey(Problem):
    """A request without a key, or with one that is none of those that are set."""

    status = HTTPStatus.UNAUTHORIZED
    kind = "wrong-key"

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'ApiKey realm="X-API-Key"'}


class WrongSignature(Problem):
    """A page's request in the name of a user, without the signature of that user."""

    status = HTTPStatus.UNAUTHORIZED
    kind = "wrong-signature"

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'UserSignature realm="X-User-Signature"'}


class NotWithThisKey(Problem):
    """A right key of a kind that does not open what was asked for."""

    status = HTTPStatus.FORBIDDEN
    kind = "not-with-this-key"

    @classmethod
    def of(cls, sent: str, needed: str) -> "NotWithThisKey":
        """Both are settings that list keys."""
        return cls(f"The key that was sent is a {sent}, and this needs one of {needed}.")


class WrongOrigin(Problem):
    """A key that is bound to web pages, sent from elsewhere."""

    status = HTTPStatus.FORBIDDEN
    kind = "wrong-origin"

    @classmethod
    def of(cls, origin: str | None) -> "WrongOrigin":
        sent = "no header Origin came" if origin is None else f"it came from '{origin}'"
        return cls(f"This key is bound to the pages of other origins, and {sent}.")


class UnsignedUser(Problem):
    """What a page may only do in the name of a signed user, where users are not signed."""

    status = HTTPStatus.FORBIDDEN
    kind = "unsigned-user"


class NotOwnRows(Problem):
    """A page that reports what others did, or under an id of its choice."""

    status = HTTPStatus.FORBIDDEN
    kind = "not-own-rows"


class TooManyRequests(Problem):
    """More requests, or wrong keys, than a window of time allows."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    kind = "too-many-requests"

    def __init__(self, detail: str, retry_after: int, headers: Mapping[str, str]) -> None:
        super().__init__(detail)
        self._headers = {"Retry-After": str(retry_after), **headers}

    def headers(self) -> dict[str, str]:
        return self._headers


class UnknownUser(Problem):
    """A user of whom neither the model nor the database has heard."""

    status = HTTPStatus.NOT_FOUND
    kind = "unknown-user"

    @classmethod
    def of(cls, user_id: str, sentence: str = "There is no user '{}'") -> "UnknownUser":
        """`sentence` says what is missing, with the id in its braces."""
        return cls(
            f"{sentence.format(user_id)}. Ids are compared byte by byte; GET /users lists them."
        )


class UnknownItem(Problem):
    """An item of which neither the model nor the database has heard."""

    status = HTTPStatus.NOT_FOUND
    kind = "unknown-item"

    @classmethod
    def of(cls, item_id: str) -> "UnknownItem":
        return cls(
            f"There is no item '{item_id}'. Ids are compared byte by byte; GET /items lists them."
        )


class UnknownEvent(Problem):
    """An event that the database does not hold."""

    status = HTTPStatus.NOT_FOUND
    kind = "unknown-event"

    @classmethod
    def of(cls, event_id: str) -> "UnknownEvent":
        return cls(
            f"There is no event '{event_id}'. Ids are compared byte by byte; GET "
            "/users/{user_id}/export lists those of a user."
        )


class MergeRefused(Problem):
    """A merge of ids that are not two users of whom one may become the other."""

    status = HTTPStatus.CONFLICT
    kind = "merge-refused"

    @classmethod
    def of_one_user(cls, alias: str, into: str) -> "MergeRefused":
        """Of an id into itself, or into what was merged into it."""
        if alias == into:
            return cls(f"'{alias}' cannot be merged into itself: `from` and `into` are one id.")
        return cls(
            f"'{alias}' cannot be merged into '{into}', which is another id of '{alias}' already: "
            "both are one user."
        )

    @classmethod
    def of_anothers(cls, alias: str, owner: str) -> "MergeRefused":
        """Of an id that was merged into somebody else."""
        return cls(
            f"'{alias}' is another id of '{owner}' already, for good. Who logs in as somebody else "
            "on the same device needs a new id before."
        )

    @classmethod
    def of_erased(cls, user_id: str) -> "MergeRefused":
        """Of or into somebody who was erased."""
        return cls(f"User '{user_id}' was erased: nothing of them is taken in any more.")


class TooCostly(Problem):
    """One request that asks for more than one request may."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    kind = "too-costly"


class CursorLost(Problem):
    """A page after one that nobody remembers."""

    status = HTTPStatus.GONE
    kind = "cursor-lost"


class NoRatingModel(Problem):
    """An order by rating without a rating model."""

    status = HTTPStatus.CONFLICT
    kind = "no-rating-model"


class WrongFilter(Problem):
    """A filter by what no item has, or of a name that the settings do not hold."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    kind = "wrong-filter"
