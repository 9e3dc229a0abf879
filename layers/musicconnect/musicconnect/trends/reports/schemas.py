"""What callers get about trends."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from musicconnect.api.responses import Output
from musicconnect.trends.plays.schemas import PlayProvider
from musicconnect.trends.reports.periods import Period
from musicconnect.trends.reports.query_schemas import Measure, TopKind

type WhyEmpty = Literal["not-counted-yet", "in-the-future", "too-few-users"]
type State = Literal["provisional", "final"]

Minutes = Annotated[float, Field(description="Time listened, as far as it is known.")]
AsOf = Annotated[
    datetime | None, Field(description="All plays known by then are counted. Null before the first roll-up.")
]
StateField = Annotated[
    State,
    Field(
        description="`final`: the days are over and all that has come in is counted; later plays and "
        "deletions still change them. `provisional`: a day goes on, or something is being counted."
    ),
]


class ReportModel(Output):
    """Base of reports: ranges have the names that they have in queries."""

    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)


class Totals(ReportModel):
    """What a user listened to on some days."""

    plays: int = Field(description="Plays that count.")
    minutes: Minutes
    untimed_plays: int = Field(description="Plays of unknown length; they are not in the minutes.")
    skips: int = Field(description="Skipped; not in the plays.")
    starts: int = Field(description="Of sources that only report a start (Takeout); not in the plays.")


class DayTotals(Totals):
    """One day in the user's time zone."""

    date: date
    unique_tracks: int
    unique_artists: int


class PersonalReport(ReportModel):
    """What every report about a user says."""

    as_of: AsOf
    state: StateField
    time_zone: str
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    provider: PlayProvider | None


class DailyTrends(PersonalReport):
    """The days on which something was played."""

    items: list[DayTotals]


class RecordingId(ReportModel):
    """A recording at a provider."""

    provider: str
    id: str


class TopEntry(ReportModel):
    """An entry of a top list."""

    rank: int = Field(description="Equal entries share one.")
    name: str = Field(description="Of the track, artist or album; the most frequent spelling.")
    artist: str | None = Field(description="Null in a list of artists.")
    plays: int
    minutes: Minutes
    unique_tracks: int
    ids: list[RecordingId] = Field(description="With tracks: where they were played.")


class PlayReport(PersonalReport):
    """A report that needs the plays themselves."""

    plays_available_from: date | None = Field(
        description="Set where older plays of the range have been deleted; what needs plays begins here."
    )


class TopList(PlayReport):
    """What was played most."""

    kind: TopKind
    by: Measure
    items: list[TopEntry]


class Change(ReportModel):
    """The difference to the period before."""

    plays: int
    plays_percent: float | None = Field(description="Null where there were none before.")
    minutes: float
    minutes_percent: float | None


class PreviousPeriod(Totals):
    """The period before, as much of it as has passed of this one."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    change: Change


class Streak(ReportModel):
    """Consecutive days with plays."""

    days: int
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")


class BusiestDay(ReportModel):
    """The day with the most plays; of several, the first."""

    date: date
    plays: int
    minutes: Minutes


class ProviderShare(ReportModel):
    """What was played at one provider."""

    provider: str
    plays: int
    minutes: Minutes


class Summary(Totals, PlayReport):
    """A summary of a period."""

    period: Period | None
    unique_tracks: int
    unique_artists: int
    days: int = Field(description="Of the period, up to today.")
    days_with_plays: int
    busiest_day: BusiestDay | None
    previous: PreviousPeriod | None = Field(description="Null where there is no period before.")
    current_streak: Streak | None = Field(description="Whatever the period; null when it is broken.")
    longest_streak: Streak | None = Field(description="In the period.")
    hours: list[list[int]] = Field(
        description="Plays by weekday, from Monday, and hour of the day, in the user's time zone."
    )
    providers: list[ProviderShare]


class MonthTotals(ReportModel):
    """One month of a year."""

    month: int
    plays: int
    minutes: Minutes


class FirstPlay(ReportModel):
    """The play a year began with."""

    played_at: datetime
    title: str
    artist: str


class Recap(Totals, PlayReport):
    """A recap of a year."""

    year: int
    unique_tracks: int
    unique_artists: int
    unique_albums: int
    days_with_plays: int
    busiest_day: BusiestDay | None
    longest_streak: Streak | None
    months: list[MonthTotals]
    hours: list[list[int]] = Field(description="Plays by weekday, from Monday, and hour of the day.")
    first_play: FirstPlay | None
    new_artists: int = Field(description="Not played before, as far as plays are stored.")
    top_tracks: list[TopEntry]
    top_artists: list[TopEntry]
    top_albums: list[TopEntry]
    top_new_artists: list[TopEntry]


class GlobalTrack(ReportModel):
    """A track that enough users played."""

    provider: str
    provider_track_id: str
    title: str
    artist: str
    plays: int
    users: int = Field(description="Different users; of several days, those of the day with the most.")


class Empty(ReportModel):
    """Why there is nothing to report."""

    code: WhyEmpty
    detail: str = Field(description="The same as a sentence.")


class GlobalReport(ReportModel):
    """What every report about all users says."""

    empty: Empty | None = Field(
        None, description="Why there is nothing to report; null where there is something."
    )

    as_of: AsOf
    state: StateField
    first: date = Field(serialization_alias="from", description="In UTC.")
    last: date = Field(serialization_alias="to")
    min_users: int = Field(description="How many users have to share what is reported.")


class TrackTrends(GlobalReport):
    """What all users played most."""

    items: list[GlobalTrack]


class TrackDay(ReportModel):
    """A track on one day."""

    date: date
    plays: int
    users: int


class TrackDaily(GlobalReport):
    """A track day by day. Days on which too few users played it are left out."""

    provider: PlayProvider
    provider_track_id: str
    title: str | None
    artist: str | None
    items: list[TrackDay]


class DayTrack(ReportModel):
    """An entry of a day's top list."""

    provider: str
    id: str
    title: str
    artist: str
    plays: int
    users: int


class DayArtist(ReportModel):
    """An entry of a day's top list."""

    id: str
    name: str
    plays: int
    users: int


class GlobalDay(ReportModel):
    """All users on one day (UTC)."""

    date: date
    state: State
    plays: int
    users: int
    top_tracks: list[DayTrack]
    top_artists: list[DayArtist]


class GlobalDaily(GlobalReport):
    """All users, day by day. Days with too few users are left out."""

    items: list[GlobalDay]


class GlobalSummary(GlobalReport):
    """All users over some days: sums of the days that enough users listened on."""

    plays: int
    days: int = Field(description="Days that enough users listened on; the others are in no sum.")
    plays_per_day: float | None = Field(description="Of these days; null for none.")
    busiest_day: date | None = Field(description="With the most plays; of several, the latest.")
    users_of_busiest_day: int | None = Field(description="Different users on that day.")


class GlobalTopItem(ReportModel):
    """An entry of a list of several days."""

    rank: int = Field(description="Equal figures share one.")
    provider: str | None = Field(description="Of a track; null for an artist.")
    id: str = Field(
        description="The provider's of a track; of an artist one that is the same for all providers."
    )
    name: str = Field(description="A track's title, or the artist.")
    artist: str | None = Field(description="Of a track.")
    plays: int = Field(description="Sum of the days on which it was listed.")
    users: int = Field(description="Different users, on the day with the most.")
    days: int = Field(description="On how many days it was among the fifty most played.")


class GlobalTop(GlobalReport):
    """What all users played most over some days, from the fifty most played of each day."""

    items: list[GlobalTopItem]
