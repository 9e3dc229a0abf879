"""Hold one Postgres connection per execution environment, opened when first needed.

No pool: a Lambda environment serves one request at a time, and a pool's threads do not survive freezing. A
connection that turns out dead when a transaction begins is replaced once; a transaction is never replayed.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from musicconnect.platform import metrics, secrets
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.logging import logger

CONNECT_TIMEOUT = 5
"""Seconds."""
CANCEL_TIMEOUT = 1.0
"""Seconds."""
MAX_SPARE = 2
"""Connections beside the shared one that are kept for later; more are closed when they are given back."""
IDLE_LIMIT = 2.0
"""Seconds after which a connection is looked at before it is used for a statement that is not repeated."""
SEND_TIMEOUT_MS = 10_000
"""Milliseconds that sent bytes may stay unacknowledged. A connection that some router forgot while the
environment was frozen says nothing; without this limit its next use would wait for many minutes."""


@dataclass(slots=True)
class Timing:
    """What the statements of this process have cost so far."""

    statements: int = 0
    seconds: float = 0.0


timing = Timing()


@dataclass(frozen=True, slots=True)
class Query[Result]:
    """A statement that waits to be sent, and how its rows are read."""

    sql: str
    params: Sequence[Any] | Mapping[str, Any]
    read: Callable[[list[tuple[Any, ...]]], Result]

    def run(self, connection: Connection[Any]) -> Result:
        """Run by itself, in the caller's transaction."""
        return self.read(connection.execute(self.sql, self.params).fetchall())


class TimedCursor(psycopg.Cursor[Any]):
    """Counts statements and the time spent waiting for them."""

    def execute(self, *args: Any, **kwargs: Any) -> Self:
        """Execute one statement, as psycopg does."""
        started = time.perf_counter()
        try:
            return super().execute(*args, **kwargs)
        finally:
            timing.statements += 1
            timing.seconds += time.perf_counter() - started

    def executemany(self, *args: Any, **kwargs: Any) -> None:
        """Execute one statement for many parameter sets, as psycopg does."""
        started = time.perf_counter()
        try:
            super().executemany(*args, **kwargs)
        finally:
            timing.statements += 1
            timing.seconds += time.perf_counter() - started


class Database:
    """The service's way to its tables."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self._connection: Connection[TupleRow] | None = None
        self._turn = threading.Lock()
        self._holder: int | None = None
        self._used_at = 0.0
        self._is_abandoned = False

    @contextmanager
    def transaction(self, user_id: int | None = None) -> Iterator[Connection[TupleRow]]:
        """Open a transaction, as one person.

        Commits on success, rolls back on an exception. Row-level security shows the rows of ``user_id`` only,
        and none at all of anybody when it is None. Threads take turns: there is one connection.

        Raises:
            psycopg.OperationalError: the database cannot be reached, or was lost on the way. What was
                committed before is kept; whether a commit that was under way took effect is for the caller to
                find out.
            psycopg.errors.InFailedSqlTransaction: a statement failed and the error was swallowed, so that
                nothing could be committed.
            RuntimeError: another transaction of this thread is open: its connection is the one to use.
        """
        with self._my_turn():
            connection = self._begin("" if user_id is None else str(user_id))
            try:
                yield connection
                _commit(connection)
                self._used_at = time.monotonic()
            except BaseException:
                self._roll_back(connection)
                raise

    @contextmanager
    def statement(self) -> Iterator[Connection[TupleRow]]:
        """Give the connection for one statement that is a transaction by itself, and nobody's.

        A third of the round trips of `transaction`. Row-level security shows no rows of anybody.

        Raises:
            psycopg.OperationalError: as `transaction`; the statement may have taken effect.
            RuntimeError: as `transaction`.
        """
        with self._my_turn():
            yield self._alive()
            self._used_at = time.monotonic()

    def pipeline(self, user_id: int, *queries: Query[Any]) -> list[Any]:
        """Run statements that do not wait for each other's answers, as a transaction in one round trip.

        Gives what each of them read. Row-level security as in `transaction`.

        Raises:
            psycopg.OperationalError: as `transaction`; the statements may have taken effect.
            RuntimeError: as `transaction`.
        """
        with self._my_turn():
            connection = self._alive()
            started, before = time.perf_counter(), timing.seconds
            try:
                # What a pipeline sends up to its end is one transaction, without BEGIN and COMMIT.
                with connection.pipeline():
                    connection.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id)])
                    cursors = [connection.execute(query.sql, query.params) for query in queries]
            except BaseException:
                self._roll_back(connection)
                raise
            timing.seconds = before + time.perf_counter() - started
            self._used_at = time.monotonic()
        return [query.read(cursor.fetchall()) for query, cursor in zip(queries, cursors, strict=True)]

    def abandon(self) -> None:
        """Cancel the statement that another thread waits for; the connection is closed when that is over.

        The thread's transaction ends with `psycopg.OperationalError`, unless its commit went through.
        """
        self._is_abandoned = True
        connection = self._connection
        if connection is not None and not connection.closed:
            with contextlib.suppress(psycopg.Error):
                connection.cancel_safe(timeout=CANCEL_TIMEOUT)

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._holder == threading.get_ident():
            raise RuntimeError("A transaction is open already; pass its connection on.")
        with self._turn:
            self._holder = threading.get_ident()
            try:
                yield
            finally:
                self._holder = None
                if self._is_abandoned:
                    self.close()

    def _alive(self) -> Connection[TupleRow]:
        if self._connection is not None and not self._connection.closed:
            if time.monotonic() - self._used_at < IDLE_LIMIT:
                return self._connection
            try:
                self._connection.execute("")
            except psycopg.OperationalError:
                self._connection.close()
            else:
                return self._connection
        self._connection = self._connect()
        return self._connection

    def _begin(self, user_id: str) -> Connection[TupleRow]:
        if self._connection is not None and not self._connection.closed:
            try:
                return _begin(self._connection, user_id)
            except psycopg.OperationalError:
                # Dropped while it idled. Nothing of the transaction has run, so beginning again is safe.
                self._connection.close()
        self._connection = self._connect()
        return _begin(self._connection, user_id)

    def _connect(self) -> Connection[TupleRow]:
        try:
            return self._connected()
        except psycopg.OperationalError:
            metrics.emit(metrics.DATABASE_CONNECTION_FAILURES)
            raise
        except secrets.SecretsUnavailableError as error:
            # To whoever wanted to connect it is the same: not now, and nothing has run.
            raise psycopg.OperationalError(f"the database's password cannot be read: {error}") from error

    def _connected(self) -> Connection[TupleRow]:
        settings = self._settings
        if settings.url:
            return _open(settings.url)
        try:
            return _open(_conninfo(settings, secrets.get(settings.secret_arn)))
        except psycopg.OperationalError as error:
            if not _is_wrong_password(error):
                raise
        # A rotated password: the copy at hand is refused, the secret has the new one.
        secret = secrets.get(settings.secret_arn, fresh=True)
        try:
            return _open(_conninfo(settings, secret))
        except psycopg.OperationalError as error:
            # Or the secret has been changed and the database not yet: the old one still opens it.
            before = secrets.previous(settings.secret_arn) if _is_wrong_password(error) else None
            if before is None:
                raise
            return _open(_conninfo(settings, before))

    @staticmethod
    def _roll_back(connection: Connection[TupleRow]) -> None:
        if connection.closed:
            return
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()


def _begin(connection: Connection[TupleRow], user_id: str) -> Connection[TupleRow]:
    # One round trip for both. The setting ends with the transaction, so that no pooler ever hands one
    # person's identity to another.
    started, before = time.perf_counter(), timing.seconds
    with connection.pipeline():
        connection.execute("BEGIN")
        connection.execute("SELECT set_config('app.user_id', %s, true)", [user_id])
    # A pipeline waits at its end, where no cursor sees it.
    timing.seconds = before + time.perf_counter() - started
    return connection


def _commit(connection: Connection[TupleRow]) -> None:
    # Committing a transaction in which a statement failed rolls back, and is not an error to Postgres.
    if connection.execute("COMMIT").statusmessage != "COMMIT":
        raise psycopg.errors.InFailedSqlTransaction("a statement failed; nothing was committed")


def _is_wrong_password(error: psycopg.OperationalError) -> bool:
    # PostgreSQL's words, and RDS Proxy's.
    return "password authentication failed" in str(error) or "password that was provided" in str(error)


def _conninfo(settings: DatabaseSettings, secret: dict[str, str]) -> str:
    parts: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "dbname": settings.name,
        "user": secret["username"],
        "password": secret["password"],
        "sslmode": settings.sslmode,
    }
    if settings.sslmode.startswith("verify"):
        parts["sslrootcert"] = settings.sslrootcert
    return make_conninfo(**parts)


def _open(conninfo: str) -> Connection[TupleRow]:
    # Autocommit, since transactions are opened and closed in so many words. No prepared statements: poolers
    # in transaction mode, and RDS Proxy without pinning, do not carry them.
    return psycopg.connect(
        conninfo,
        autocommit=True,
        prepare_threshold=None,
        connect_timeout=CONNECT_TIMEOUT,
        tcp_user_timeout=SEND_TIMEOUT_MS,
        cursor_factory=TimedCursor,
        application_name="musicconnect",
    )


def log_unavailable(error: psycopg.Error) -> None:
    """Log that the database did not answer, in one line: there will be many while it is away."""
    logger.warning("database unavailable", error=type(error).__name__, reason=str(error).splitlines()[:1])


_databases: dict[DatabaseSettings, Database] = {}


def shared() -> Database:
    """Get the database of this execution environment."""
    settings = DatabaseSettings.from_environment()
    if settings not in _databases:
        _databases[settings] = Database(settings)
    return _databases[settings]


def abandon() -> None:
    """Give up what another thread does with `shared`: cancel its statement, and let nobody wait for it."""
    database = _databases.pop(DatabaseSettings.from_environment(), None)
    if database is not None:
        database.abandon()


_spare: dict[DatabaseSettings, list[Database]] = {}


@contextmanager
def dedicated_connection() -> Iterator[Database]:
    """Lend a database to one thread alone, beside `shared`; whoever asks next gets its connection.

    There are as many as threads that use one at the same time, and `MAX_SPARE` when none does.
    """
    free = _spare.setdefault(DatabaseSettings.from_environment(), [])
    try:
        database = free.pop()
    except IndexError:
        database = Database(DatabaseSettings.from_environment())
    try:
        yield database
    finally:
        if len(free) < MAX_SPARE:
            free.append(database)
        else:
            database.close()


def close_all() -> None:
    """Close every connection of this process, before it is frozen into a snapshot or its database goes."""
    for database in (*_databases.values(), *(one for free in _spare.values() for one in free)):
        database.close()
    _databases.clear()
    _spare.clear()


# SnapStart takes its picture after the imports. Nothing is connected by then, and has to stay so: two
# environments restored from one picture would share the socket and its TLS state.
with contextlib.suppress(ImportError):  # of the runtime, which has had it since there is SnapStart for Python
    from snapshot_restore_py import register_before_snapshot

    register_before_snapshot(close_all)
