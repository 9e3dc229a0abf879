"""What callers ask of reports."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from musicconnect.api.binding import Input
from musicconnect.api.times import Day
from musicconnect.trends.plays.schemas import PlayProvider
from musicconnect.trends.reports.periods import Period

type TopKind = Literal["tracks", "artists", "albums"]
type Measure = Literal["plays", "minutes"]
type GlobalTopKind = Literal["tracks", "artists"]
type ChartKind = Literal["daily", "hours", "top"]

MAX_RANGE_DAYS = 36_600
"""Of a user's own reports."""
MAX_GLOBAL_RANGE_DAYS = 366
MAX_TRACKS_RANGE_DAYS = 31

Provider = Annotated[
    PlayProvider | None,
    Field(description="Only what was played there; `other` where the source does not say. All, if left out."),
]


class _DateRange(Input):
    """A range of days, both included."""

    first: Day | None = Field(None, alias="from", description="First day.", examples=["2026-11-01"])
    last: Day | None = Field(None, alias="to", description="Last day.", examples=["2026-11-30"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise PydanticCustomError("range", "`to` lies before `from`")
        return self


class DailyQuery(_DateRange):
    """Which days. The last thirty, if nothing is said."""

    provider: Provider = None


class PeriodQuery(_DateRange):
    """Which period: of a kind, around a day; or any range."""

    period: Period | None = Field(
        None, description="Kind of period. The month, if neither this nor a range is given."
    )
    day: Day | None = Field(None, alias="date", description="A day in the period. Today, if left out.")
    provider: Provider = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.first is None) != (self.last is None):
            raise PydanticCustomError("range", "`from` and `to` go together")
        if self.first is not None and (self.period is not None or self.day is not None):
            raise PydanticCustomError("range", "Give either a period or `from` and `to`")
        if self.period == "all" and self.day is not None:
            raise PydanticCustomError("range", "`date` means nothing with the period `all`")
        return self


class TopQuery(PeriodQuery):
    """Which list."""

    by: Measure = Field("plays", description="What decides the order.")
    limit: int = Field(20, ge=1, le=100, description="How many at most.")


class ChartQuery(PeriodQuery):
    """Which picture."""

    kind: ChartKind = Field("daily", description="Plays by day; by weekday and hour; what was played most.")
    by: Measure = Field("plays", description="What is drawn.")
    of: TopKind = Field("artists", description="Of what, with the kind `top`.")


class TrackTrendsQuery(_DateRange):
    """Which days (UTC). The last one that is over, if nothing is said."""

    provider: Provider = None
    limit: int = Field(50, ge=1, le=100, description="How many at most.")


class GlobalQuery(_DateRange):
    """Which days (UTC). The last thirty, if nothing is said."""


class GlobalTopQuery(GlobalQuery):
    """Which list, of which days (UTC). The last thirty, if nothing is said."""

    limit: int = Field(20, ge=1, le=50, description="How many at most.")


class RecapQuery(Input):
    """Whose plays."""

    provider: Provider = None
