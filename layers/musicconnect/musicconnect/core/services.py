"""Register the services that MusicConnect consists of, and list them."""

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
    """List the services; their addresses are paths where the public address is unknown."""
    return [
        ServiceRow(name, (public_url or "") + path, description, is_active)
        for name, path, description, is_active in _SERVICES
    ]


def register(connection: Connection[Any], public_url: str | None) -> list[str]:
    """Update the register and return the names in it; doing it twice changes nothing."""
    services = registry(public_url)
    for service in services:
        store.upsert_service(connection, service)
    return [service.name for service in services]


def list_services(database: Database) -> ServiceList:
    """List the register."""
    with database.transaction() as connection:
        rows = store.list_services(connection)
    return ServiceList(items=[Service.model_validate(row) for row in rows])


def health(database: Database) -> Health:
    """Check that the database answers; `psycopg.OperationalError` if it does not."""
    with database.transaction() as connection:
        store.ping(connection)
    return Health(status="ok")
