"""The description of the API: valid, complete and up to date."""

import json
from typing import Any, Literal

import pytest
from openapi_spec_validator import validate
from pydantic import Field

from musicconnect.api import app, binding, responses
from tools import openapi


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """The description as it is in the repository."""
    return json.loads(openapi.OUTPUT.read_text())


def test_the_description_is_up_to_date() -> None:
    assert openapi.OUTPUT.read_text() == openapi.text(), "run `make openapi`"


def test_the_description_is_valid(description: dict[str, Any]) -> None:
    validate(description)


def test_every_operation_says_how_it_fails(description: dict[str, Any]) -> None:
    operations = [
        (path, operation) for path, methods in description["paths"].items() for operation in methods.values()
    ]
    assert len(operations) >= 25
    for path, operation in operations:
        answers = set(operation["responses"])
        assert {"429", "503"} <= answers
        public = operation.get("security") == []
        assert public or "401" in answers
        assert "{" not in path or "404" in answers
        assert "requestBody" not in operation or {"400", "413", "422"} <= answers


class Wanted(binding.Input):
    """What somebody wants."""

    name: str = Field(description="Which one.", min_length=1)
    note: str | None = None


class Listing(binding.Input):
    """Which part of a list."""

    limit: int = Field(20, ge=1, lt=101, description="Per page.")
    provider: Literal["spotify", "youtube"] | None = None


class Thing(responses.Output):
    """A thing."""

    id: int
    parts: list["Thing"] = Field(default_factory=list)


@pytest.fixture
def example() -> dict[str, Any]:
    """The description of a small API."""
    api = app.Api("Things")

    @api.post("/v1/things/{thing_id}", status=201, problems=(409,))
    def make_thing(thing_id: int, body: Wanted) -> Thing:
        """Make a thing.

        It stays.
        """
        return Thing(id=thing_id)

    @api.get("/v1/things", public=True)
    def list_things(query: Listing) -> responses.Reply:
        """List things."""
        return responses.Reply("things")

    @api.delete("/v1/things", status=204)
    def delete_things(caller: binding.Caller) -> None:
        """Forget all things."""

    return openapi.describe(api.routes, "1.2.3")


def test_a_handlers_signature_becomes_an_operation(example: dict[str, Any]) -> None:
    validate(example)
    operation = example["paths"]["/v1/things/{thing_id}"]["post"]
    assert (operation["operationId"], operation["tags"]) == ("things_make_thing", ["Things"])
    assert (operation["summary"], operation["description"]) == ("Make a thing", "It stays.")
    assert operation["parameters"] == [
        {
            "name": "thing_id",
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "format": "int64", "minimum": 0},
        }
    ]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Wanted"}
    made = operation["responses"]["201"]["content"]["application/json"]["schema"]
    assert made == {"$ref": "#/components/schemas/Thing"}
    assert {"400", "401", "404", "409", "413", "422"} <= set(operation["responses"])


def test_a_query_model_becomes_parameters(example: dict[str, Any]) -> None:
    operation = example["paths"]["/v1/things"]["get"]
    limit, provider = operation["parameters"]
    assert limit == {
        "name": "limit",
        "in": "query",
        "description": "Per page.",
        "schema": {
            "type": "integer",
            "default": 20,
            "minimum": 1,
            "exclusiveMaximum": 101,
        },
    }
    assert provider["schema"]["anyOf"] == [
        {"type": "string", "enum": ["spotify", "youtube"]},
        {"type": "null"},
    ]
    assert "Listing" not in example["components"]["schemas"]


def test_who_may_call_and_what_has_no_model_is_said(example: dict[str, Any]) -> None:
    assert example["security"] == [{"session": []}]
    public = example["paths"]["/v1/things"]["get"]
    assert public["security"] == []
    assert not {"401"} & set(public["responses"])
    assert public["responses"]["200"]["content"] == {"*/*": {"schema": {"type": "string"}}}
    nothing = example["paths"]["/v1/things"]["delete"]
    assert nothing["responses"]["204"] == {"description": "No Content"}


def test_optional_text_may_be_null(example: dict[str, Any]) -> None:
    note = example["components"]["schemas"]["Wanted"]["properties"]["note"]
    assert note == {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}


def test_a_handler_without_words_or_type_is_refused() -> None:
    api = app.Api("Things")

    @api.get("/v1/silent")
    def silent(caller: binding.Caller) -> None:
        pass

    with pytest.raises(ValueError, match="no docstring"):
        openapi.describe(api.routes, "1")

    @api.get("/v1/untyped")
    def untyped(caller: binding.Caller):  # type: ignore[no-untyped-def]
        """Answer something."""

    with pytest.raises(ValueError, match="no return annotation"):
        openapi.describe(api.routes[1:], "1")


def test_titles_made_of_names_are_left_out_and_fields_called_title_stay() -> None:
    schema = {"title": "Thing", "properties": {"title": {"title": "Title", "type": "string"}}}
    assert openapi.without_titles(schema) == {"properties": {"title": {"type": "string"}}}
