"""Which provider is simulated and which is real, and what the template's parameters are then.

A provider is real when the environment names an application of it: ``SPOTIFY_CLIENT_ID`` and
``SPOTIFY_CLIENT_SECRET``, ``GOOGLE_CLIENT_ID`` and ``GOOGLE_CLIENT_SECRET``, ``TIDAL_CLIENT_ID`` and
``TIDAL_CLIENT_SECRET`` (and ``TIDAL_TERMS_READ=true``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_CLIENT_ID, _CLIENT_SECRET = "musicconnect-local", "local-secret"
"""The application that all simulators know."""


@dataclass(frozen=True, slots=True)
class Application:
    """A provider as the local stack runs it."""

    name: str
    """Of the simulator's module."""
    title: str
    """For people, and the beginning of the names of the template's parameters."""
    variables: str
    """Beginning of the names of the variables that name a real application."""
    paths: Mapping[str, str]
    """Path within the simulator, by template parameter."""
    simulated: Mapping[str, str] = field(default_factory=dict)
    """Further parameters for the simulator."""
    terms: str | None = None
    """Parameter that says that the provider's terms were read; the environment says so for a real one."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Of a provider that needs no application: the simulator's ``ProviderOverrides``, ``{url}`` being its
    address. It runs where the stack's ``OptionalProviders`` names it."""

    def is_used_by(self, declared: set[str], parameters: Mapping[str, str]) -> bool:
        """Whether a template with these parameters, some of them given, talks to the provider."""
        if self.overrides:
            return self.name in parameters.get("OptionalProviders", "").split(",")
        return not declared.isdisjoint(self.paths)

    def is_real(self, shell: Mapping[str, str]) -> bool:
        """Whether the environment names an application of the provider."""
        return bool(shell.get(f"{self.variables}_CLIENT_ID") and shell.get(f"{self.variables}_CLIENT_SECRET"))

    def real_parameters(self, shell: Mapping[str, str]) -> dict[str, str]:
        """For the real service, whose addresses are the template's defaults."""
        read = {self.terms: shell.get(f"{self.variables}_TERMS_READ", "false")} if self.terms else {}
        return read | {
            f"{self.title}ClientId": shell[f"{self.variables}_CLIENT_ID"],
            f"{self.title}ClientSecret": shell[f"{self.variables}_CLIENT_SECRET"],
        }

    def simulated_parameters(self, url: str) -> dict[str, str]:
        """For the simulator at an address."""
        if self.overrides:
            own = " ".join(f"{name}={value.format(url=url)}" for name, value in self.overrides.items())
            return {"ProviderOverrides": own}
        return {
            **{parameter: url + path for parameter, path in self.paths.items()},
            **self.simulated,
            **({self.terms: "true"} if self.terms else {}),
            f"{self.title}ClientId": _CLIENT_ID,
            f"{self.title}ClientSecret": _CLIENT_SECRET,
        }


APPLICATIONS = (
    Application("spotify", "Spotify", "SPOTIFY", {"SpotifyApiUrl": "/v1", "SpotifyAccountsUrl": ""}),
    Application(
        "youtube",
        "YouTube",
        "GOOGLE",
        {"YouTubeApiUrl": "/youtube/v3", "GoogleAuthUrl": "/o/oauth2/v2/auth", "GoogleTokenUrl": ""},
    ),
    Application(
        "tidal",
        "Tidal",
        "TIDAL",
        {"TidalApiUrl": "/v2", "TidalLoginUrl": "", "TidalAuthUrl": ""},
        # The simulator's bucket is so large that nobody notices, and so is ours of it.
        simulated={"TidalTokens": "100000 100000"},
        terms="TidalTermsRead",
    ),
    Application(
        "listenbrainz",
        "ListenBrainz",
        "LISTENBRAINZ",
        {},
        overrides={"LISTENBRAINZ_API_URL": "{url}", "MUSICBRAINZ_API_URL": "{url}"},
    ),
)
