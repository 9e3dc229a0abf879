"""Takes as long as it is told to, 30 s otherwise."""

import os
import time


def handler(event, context):
    time.sleep(event.get("seconds", 30))
    return {"pid": os.getpid()}
