"""The description of the API: valid, complete and up to date."""

import inspect
import json
import re
from typing import Any, Literal

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from pydantic import ConfigDict, Field

from musicconnect.api import app, binding, responses
from musicconnect.core.services import REGISTER
from musicconnect.platform.problems import Problem
from tools import openapi, services


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """The description as it is in the repository."""
    return json.loads(openapi.OUTPUT.read_text())


def test_the_description_is_up_to_date() -> None:
    assert openapi.OUTPUT.read_text() == openapi.text(), "run `make openapi`"


def test_the_register_of_services_is_up_to_date() -> None:
    assert REGISTER.read_text() == services.text(), "run `make openapi`"


def test_every_described_operation_belongs_to_a_service(description: dict[str, Any]) -> None:
    listed = {route for entry in json.loads(REGISTER.read_text()) for route in entry["routes"]}
    for path, methods in description["paths"].items():
        for method in methods:
            for provider in (
                ("spotify", "youtube")
                if path.startswith(("/v1/providers", "/v1/playlists"))
                else ("{provider}",)
            ):
                assert f"{method.upper()} {path.replace('{provider}', provider)}" in listed


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
        foreign = "application/json" in operation["responses"].get("400", {}).get("content", {})
        assert "requestBody" not in operation or foreign or {"400", "413", "422"} <= answers


def test_every_problem_has_an_example_that_is_one(description: dict[str, Any]) -> None:
    for name, response in description["components"]["responses"].items():
        examples = response["content"]["application/problem+json"]["examples"]
        assert examples, name
        for example in examples.values():
            Draft202012Validator(description["components"]["schemas"]["Problem"]).validate(example["value"])
            assert example["value"]["type"].startswith("urn:musicconnect:problem:")


def test_every_body_has_an_example_that_its_model_takes() -> None:
    routes = openapi.registered_routes(openapi.template_functions())
    bodies = [body for route in routes if (body := openapi.operation_of(route).body)]
    assert len(bodies) > 10
    for body in bodies:
        for example in body.model_json_schema()["examples"]:
            body.model_validate_json(json.dumps(example), strict=True)


BY_MAIL_OR_PASSKEY = {
    "/v1/auth/signup/confirm", "/v1/auth/login/link", "/v1/auth/password/forgot", "/v1/auth/email",
    "/v1/auth/passkeys",
}  # fmt: skip


def test_what_makes_something_says_where_and_may_be_repeated(description: dict[str, Any]) -> None:
    made = [
        (path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method == "post" and {"201", "202"} & set(operation["responses"])
    ]
    assert len(made) > 12
    for path, operation in made:
        for status in {"201", "202"} & set(operation["responses"]):
            assert "Location" in operation["responses"][status]["headers"], path
        parameters = [parameter.get("$ref", "") for parameter in operation.get("parameters", [])]
        # Asking twice changes nothing, with a key or without; or what is sent is used up by the first, and
        # asking for another mail means another mail.
        by_itself = path.endswith(("/start", "/sync")) or path in BY_MAIL_OR_PASSKEY
        assert by_itself or "#/components/parameters/IdempotencyKey" in parameters, path


def test_names_are_told_apart_by_more_than_their_case(description: dict[str, Any]) -> None:
    names = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in description["components"]["schemas"]]
    assert len(names) == len(set(names))
    # What a generator calls an enumeration that stands in a model: the model and the member.
    inline = [
        f"{model}{member}".replace("_", "").lower()
        for model, schema in description["components"]["schemas"].items()
        for member, part in schema.get("properties", {}).items()
        if "enum" in json.dumps(part)
    ]
    assert not set(inline) & set(names)


def test_no_parameter_is_null_and_no_answer_of_unknown_kind(description: dict[str, Any]) -> None:
    for path, methods in description["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                assert "null" not in json.dumps(parameter.get("schema", {})), (path, parameter)
            for response in operation["responses"].values():
                assert not [kind for kind in response.get("content", {}) if "*" in kind], path


def test_what_may_be_null_says_so_in_its_enumeration(description: dict[str, Any]) -> None:
    """An enumeration beside ``null`` in ``type`` would refuse the null that the type allows."""

    def check(node: Any) -> None:
        if isinstance(node, dict):
            if "enum" in node and "null" in str(node.get("type")):
                assert None in node["enum"], node
            if node.get("nullable"):
                raise AssertionError(f"3.0's word in a 3.1 document: {node}")
            for part in node.values():
                check(part)
        elif isinstance(node, list):
            for part in node:
                check(part)

    check(description)


LAX = {
    "boolean": ["1", "0", "yes", "on", "True", "", 1, 0, "true "],
    "integer": ["1.0", "+1", "01", "1_0", "1e1", "", 1.5, True, "1"],
    "date": ["0", "2026", "-1", "0.5", "2026-1-1", 0, 2026],
    "date-time": ["0", "2026", "-1", "0.5", "2026-11-29T18:30:00", 0, 2026],
}
"""What a lenient reader takes for a value of that type."""


def _types(schema: Any) -> set[str]:
    """What the type of a field is, however it is put together."""
    parts = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return {part.get("format") or part.get("type") for part in parts if part.get("type") != "null"}


def _fields() -> list[tuple[inspect.Parameter, str, str]]:
    """Every boolean, number and time that any operation takes: its model, its name, its type."""
    found = []
    for route in openapi.registered_routes(openapi.template_functions()):
        for parameter in binding.parameters_of(route.handler):
            if parameter.name in {"body", "query"}:
                schema = parameter.annotation.model_json_schema()
                for name, field in schema.get("properties", {}).items():
                    types = _types(field)
                    if len(types - {"date"}) == 1 or types == {"date"}:
                        found.append((parameter, name, max(types)))
    return [field for field in found if field[2] in LAX]


@pytest.mark.parametrize(
    ("parameter", "name", "kind"),
    [
        pytest.param(*field, id=f"{field[0].annotation.__name__}.{field[1]}")
        for field in {(str(found[0].annotation), found[1]): found for found in _fields()}.values()
    ],
)
def test_no_field_takes_what_only_resembles_its_type(
    parameter: inspect.Parameter, name: str, kind: str
) -> None:
    for value in LAX[kind]:
        if parameter.name == "query":
            if not isinstance(value, str) or (kind == "integer" and value == "1"):
                continue
            event: dict[str, Any] = {"queryStringParameters": {name: value}}
        else:
            event = {"body": json.dumps({name: value})}
        with pytest.raises(Problem) as caught:
            binding.argument(parameter, event, {})
        assert caught.value.status == 422
        paths = [error["path"] for error in caught.value.members["errors"]]
        assert any(path.startswith(f"{parameter.name}.{name}") for path in paths), value


class Wanted(binding.Input):
    """What somebody wants."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "a thing"}]})

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

    @api.post("/v1/things/{thing_id}", status=201, problems=(409,), location="/v1/things/{id}")
    def make_thing(thing_id: int, body: Wanted, repeat: binding.Repeat | None) -> Thing:
        """Make a thing.

        It stays.
        """
        return Thing(id=thing_id)

    @api.get("/v1/things", public=True, content=("text/plain",))
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
        },
        {"$ref": "#/components/parameters/IdempotencyKey"},
    ]
    body = operation["requestBody"]["content"]["application/json"]
    assert body == {"schema": {"$ref": "#/components/schemas/Wanted"}, "example": {"name": "a thing"}}
    made = operation["responses"]["201"]["content"]["application/json"]["schema"]
    assert made == {"$ref": "#/components/schemas/Thing"}
    assert {"400", "401", "404", "409", "413", "422"} <= set(operation["responses"])


def test_a_query_model_becomes_parameters(example: dict[str, Any]) -> None:
    operation = example["paths"]["/v1/things"]["get"]
    limit, provider, known = operation["parameters"]
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
    assert provider["schema"] == {"type": "string", "enum": ["spotify", "youtube"]}
    assert known == {"$ref": "#/components/parameters/IfNoneMatch"}
    assert "Listing" not in example["components"]["schemas"]


def test_who_may_call_and_what_has_no_model_is_said(example: dict[str, Any]) -> None:
    assert example["security"] == [{"session": []}, {"cookie": []}]
    public = example["paths"]["/v1/things"]["get"]
    assert public["security"] == []
    assert not {"401"} & set(public["responses"])
    assert public["responses"]["200"]["content"] == {"text/plain": {"schema": {"type": "string"}}}
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
