"""What tests of several packages share."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
"""Of the project."""
SHARED: Final = ROOT.parent / "shared"
"""Data that is not the project's own; what needs it, skips where it is absent."""
SAMPLE: Final = ROOT / "tests/integration/local/sample/template.yaml"
"""A small system of every kind of resource that the local stack runs."""
