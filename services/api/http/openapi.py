"""What /docs says of problems."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from services.api.http.body_limit import MAX_BYTES
from services.api.http.problem_details import MEDIA_TYPE
from services.api.http.security_schemes import KEY_STATUSES, describe_security
from services.api.live.catalogue_updates import NOTHING_KNOWN
from services.api.schemas.filters.fields import FILTER_EXAMPLE, components
from services.api.schemas.problems import FieldError, ProblemDetails

BODY_STATUSES = (400, 413)  # of bodies that are no UTF-8 or nested too deep, and too large ones
REFERENCE = "#/components/schemas/{model}"

EXAMPLES: dict[int, dict[str, Any]] = {
    400: {
        "type": "urn:sommelier:problem:bad-request",
        "title": "Bad request",
        "status": 400,
        "detail": "POST /recommend: There was an error parsing the body. See /docs for what there "
        "is.",
    },
    401: {
        "type": "urn:sommelier:problem:wrong-key",
        "title": "Wrong key",
        "status": 401,
        "detail": "This needs a key: send it in the header X-API-Key.",
    },
    403: {
        "type": "urn:sommelier:problem:not-with-this-key",
        "title": "Not with this key",
        "status": 403,
        "detail": "The key that was sent is a READ_API_KEY, and this needs one of API_KEY.",
    },
    404: {
        "type": "urn:sommelier:problem:unknown-user",
        "title": "Unknown user",
        "status": 404,
        "detail": "There is no user 'u10001'. Ids are compared byte by byte; GET /users lists "
        "them.",
    },
    409: {
        "type": "urn:sommelier:problem:no-rating-model",
        "title": "No rating model",
        "status": 409,
        "detail": 'rank_by: "rating" needs ratings, and the data of version '
        '20250102T030405Z-0a1b2c has none. Use "relevance".',
    },
    410: {
        "type": "urn:sommelier:problem:cursor-lost",
        "title": "Cursor lost",
        "status": 410,
        "detail": "The cursor '20250102T030405Z-0a1b2c.8c1f0e6a2b7d4935' is not known (any more) "
        "for user 'U10001': it is kept for 300 s after its page was asked for. Ask without a "
        "cursor to begin anew.",
    },
    413: {
        "type": "urn:sommelier:problem:content-too-large",
        "title": "Content too large",
        "status": 413,
        "detail": f"POST /recommend: the body is larger than {MAX_BYTES:,} bytes, send less. See "
        "/docs for what there is.",
    },
    422: {
        "type": "urn:sommelier:problem:invalid-request",
        "title": "Invalid request",
        "status": 422,
        "detail": "top_n: Input should be less than or equal to 100 (it is 1000)",
        "errors": [
            {
                "field": "top_n",
                "reason": "Input should be less than or equal to 100",
                "value": "1000",
            }
        ],
    },
    429: {
        "type": "urn:sommelier:problem:too-many-requests",
        "title": "Too many requests",
        "status": 429,
        "detail": "More than 300 requests came with this key from this address in a minute. Ask "
        "again in 42 s.",
    },
    503: {
        "type": "urn:sommelier:problem:not-ready",
        "title": "Not ready",
        "status": 503,
        "detail": NOTHING_KNOWN,
    },
}


class DescribedApi(FastAPI):
    """Its OpenAPI document holds the schemas that problems and filters refer to, the kinds of keys,
    and the problems that every operation with a body, or with a key, may answer with."""

    filter_names: Sequence[str] = ()
    """Of the setting FILTERS."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        for model in (ProblemDetails, FieldError):
            schema = model.model_json_schema(ref_template=REFERENCE)
            schema.pop("$defs", None)
            document["components"]["schemas"][model.__name__] = schema
        document["components"]["schemas"] |= components(self.filter_names)
        describe_security(document)
        for path in document["paths"].values():
            for operation in path.values():
                for parameter in operation.get("parameters", []):
                    _as_content(parameter)
                statuses: tuple[int, ...] = BODY_STATUSES if "requestBody" in operation else ()
                statuses += KEY_STATUSES if "security" in operation else ()
                operation["responses"] |= {
                    str(status): response for status, response in problems(*statuses).items()
                }
        return document


def _as_content(parameter: dict[str, Any]) -> None:
    """Where a parameter is JSON in a URL, say so as OpenAPI has it."""
    schema = parameter.get("schema", {})
    if "contentSchema" in schema:
        del parameter["schema"]
        parameter.pop("example", None)
        parameter.pop("examples", None)
        content = {"schema": schema["contentSchema"], "example": FILTER_EXAMPLE}
        parameter["content"] = {schema["contentMediaType"]: content}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """A route's `responses`: the problems that it may answer with."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": REFERENCE.format(model=ProblemDetails.__name__)},
                    "example": EXAMPLES[status],
                }
            },
        }
        for status in statuses
    }
