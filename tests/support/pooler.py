"""PgBouncer in transaction mode in front of the tests' PostgreSQL: ``make test POOLER=1``.

Functions then connect through it, as they do through templates/pooler.yaml; whoever looks at the truth, and
the upgrade of the schema, go past it. Debian's package ``pgbouncer`` has the program.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from local.stack.wait import wait_until
from local.supervisor import die_with_parent

IS_WANTED = os.environ.get("POOLER", "") not in ("", "0")
SERVER_CONNECTIONS = 20
"""For each role and database."""

SETTINGS = f"""\
[databases]
* = host=127.0.0.1 port={{server}}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {{port}}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {{users}}
pool_mode = transaction
max_client_conn = 2000
default_pool_size = {SERVER_CONNECTIONS}
{{more}}
; A module's database is dropped at its end, which waits until nobody is connected.
server_idle_timeout = 1
; A restarted server is asked again at once.
server_login_retry = 0.1
ignore_startup_parameters = extra_float_digits
"""

_behind: dict[tuple[str | None, int | None], int] = {}
"""Ports of poolers by the host and port of the server that they stand in front of."""


def find() -> str | None:
    """The program; None where it is not installed."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


def port_of(host: str | None, port: int | None) -> int | None:
    """Of the pooler in front of a server, where there is one."""
    return _behind.get((host, port))


@contextmanager
def in_front_of(
    host: str, port: int, passwords: Mapping[str, str], *, own: int | None = None, more: str = ""
) -> Iterator[None]:
    """Run a pooler for these roles until the block ends, on a port of its ``own``, with ``more`` settings."""
    program = find()
    assert program is not None
    own = own or free_port()
    with tempfile.TemporaryDirectory(prefix="musicconnect-pooler-") as name:
        folder = Path(name)
        users = folder / "users.txt"
        users.write_text("".join(f'"{role}" "{password}"\n' for role, password in passwords.items()))
        settings = folder / "pgbouncer.ini"
        settings.write_text(SETTINGS.format(server=port, port=own, users=users, more=more))
        owner = _owner()
        if owner is not None:  # it refuses to run as root
            for path in (folder, users, settings):
                shutil.chown(path, owner)
        process = subprocess.Popen(
            [program, "-q", *(["-u", owner] if owner else []), str(settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - nothing else runs yet
        )

        def is_ready() -> bool:
            assert process.poll() is None, process.stderr and process.stderr.read()
            with suppress(OSError), socket.create_connection(("127.0.0.1", own), timeout=1):
                return True
            return False

        try:
            wait_until(is_ready, seconds=20, what="PgBouncer to start")
            _behind[host, port] = own
            yield
        finally:
            _behind.pop((host, port), None)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _owner() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in ("pgserver", "postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise RuntimeError("there is nobody to run PgBouncer as")


def server_connections(url: str) -> int:
    """How many connections others than this one have to the server."""
    query = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(url) as connection:
        (count,) = connection.execute(query).fetchall()[0]
    return int(count)
