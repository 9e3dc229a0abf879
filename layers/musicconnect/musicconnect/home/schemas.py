"""Describe the page that shows a little of everything."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from musicconnect.api.responses import Output
from musicconnect.migrations.schemas import Migration
from musicconnect.providers.quota.schemas import Quota
from musicconnect.sync.schemas import Pair

type NeedCode = Literal[
    "nothing-linked",
    "consent-needed",
    "no-channel",
    "consent-ends",
    "tracks-to-review",
    "migration-failed",
    "pairs-ask",
]


class Need(Output):
    """Something that waits for the person."""

    code: NeedCode = Field(description="Stable; clients may branch on it.")
    params: dict[str, Any] = Field(description="What the message mentions, times in UTC.")
    message: str = Field(description="The same in plain words, in your time zone.")
    provider: str | None = Field(description="Whose account it is about.")
    migration_id: int | None = Field(description="Which migration it is about; of several, the first.")
    pair_id: int | None = Field(description="Which pair it is about; of several, the first.")
    count: int | None = Field(description="How many things wait.")


class ProviderQuota(Output):
    """What is left of a provider's allowances."""

    provider: str
    title: str
    items: list[Quota]


class Day(Output):
    """A day of listening, in the person's time zone."""

    date: date
    plays: int
    minutes: int


class Week(Output):
    """The last seven days of listening, today included, and the seven before them."""

    first: date
    last: date
    plays: int
    minutes: int
    minutes_before: int = Field(description="In the seven days before.")
    days: list[Day]


class Home(Output):
    """A little of everything."""

    needs_you: list[Need] = Field(description="The most urgent first.")
    under_way: list[Migration] = Field(description="The latest first, at most twenty.")
    pairs: list[Pair] = Field(description="Those that ask first, then the others; at most ten.")
    quotas: list[ProviderQuota] = Field(description="Of the linked accounts' providers.")
    week: Week
