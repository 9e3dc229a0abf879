"""The services that MusicConnect consists of, as the register in the database has them."""

from typing import Any

from psycopg import Connection

from musicconnect.core import store
from musicconnect.core.schemas import Health, Service, ServiceList
from musicconnect.core.store import ServiceRow
from musicconnect.platform.database import Database

# Name, path below the public address, description, whether this version has it.
_SERVICES = (
    ("musicconnect-core", "/v1", "Accounts, sessions and the register of services.", True),
    ("spotify-core", "/v1/providers/spotify", "Spotify accounts, their tokens and playlists.", True),
    ("youtube-core", "/v1/providers/youtube", "YouTube accounts, their tokens and playlists.", True),
    ("unified-search", "/v1/search", "One search over all providers, its history, pinned items.", False),
    ("playlist-migration", "/v1/migrations", "Moves playlists from one provider to another.", True),
    ("data-exports", "/v1/exports", "Files with what a person owns here.", False),
    ("user-trends", "/v1/trends", "A person's listening by day.", False),
    ("global-trends", "/v1/trends/global", "Everybody's listening by day.", False),
)


def registry(public_url: str | None) -> list[ServiceRow]:
    """All services; with paths only for addresses where the public one is not known."""
    return [
        ServiceRow(name, (public_url or "") + path, description, is_active)
        for name, path, description, is_active in _SERVICES
    ]


def register(connection: Connection[Any], public_url: str | None) -> list[str]:
    """Bring the register up to date and give the names in it; doing it twice changes nothing."""
    services = registry(public_url)
    for service in services:
        store.upsert_service(connection, service)
    return [service.name for service in services]


def list_services(database: Database) -> ServiceList:
    """The register."""
    with database.transaction() as connection:
        rows = store.list_services(connection)
    return ServiceList(items=[Service.model_validate(row) for row in rows])


def health(database: Database) -> Health:
    """That the database answers.

    Raises:
        psycopg.OperationalError: it does not.
    """
    with database.transaction() as connection:
        store.ping(connection)
    return Health(status="ok")
