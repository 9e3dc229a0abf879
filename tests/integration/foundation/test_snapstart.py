"""A picture of an environment holds no connection, and what starts from it makes its own."""

import snapshot_restore_py

from musicconnect import db
from musicconnect.settings import DatabaseSettings
from tests.support.harness import Harness


def test_connections_are_closed_before_a_picture_and_opened_after_it(core_harness: Harness) -> None:
    hooks = [hook for hook, _, _ in snapshot_restore_py.get_before_snapshot() if hook is db.close_all]
    assert len(hooks) == 1
    with core_harness.environment_of("auth"):
        database = db.shared()
        with database.statement() as connection:
            before = connection
        hooks[0]()
        assert before.closed
        with db.shared().statement() as connection:
            assert connection is not before
            assert connection.execute("SELECT 1").fetchall() == [(1,)]
        assert DatabaseSettings.from_environment().url
