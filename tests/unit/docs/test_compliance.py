"""docs/compliance.md speaks of files and tests that are there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicconnect.providers.youtube import client
from tests.support import ROOT

TEXT = (ROOT / "docs/compliance.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split(" | ")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| rule", "|---"))
]


SERVICES = {
    # Called, or sent to for a consent.
    "api.spotify.com", "accounts.spotify.com", "www.googleapis.com", "accounts.google.com",
    "oauth2.googleapis.com", "openapi.tidal.com", "login.tidal.com", "auth.tidal.com",
    # Only shown to people, or recognised in what they send.
    "open.spotify.com", "www.spotify.com", "www.youtube.com", "youtube.com", "youtu.be",
    "myaccount.google.com", "tidal.com", "listen.tidal.com", "account.tidal.com",
    # Namespaces of documents, which nobody calls.
    "www.w3.org", "xspf.org",
    # Called where ListenBrainz is offered, and named in its documents.
    "api.listenbrainz.org", "listenbrainz.org", "musicbrainz.org",
}  # fmt: skip


def named_tests(path: Path) -> set[str]:
    """Names of the tests in a file, those in classes too."""
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def texts(path: Path) -> Iterator[str]:
    """Every text in a module that is no documentation."""
    tree = ast.parse(path.read_text())
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_what_a_row_names_exists(row: list[str]) -> None:
    where, held_by = row[2], row[3] if len(row) > 3 else ""
    for path in re.findall(r"`([\w/]+\.(?:py|yaml))`", where):
        assert (ROOT / "layers/musicconnect/musicconnect" / path).exists() or (ROOT / path).exists(), path
    for path, name in re.findall(r"`([\w/]+\.py)::(\w+)`", held_by):
        assert name in named_tests(ROOT / "tests" / path), f"{path}::{name}"
    if "deployer's to" not in row[1]:
        assert "`" in where, "where is it done?"
        assert "::" in held_by, "which test holds it?"


def test_all_providers_are_spoken_of_at_length() -> None:
    assert len(ROWS) > 20
    for heading in (
        "## All",
        "## Spotify",
        "## YouTube",
        "## TIDAL",
        "## ListenBrainz",
        "## Listening history",
    ):
        assert heading in TEXT


def test_no_statistics_are_asked_of_youtube() -> None:
    folder = Path(client.__file__).parent
    code = "".join(path.read_text() for path in folder.glob("*.py"))
    asked = {part for parts in re.findall(r'part(?:="|": ")([\w,]+)"', code) for part in parts.split(",")}
    assert asked == {"snippet", "contentDetails", "status"}
    assert "statistics" not in code


def test_no_other_service_is_spoken_to() -> None:
    folders = (ROOT / "layers/musicconnect/musicconnect", ROOT / "functions")
    found = {
        host
        for folder in folders
        for path in folder.rglob("*.py")
        for text in texts(path)
        for host in re.findall(r"https?://([\w.-]+)", text)
    }
    assert found - {"example.org"} == SERVICES  # which is nobody, and stands in examples
