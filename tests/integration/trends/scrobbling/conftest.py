"""People who scrobble, and what their clients send."""

from tests.integration.trends.plays.conftest import person, scrobbler

__all__ = ["person", "scrobbler"]
