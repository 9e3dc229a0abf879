"""One call of a method of Last.fm's API, and who makes it."""

from dataclasses import dataclass

from musicconnect.api.binding import Request
from musicconnect.platform.database import Database
from musicconnect.trends.lastfm.errors import LastfmError
from musicconnect.trends.lastfm.parameters import Parameters
from musicconnect.trends.scrobbling import people


@dataclass(frozen=True, slots=True)
class Call:
    """What a method needs to know."""

    database: Database
    method: str
    """Of HTTP."""
    parameters: Parameters
    request: Request

    def require(self, name: str) -> str:
        """Get a parameter, or raise `LastfmError` 6."""
        value = self.parameters.get(name)
        if value is None:
            raise LastfmError(6, f"Invalid parameters - {name} is missing")
        return value

    def user(self) -> int:
        """Find whose session key it is, or raise `LastfmError` 9."""
        key = self.parameters.get("sk")
        user_id = people.owner_of_session(self.database, key) if key else None
        if user_id is None:
            raise LastfmError(9)
        return user_id

    def reader(self) -> tuple[int, str]:
        """Find the user who is to be read, and their name: the one of the session, or one who is public.

        Raises:
            LastfmError: 17 for everybody else, whether they exist or not; 9 if the session is none.
        """
        name = self.parameters.get("user")
        if name is not None:
            public = people.find_public(self.database, name)
            if public is not None:
                return public, name
        if self.parameters.get("sk") is None:
            raise LastfmError(17) if name else LastfmError(6, "Invalid parameters - user is missing")
        user_id = self.user()
        if name is not None and not people.is_name_of(self.database, user_id, name):
            raise LastfmError(17)
        return user_id, name or people.user_name(self.database, user_id)
