"""Answers with whatever it is sent, crashes included."""

import json
import os
import signal


def handler(event, context):
    wanted = json.loads(event["body"]) if "body" in event else event
    if isinstance(wanted, dict) and "exit" in wanted:
        os._exit(wanted["exit"])
    if isinstance(wanted, dict) and "kill" in wanted:
        os.kill(os.getpid(), signal.SIGKILL)
    if isinstance(wanted, dict) and "raise" in wanted:
        raise ValueError(wanted["raise"])
    if isinstance(wanted, dict) and "bytes" in wanted:
        return "x" * wanted["bytes"]
    return wanted
