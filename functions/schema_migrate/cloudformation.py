"""Answering CloudFormation, which waits for its custom resource until it hears of it or an hour has passed.

Shapes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import json
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

PHYSICAL_ID = "musicconnect-schema"
"""The same for ever: another one would make CloudFormation delete the schema's "old" resource."""
TIMEOUT = 20.0
"""Seconds."""
REASON_LENGTH = 1000
"""Characters; the whole answer may have 4096 bytes."""


def answer(event: Mapping[str, Any], work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do the work that a request asks for and tell CloudFormation how it went, also when it raises.

    Deleting the resource does nothing: the data belongs to whoever runs the database.
    """
    try:
        data = {} if event["RequestType"] == "Delete" else work()
    except Exception as error:
        _send(event, "FAILED", reason=f"{type(error).__name__}; see the function's log")
        raise
    _send(event, "SUCCESS", data={name: str(value) for name, value in data.items()})
    return data


def _send(
    event: Mapping[str, Any], status: str, *, reason: str = "", data: Mapping[str, str] | None = None
) -> None:
    body = {
        "Status": status,
        "Reason": reason[:REASON_LENGTH],
        "PhysicalResourceId": event.get("PhysicalResourceId", PHYSICAL_ID),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": data or {},
    }
    # The URL is signed for an empty content type; any other is refused.
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own address, from the event
        event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310 - as above
        pass
