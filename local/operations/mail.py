"""Print what the running local stack has sent by mail: ``python -m local mail``."""

import argparse
import json
from dataclasses import asdict

from local.stack import mailbox
from local.stack.control_client import STATE_FILE, StackError


def run(arguments: argparse.Namespace) -> int:
    """Print the newest messages, oldest of them first."""
    state = arguments.state / STATE_FILE
    if not state.exists():
        raise StackError("no stack is running: start one with `python -m local up`")
    url = json.loads(state.read_text())["aws_url"]
    try:
        found = mailbox.read(url)
    except OSError as error:
        raise StackError(f"the mailbox at {url}{mailbox.PATH} does not answer: {error}") from error
    if arguments.to:
        found = [one for one in found if arguments.to.casefold() in one.to.casefold()]
    shown = found[-arguments.most :]
    if arguments.json:
        print(json.dumps([asdict(one) for one in shown], indent=2, ensure_ascii=False))
        return 0
    for one in shown:
        print(f"To: {one.to}\nSubject: {one.subject}\n\n{one.text}\n{'=' * 72}")
    print(f"{len(shown)} of {len(found)} messages. As a page: {url}{mailbox.PATH}")
    return 0
