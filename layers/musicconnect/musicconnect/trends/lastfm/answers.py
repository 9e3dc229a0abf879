"""Write answers as Last.fm does, in JSON and in XML. Pure.

Answers are made as Last.fm's JSON, whose types clients depend on: some are numbers, some numbers as text. Its
XML follows by the rule by which Last.fm makes one of the other: ``@attr`` are the attributes of an element
with children; beside ``#text`` every member is an attribute; lists are repeated elements.
"""

import json
import re
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

JSON: Final = "application/json; charset=utf-8"
XML: Final = "text/xml; charset=utf-8"
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(body: dict[str, Any], *, is_json: bool) -> tuple[str, str]:
    """Write an answer: its text and its content type."""
    if is_json:
        return json.dumps(body, ensure_ascii=False), JSON
    root = Element("lfm", status="ok")
    _fill(root, {name: value for name, value in body.items() if name != "lfm"})
    return _document(root), XML


def write_error(code: int, message: str, *, is_json: bool) -> tuple[str, str]:
    """Write an error: its text and its content type."""
    if is_json:
        return json.dumps({"error": code, "message": message}, ensure_ascii=False), JSON
    root = Element("lfm", status="failed")
    SubElement(root, "error", code=str(code)).text = _text(message)
    return _document(root), XML


def _document(root: Element) -> str:
    text = tostring(root, encoding="unicode", short_empty_elements=False)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'


def _fill(element: Element, members: dict[str, Any]) -> None:
    has_text = "#text" in members
    for name, value in members.items():
        if name == "#text":
            element.text = _text(value)
        elif name == "@attr":
            for attribute, text in value.items():
                element.set(attribute, _text(text))
        elif has_text:
            element.set(name, _text(value))
        else:
            for one in value if isinstance(value, list) else [value]:
                child = SubElement(element, name)
                if isinstance(one, dict):
                    _fill(child, one)
                else:
                    child.text = _text(one)


def _text(value: Any) -> str:
    return _NOT_XML.sub("", str(value))
