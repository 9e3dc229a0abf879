"""Letting go of a database, so that it can be dropped."""

from urllib.parse import urlsplit

from local.waiting import wait_until
from musicconnect import db
from tests.support.postgres import sql


def let_go(database_url: str) -> None:
    """Close the functions' connections and wait until the server has noticed.

    The databases' owner is no superuser, as on AWS, and may not end other roles' connections.
    """
    db.close_all()
    name = urlsplit(database_url).path.lstrip("/")
    others = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    wait_until(lambda: sql(database_url, others, name) == [(0,)], seconds=10, what="connections to end")
