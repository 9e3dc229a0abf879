# ruff: noqa: PLC0415
"""Name providers in requests and answers: the registry says which there are.

It is asked by the first request, or by the description, and not by a start.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator

EVERY = "all"
"""Stands where a provider's name stands for every provider that a person has."""


def _known(name: str) -> str:
    from musicconnect.providers import registry

    if name not in registry.PROVIDERS:
        raise ValueError(f"choose one of: {', '.join(registry.offered())}")
    return name


def _known_or_every(name: str) -> str:
    from musicconnect.providers import registry

    if name != EVERY and name not in registry.PROVIDERS:
        raise ValueError(f"choose one of: {', '.join(registry.offered())}, {EVERY}")
    return name


@dataclass(frozen=True)
class _OneOf:
    """Describes a text as one of the providers' names, or of some more."""

    more: tuple[str, ...] = ()

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> dict[str, Any]:
        """Give the names."""
        from musicconnect.providers import registry

        return {"type": "string", "enum": [*registry.PROVIDERS, *self.more]}


type KnownProvider = Annotated[str, AfterValidator(_known), _OneOf()]
type ProviderFilter = Annotated[str, AfterValidator(_known_or_every), _OneOf((EVERY,))]
