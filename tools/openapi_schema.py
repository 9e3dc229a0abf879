"""From pydantic's JSON Schema (draft 2020-12) to the schema dialect of OpenAPI 3.0. Pure functions.

3.0 and not 3.1, which takes pydantic's schemas as they are, because the Swagger UI that can be had as a
Python package reads nothing newer. What 3.0 cannot say, or what this module does not know, is an error and
not a silent loss. Reference: OpenAPI Specification 3.0.3, "Schema Object".
"""

from collections.abc import Mapping
from typing import Any

type Schema = dict[str, Any]

_SAME = {
    "type", "format", "description", "default", "enum", "required", "pattern", "minLength", "maxLength",
    "minimum", "maximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties",
    "maxProperties", "deprecated", "readOnly", "writeOnly", "discriminator",
}  # fmt: skip
_NOISE = {"title"}
"""Pydantic makes one from every name."""
_UNSAYABLE = {"propertyNames"}
"""3.0 has no word for it; leaving it out only widens what is described."""


class UnknownKeywordError(ValueError):
    """A schema uses something that has no counterpart here."""


def convert(schema: Mapping[str, Any]) -> Schema:
    """One schema with everything inside it.

    Raises:
        UnknownKeywordError: it says something that cannot be said in OpenAPI 3.0.
    """
    result: Schema = {}
    for keyword, value in schema.items():
        if keyword == "type" and value == "null":
            # Always null: 3.0 has no such type, only others that may be null too.
            result |= {"type": "string", "nullable": True, "enum": [None]}
        elif keyword in _SAME:
            result[keyword] = value
        elif keyword == "properties":
            result[keyword] = {name: convert(part) for name, part in value.items()}
        elif keyword in {"items", "not"}:
            result[keyword] = convert(value)
        elif keyword == "additionalProperties":
            result[keyword] = convert(value) if isinstance(value, dict) else value
        elif keyword in {"anyOf", "oneOf", "allOf"}:
            _combine(result, keyword, value)
        elif keyword == "const":
            result["enum"] = [value]
        elif keyword == "examples":
            result["example"] = value[0]
        elif keyword in {"exclusiveMinimum", "exclusiveMaximum"}:
            result[keyword.removeprefix("exclusive").lower()] = value
            result[keyword] = True
        elif keyword == "$ref":
            _refer(result, value, alone=len(set(schema) - _NOISE) == 1)
        elif keyword not in _NOISE | _UNSAYABLE:
            raise UnknownKeywordError(f"{keyword}: {value!r}")
    return result


def _combine(result: Schema, keyword: str, schemas: list[Mapping[str, Any]]) -> None:
    """``anyOf`` and its like; null becomes ``nullable``."""
    parts = [convert(part) for part in schemas if part != {"type": "null"}]
    if len(parts) < len(schemas):
        result["nullable"] = True
    if len(parts) > 1:
        result[keyword] = parts
    elif "$ref" in parts[0]:
        result["allOf"] = parts
    else:
        result.update({name: value for name, value in parts[0].items() if name not in result})


def _refer(result: Schema, target: str, *, alone: bool) -> None:
    """``$ref``, whose neighbours 3.0 ignores."""
    if alone:
        result["$ref"] = target
    else:
        result["allOf"] = [{"$ref": target}]
