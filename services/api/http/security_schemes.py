"""What the OpenAPI document says of keys and signatures."""

from collections.abc import Callable
from typing import Any

from services.api.access import admission, user_signatures
from services.api.access.kinds import Kind, kind_of

KEY, SIGNATURE = "key", "user_signature"
KEY_STATUSES = (401, 403, 429)  # of every operation that a key opens

SCHEMES = {
    KEY: {
        "type": "apiKey",
        "in": "header",
        "name": admission.HEADER,
        "description": "A key of READ_API_KEY (lists alone), of API_KEY, or of ADMIN_API_KEY "
        "(erases and exports too). Where none is set no key is needed.",
    },
    SIGNATURE: {
        "type": "apiKey",
        "in": "header",
        "name": user_signatures.HEADER,
        "description": "Beside a key of READ_API_KEY, where USER_SIGNING_KEY is set: "
        "`<expires>.<hex>`, what the shop's server signed for the user.",
    },
}


def security_of(endpoint: Callable[..., Any]) -> dict[str, Any]:
    """The part of an operation that says which keys open it."""
    kind = kind_of(endpoint)
    return {} if kind is Kind.NONE else {"security": [{KEY: []}]}


def describe_security(document: dict[str, Any]) -> None:
    """Add the schemes, so that /docs has a button to authorize with."""
    document["components"]["securitySchemes"] = SCHEMES
