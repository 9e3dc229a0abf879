"""Name providers in requests and answers: the registry says which there are."""

from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from musicconnect.providers import registry

EVERY = "all"
"""Stands where a provider's name stands for every provider that a person has."""


def _known(name: str) -> str:
    if name not in registry.PROVIDERS:
        raise ValueError(f"choose one of: {', '.join(registry.offered())}")
    return name


def _known_or_every(name: str) -> str:
    if name != EVERY and name not in registry.PROVIDERS:
        raise ValueError(f"choose one of: {', '.join(registry.offered())}, {EVERY}")
    return name


def _one_of(*names: str) -> Any:
    return WithJsonSchema({"type": "string", "enum": list(names)})


type KnownProvider = Annotated[str, AfterValidator(_known), _one_of(*registry.PROVIDERS)]
type ProviderFilter = Annotated[str, AfterValidator(_known_or_every), _one_of(*registry.PROVIDERS, EVERY)]
