"""What a page may do in the name of its user: whose list it asks for, whose clicks it reports."""

from collections.abc import Mapping, Sequence

from services.api.access.callers import Caller
from services.api.access.kinds import Kind
from services.api.access.lockouts import Lockouts
from services.api.access.user_signatures import HEADER, Forged, Outdated, SignatureCheck
from services.api.problems import NotOwnRows, UnsignedUser, WrongSignature


class SignedUsers:
    """Holds callers with a read key to the user whose signature they bring; others may do all."""

    def __init__(self, signatures: SignatureCheck, lockouts: Lockouts) -> None:
        self._signatures = signatures
        self._lockouts = lockouts

    async def require_list(self, caller: Caller, user_id: str, *, explain: bool) -> None:
        """The caller may ask for this user's list; reasons name the history, so they need a
        signature even where lists do not."""
        if caller.kind >= Kind.WRITE:
            return
        if self._signatures:
            await self._require_signature(caller, user_id)
        elif explain:
            raise UnsignedUser(
                "explain names what the user did, which a read key may only ask for with a "
                f"signature of the user in {HEADER}, and no USER_SIGNING_KEY is set. Ask with a "
                "key of API_KEY, or without explain."
            )

    async def require_rows(self, caller: Caller, rows: Sequence[object]) -> None:
        """The caller may report these events: with a read key those of the signed user alone."""
        if caller.kind >= Kind.WRITE:
            return
        if not self._signatures:
            raise UnsignedUser(
                "A read key may only report what a user did with a signature of the user in "
                f"{HEADER}, and no USER_SIGNING_KEY is set. Send it with a key of API_KEY."
            )
        await self._require_signature(caller, _user_of(rows))

    async def _require_signature(self, caller: Caller, user_id: str) -> None:
        if caller.signature is None:
            raise WrongSignature(
                f"A read key needs a signature of the user: send what the shop's server signed "
                f"for '{user_id}' in the header {HEADER}."
            )
        try:
            self._signatures.check(caller.signature, user_id)
        except Outdated as error:  # it was right once, so it is no guess
            raise WrongSignature(str(error)) from None
        except Forged as error:
            await self._lockouts.count(caller.address)
            raise WrongSignature(str(error)) from None


def _user_of(rows: Sequence[object]) -> str:
    """The one user of all rows; NotOwnRows where there are more, or none.

    Without `event_id`: an id of somebody's order, sent first, would keep the order out. The id that
    the API gives is a hash with the user in it.
    """
    user_ids = [row.get("user_id") if isinstance(row, Mapping) else None for row in rows]
    for index, (row, user_id) in enumerate(zip(rows, user_ids, strict=True)):
        if not isinstance(user_id, str) or user_id != user_ids[0]:
            raise NotOwnRows(
                f"interactions.{index} is not of the user of the first row, and a read key reports "
                "what one user did, the one whose signature it brings."
            )
        if isinstance(row, Mapping) and row.get("event_id") is not None:
            raise NotOwnRows(
                f"interactions.{index} has an event_id, which only a key of API_KEY may choose. "
                "Send occurred_at instead: its id is then a hash of the row, stored once."
            )
    return str(user_ids[0])
