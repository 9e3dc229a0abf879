"""The schemas of what is sent and answered."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tools.openapi.routes import Operation

REFERENCE = "#/components/schemas/{model}"

type Schema = dict[str, Any]
"""A JSON Schema (draft 2020-12), which OpenAPI 3.1 takes as it is."""
type References = Mapping[tuple[type[BaseModel], str], Schema]


def schemas_of(operations: Iterable[Operation]) -> tuple[References, dict[str, Schema]]:
    """Make a reference to each model, and the schemas that are referred to.

    Raises:
        ValueError: two models or enumerations have one name, so that no client could tell them apart.
    """
    wanted: dict[tuple[type[BaseModel], Literal["validation", "serialization"]], None] = {}
    for operation in operations:
        for model in filter(None, (operation.body, operation.query)):
            wanted[model, "validation"] = None
        for model in filter(None, (operation.result, operation.accepted, operation.route.foreign_errors)):
            wanted[model, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=REFERENCE)
    schemas = {name: without_titles(schema) for name, schema in definitions.get("$defs", {}).items()}
    # Pydantic puts the module before a name that two have, and "-Input" or "-Output" behind one that is read
    # and written differently.
    if twice := sorted(name for name in schemas if "__" in name or name.endswith(("-Input", "-Output"))):
        raise ValueError(f"two schemas have the same name: {', '.join(twice)}")
    return {(model, mode): reference for (model, mode), reference in references.items()}, schemas  # type: ignore[misc]


def name_of(reference: Schema) -> str:
    """Get the name that a reference refers to."""
    return str(reference["$ref"]).rsplit("/", 1)[1]


def without_null(schema: Schema) -> Schema:
    """Leave null out of what a query or a header may be: there it is said by leaving the parameter out."""
    parts = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    kept = {keyword: value for keyword, value in schema.items() if keyword != "anyOf"}
    if kept.get("default", "") is None:
        del kept["default"]
    if len(parts) == 1:
        return {**parts[0], **kept}
    return kept | ({"anyOf": parts} if parts else {})


def without_titles(schema: Any) -> Any:
    """Leave out the titles that pydantic makes of every name."""
    match schema:
        case dict():
            return {
                name: {key: without_titles(part) for key, part in value.items()}
                if name == "properties"
                else without_titles(value)
                for name, value in schema.items()
                if name != "title" and name not in {"examples", "default"}
            } | {name: schema[name] for name in ("default", "examples") if name in schema}
        case list():
            return [without_titles(part) for part in schema]
        case _:
            return schema
