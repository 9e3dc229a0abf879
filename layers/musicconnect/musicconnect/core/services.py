"""Register the services that MusicConnect consists of, list them, and switch them off and on.

What there is, is derived from the template: ``make openapi`` writes `REGISTER` from its functions' routes,
and a deployment brings the table up to date with it. Whether a service is switched off, operators say.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

from musicconnect.core import store
from musicconnect.core.schemas import Health, Service, ServiceList
from musicconnect.core.store import ServiceRow
from musicconnect.platform import problems
from musicconnect.platform.database import Database

REGISTER: Final = Path(__file__).with_name("services.json")
CORE: Final = "musicconnect-core"


def registry(public_url: str | None) -> list[ServiceRow]:
    """List the services as deployed; their addresses are paths where the public address is unknown."""
    entries = json.loads(REGISTER.read_text(encoding="utf-8"))
    return [
        ServiceRow(
            name=entry["name"],
            base_url=(public_url or "") + entry["path"],
            description=entry["description"],
            routes=entry["routes"],
            # One without a route is not there. Of the others the table says whether they are switched on.
            is_active=bool(entry["routes"]),
        )
        for entry in entries
    ]


def register(connection: Connection[Any], public_url: str | None) -> list[str]:
    """Update the register and return the names in it; doing it twice changes nothing."""
    services = registry(public_url)
    for service in services:
        store.upsert_service(connection, service)
    return [service.name for service in services]


def switch(connection: Connection[Any], name: str, *, is_active: bool, reason: str = "") -> None:
    """Switch a service off, with a reason that people are told, or on again.

    Raises:
        LookupError: there is no such service.
    """
    if not store.switch_service(connection, name, is_active=is_active, reason="" if is_active else reason):
        raise LookupError(f"There is no service {name!r}.")


def list_services(database: Database, base_url: str) -> ServiceList:
    """List the register; ``base_url`` is where the caller reached us, for addresses without a host."""
    with database.transaction() as connection:
        rows = store.list_services(connection)
    return ServiceList(
        items=[
            Service.model_validate(
                row if "://" in row.base_url else replace(row, base_url=base_url + row.base_url)
            )
            for row in rows
        ]
    )


def require_core(connection: Connection[Any]) -> None:
    """Refuse whoever is not signed in yet while the core is switched off; `Problem` 503."""
    off = store.switched_off(connection)
    if CORE in off:
        raise problems.switched_off(CORE, off[CORE])


def health(database: Database) -> Health:
    """Check that the database answers; `psycopg.OperationalError` if it does not."""
    with database.transaction() as connection:
        store.ping(connection)
    return Health(status="ok")
