"""Which provider is simulated, and the parameters that follow."""

from local.stack.provider_apps import APPLICATIONS

SPOTIFY, YOUTUBE = (next(one for one in APPLICATIONS if one.name == name) for name in ("spotify", "youtube"))


def test_a_simulator_serves_every_address_of_its_provider() -> None:
    assert SPOTIFY.simulated_parameters("http://127.0.0.1:1") == {
        "SpotifyApiUrl": "http://127.0.0.1:1/v1",
        "SpotifyAccountsUrl": "http://127.0.0.1:1",
        "SpotifyClientId": "musicconnect-local",
        "SpotifyClientSecret": "local-secret",
    }
    assert YOUTUBE.simulated_parameters("http://127.0.0.1:2") == {
        "YouTubeApiUrl": "http://127.0.0.1:2/youtube/v3",
        "GoogleAuthUrl": "http://127.0.0.1:2/o/oauth2/v2/auth",
        "GoogleTokenUrl": "http://127.0.0.1:2",
        "YouTubeClientId": "musicconnect-local",
        "YouTubeClientSecret": "local-secret",
    }


def test_a_named_application_means_the_real_service_at_its_own_addresses() -> None:
    shell = {"GOOGLE_CLIENT_ID": "id", "GOOGLE_CLIENT_SECRET": "secret", "SPOTIFY_CLIENT_ID": "alone"}
    assert YOUTUBE.is_real(shell)
    assert not SPOTIFY.is_real(shell), "without its secret an application is of no use"
    assert YOUTUBE.real_parameters(shell) == {"YouTubeClientId": "id", "YouTubeClientSecret": "secret"}


def test_only_what_the_template_uses_is_started() -> None:
    assert SPOTIFY.is_used_by({"SpotifyApiUrl", "Stage"}, {})
    assert not YOUTUBE.is_used_by({"SpotifyApiUrl", "Stage"}, {})


def test_one_without_an_application_is_started_where_it_is_named() -> None:
    listenbrainz = next(one for one in APPLICATIONS if one.name == "listenbrainz")
    assert not listenbrainz.is_used_by({"SpotifyApiUrl"}, {})
    assert listenbrainz.is_used_by({"SpotifyApiUrl"}, {"OptionalProviders": "listenbrainz"})
    assert listenbrainz.simulated_parameters("http://127.0.0.1:5") == {
        "ProviderOverrides": "LISTENBRAINZ_API_URL=http://127.0.0.1:5 MUSICBRAINZ_API_URL=http://127.0.0.1:5"
    }
