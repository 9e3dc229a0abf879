"""Act on an account as an operator, of the running local stack or of a deployment.

    python -m local operator find --address bob@example.org
    python -m local operator suspend --user 12 --reason "It sends spam."
    python -m local operator restore --user 12
    python -m local operator end-sessions --user 12
    python -m local operator show --user 12
    python -m local operator requeue
    python -m local operator show --user 12 --stack musicconnect     of a deployment

It invokes ``OperatorFunction``; whoever may do that in AWS may do this. The record says who it was: the
machine's user, unless ``--as`` says otherwise.
"""

import argparse
import getpass
import json
import sys
from typing import Any

import boto3

from local.stack.control_client import Control, FunctionError, StackError

FUNCTION = "OperatorFunction"


def run(arguments: argparse.Namespace) -> int:
    """``python -m local operator``."""
    order = {
        "action": arguments.action,
        "operator": arguments.operator or getpass.getuser(),
        "address": arguments.address,
        "user_id": arguments.user,
        "reason": arguments.reason,
    }
    order = {name: value for name, value in order.items() if value is not None}
    try:
        answer = _deployed(arguments.stack, order) if arguments.stack else _local(arguments, order)
    except FunctionError as error:
        print(json.dumps(error.payload, indent=2, ensure_ascii=False), file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0 if answer["outcome"] != "not-found" else 1


def _local(arguments: argparse.Namespace, order: dict[str, Any]) -> Any:
    control = Control.of_running(arguments.state)
    if control is None:
        raise StackError(
            "no stack is running here; start one with `make up`, or name a deployment by --stack"
        )
    return control.invoke(FUNCTION, order)


def _deployed(stack: str, order: dict[str, Any]) -> Any:
    aws: Any = boto3  # there are no stubs of these two services
    resource = aws.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId=FUNCTION
    )
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(order).encode())
    payload = json.load(answer["Payload"])
    if "FunctionError" in answer:
        raise FunctionError(FUNCTION, payload)
    return payload
