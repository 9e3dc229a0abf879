"""Takes as long as it is told to: a number of seconds, or until a file is there; 30 s otherwise."""

import os
import time
from pathlib import Path


def handler(event, context):
    if "until" in event:
        while not Path(event["until"]).exists():
            time.sleep(0.01)
    else:
        time.sleep(event.get("seconds", 30))
    return {"pid": os.getpid()}
