"""/docs: a document in which every reference leads somewhere and every example holds."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from services.api.schemas.health import HealthResponse
from services.api.schemas.predictions import PredictRequest, PredictResponse
from services.api.schemas.problems import ProblemDetails
from services.api.schemas.recommendations import (
    BatchRequest,
    RecommendRequest,
    RecommendResponse,
    SessionRequest,
)
from services.api.schemas.users import UsersResponse


@pytest.fixture(scope="module")
def document(standing_api: httpx.Client) -> Any:
    return standing_api.get("/openapi.json").json()


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_leads_somewhere(document: Any) -> None:
    found = set(references(document))
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found
    assert found <= known


@pytest.mark.parametrize(
    "model", [RecommendResponse, PredictResponse, UsersResponse, HealthResponse]
)
def test_every_example_of_an_answer_holds(document: Any, model: type[BaseModel]) -> None:
    (example,) = document["components"]["schemas"][model.__name__]["examples"]
    assert model.model_validate(example).model_dump(mode="json") == example


def test_the_page_needs_no_network(standing_api: httpx.Client) -> None:
    page = standing_api.get("/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) == 3
    for address in loaded:
        assert address.startswith("/")
        assert len(standing_api.get(address).raise_for_status().content) > 1000


def test_the_founding_requests_and_those_of_this_part_are_there(document: Any) -> None:
    assert {name for name, _ in operations(document)} >= {
        "GET /",
        "GET /health",
        "GET /health/live",
        "GET /health/ready",
        "POST /recommend",
        "POST /predict",
        "GET /users",
        "GET /users/{user_id}",
    }


def test_every_problem_is_documented_as_one(document: Any) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400 and name != "GET /health":
                problem = response["content"]["application/problem+json"]
                assert ProblemDetails.model_validate(problem["example"]).status == int(status)


@pytest.mark.parametrize("model", [RecommendRequest, BatchRequest, SessionRequest, PredictRequest])
def test_every_request_has_examples_that_hold(document: Any, model: type[BaseModel]) -> None:
    examples = document["components"]["schemas"][model.__name__]["examples"]
    assert examples
    for example in examples:
        model.model_validate(example)


def test_every_parameter_has_an_example(document: Any) -> None:
    parameters = [
        p for _, operation in operations(document) for p in operation.get("parameters", [])
    ]
    assert parameters
    in_json = [p["content"]["application/json"] for p in parameters if "content" in p]
    assert len(in_json) == 4  # filters
    assert all(content["example"] and content["schema"] for content in in_json)
    assert all(p["schema"]["examples"] for p in parameters if "content" not in p)


def test_operations_with_a_body_name_the_problems_of_bodies(document: Any) -> None:
    with_body = [operation for _, operation in operations(document) if "requestBody" in operation]
    assert len(with_body) == 8
    assert all({"400", "413", "422"} <= operation["responses"].keys() for operation in with_body)


def test_whole_numbers_publish_their_bounds(document: Any) -> None:
    parameters = [
        parameter["schema"]
        for _, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter.get("schema", {}).get("type") == "integer"
    ]
    fields = [
        document["components"]["schemas"][model.__name__]["properties"]["top_n"]
        for model in (RecommendRequest, BatchRequest, SessionRequest)
    ]
    assert len(parameters) == 7
    assert all({"minimum", "maximum"} <= schema.keys() for schema in [*parameters, *fields])
