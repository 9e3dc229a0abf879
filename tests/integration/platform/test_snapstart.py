"""A picture of an environment holds no connection, and what starts from it makes its own."""

import snapshot_restore_py

from musicconnect.platform import database as platform_database
from musicconnect.platform.config import DatabaseSettings
from tests.support.functions import FunctionRunner


def test_connections_are_closed_before_a_picture_and_opened_after_it(core_harness: FunctionRunner) -> None:
    hooks = [
        hook
        for hook, _, _ in snapshot_restore_py.get_before_snapshot()
        if hook is platform_database.close_all
    ]
    assert len(hooks) == 1
    with core_harness.environment_of("core_api"):
        database = platform_database.shared()
        with database.statement() as connection:
            before = connection
        hooks[0]()
        assert before.closed
        with platform_database.shared().statement() as connection:
            assert connection is not before
            assert connection.execute("SELECT 1").fetchall() == [(1,)]
        assert DatabaseSettings.from_environment().url
