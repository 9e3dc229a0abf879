"""Carry out the steps of events in a local stack."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import requests

from local.events import replay
from local.stack import mailbox
from local.stack.aws import Aws
from local.stack.control_client import STATE_FILE, Control, FunctionError
from local.stack.stack import ROOT, Stack
from local.template.cloudformation import Node, read_yaml
from local.template.loader import load_local
from local.template.model import Deployment

BUCKET = "ExportsBucket"
QUEUE_EVENT, TIMER_EVENT = "SQS", "ScheduleV2"


class StackEnvironment:
    """A local stack, in this process or in another one."""

    def __init__(self, state: dict[str, Any], template: Path, invoke: Callable[[str, Any], Any]) -> None:
        self._api_url, self._database_url = state["api_url"], state["database_url"]
        self._aws_url: str = state["aws_url"]
        self._invoke = invoke
        self.addresses = {name: state[name] or "" for name in ("spotify_url", "youtube_url", "tidal_url")}
        bucket = load_local(template, state["aws_url"]).buckets.get(BUCKET)
        if bucket is not None:
            self.addresses["response_url"] = (
                Aws(state["aws_url"], Deployment().region)
                .s3()
                .generate_presigned_url("put_object", {"Bucket": bucket.name, "Key": "answer"})
            )

    @classmethod
    def of_stack(cls, stack: Stack) -> "StackEnvironment":
        """Carry steps out in a stack of this process."""
        return cls(stack.addresses(), stack.options.template, stack.invoke)

    @classmethod
    def of_running(cls, control: Control, folder: Path, template: Path) -> "StackEnvironment":
        """Carry steps out in the running stack of a state folder."""
        return cls(json.loads((folder / STATE_FILE).read_text()), template, control.invoke)

    def call(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        """Send one request to the gateway."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if path == "/v1/auth/signup":
            # Every case signs somebody up, and together they are more than one source may be.
            with psycopg.connect(self._database_url) as connection:
                connection.execute("DELETE FROM core.sign_in_limits")
        answer = requests.request(
            method, self._api_url + path, json=body, headers=headers, timeout=replay.TIMEOUT
        )
        if path == "/v1/auth/signup" and answer.status_code == 202:
            session = mailbox.confirm_sign_up(self._api_url, self._aws_url, body["email"])
            return 201, session
        return answer.status_code, answer.json() if answer.content else None

    def invoke(self, function: str, event: Any) -> Any:
        """Run a function in the stack."""
        try:
            return self._invoke(function, event)
        except FunctionError as error:
            raise replay.ReplayError(str(error)) from error


def still_template() -> dict[str, Node]:
    """The project's template without anything that acts on its own: no queue is polled, no timer fires."""
    template = read_yaml(ROOT / "template.yaml")
    code = template["Globals"]["Function"]
    code["CodeUri"] = str(ROOT / code["CodeUri"])
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if "ContentUri" in properties:
            properties["ContentUri"] = str(ROOT / properties["ContentUri"])
        for event in properties.get("Events", {}).values():
            if event["Type"] == QUEUE_EVENT:
                event["Properties"]["Enabled"] = False
            elif event["Type"] == TIMER_EVENT:
                event["Properties"]["State"] = "DISABLED"
    return template
