"""What a person prefers where more than one recording, or a doubtful one, would do."""

from dataclasses import dataclass
from enum import StrEnum


class Edition(StrEnum):
    """Which edition of a recording a person wants where there are both."""

    ANY = "any"
    """That of the source."""
    EXPLICIT = "explicit"
    CLEAN = "clean"


class Strictness(StrEnum):
    """How sure the matcher has to be before it asks nobody."""

    STRICT = "strict"
    STANDARD = "standard"
    LENIENT = "lenient"
    """Never so lenient that another version or another title passes."""


@dataclass(frozen=True, slots=True)
class Preference:
    """A person's preference."""

    edition: Edition = Edition.ANY
    strictness: Strictness = Strictness.STANDARD


STANDARD = Preference()
"""Of whoever has said nothing, and of what everybody shares."""
