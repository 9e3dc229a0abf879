"""The template that events are replayed on: nothing in it acts on its own."""

import json
from pathlib import Path

from local.stack import replay_environment
from local.template.loader import load
from local.template.model import Deployment

PARAMETERS = {
    "DatabaseHost": "127.0.0.1",
    "DatabaseAdminSecretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:admin",
}


def test_no_queue_is_polled_and_no_timer_fires_and_all_else_is_as_declared(tmp_path: Path) -> None:
    path = tmp_path / "still.json"
    path.write_text(json.dumps(replay_environment.still_template()))
    still = load(path, PARAMETERS, Deployment())
    declared = load(replay_environment.ROOT / "template.yaml", PARAMETERS, Deployment())
    assert still.queue_sources
    assert not any(source.enabled for source in still.queue_sources)
    assert still.schedules
    assert not any(schedule.enabled for schedule in still.schedules)
    assert still.functions == declared.functions
    assert still.routes == declared.routes
    assert all(source.enabled for source in declared.queue_sources)
