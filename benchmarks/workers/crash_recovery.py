"""Workers that kill themselves: each line of input forks one that ends at that point of its work.

A point is the moment before or after a call of a provider, or before or after a commit. The answer to a line
is ``{"points": n, "killed": bool}``: how many points were passed. The argument says whose worker it is:
``migrations`` or ``sync``.

What a worker imports on its way, those after it find imported: that took four fifths of a point's time.
"""

import importlib
import json
import mmap
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3

from benchmarks.workers.migration import Context
from migrations_worker.app import handler as migrations_handler
from musicconnect.platform import config, database
from musicconnect.providers import transport
from sync_worker.app import handler as sync_handler

WORKERS: dict[str, tuple[Callable[[dict[str, Any], Any], Any], str]] = {
    "migrations": (migrations_handler, "MIGRATIONS_QUEUE_URL"),
    "sync": (sync_handler, "SYNC_QUEUE_URL"),
}
_turn = threading.Lock()


class KillPoint:
    """Count points in shared memory and kill the process at one of them."""

    def __init__(self, at: int, shared: mmap.mmap) -> None:
        self._at = at
        self._shared = shared
        self._send, self._commit = transport.send, database._commit

    def point(self) -> None:
        """Pass a point, or die."""
        with _turn:
            (count,) = struct.unpack("q", self._shared[:8])
            self._shared[:8] = struct.pack("q", count + 1)
            if count + 1 == self._at:
                os.kill(os.getpid(), signal.SIGKILL)

    def send(self, *args: Any, **kwargs: Any) -> Any:
        """In place of the transport's."""
        self.point()
        answer = self._send(*args, **kwargs)
        self.point()
        return answer

    def commit(self, connection: Any) -> None:
        """In place of the database's."""
        self.point()
        self._commit(connection)
        self.point()


def work(worker: str, at: int, shared: mmap.mmap) -> None:
    """The forked worker: every message is handled twice."""
    kill_point = KillPoint(at, shared)
    transport.send, database._commit = kill_point.send, kill_point.commit
    handler, queue = WORKERS[worker]
    client, url = boto3.client("sqs"), config.require(queue)
    while messages := client.receive_message(QueueUrl=url).get("Messages", []):
        records = [{"messageId": entry["MessageId"], "body": entry["Body"]} for entry in messages]
        handler({"Records": records * 2}, Context())
        for entry in messages:
            client.delete_message(QueueUrl=url, ReceiptHandle=entry["ReceiptHandle"])


def import_as_well(names: str) -> None:
    """Import modules that a worker has imported, for those that are forked from now on."""
    for name in names.split():
        # What is not a file, a namespace's alias say, a worker makes itself.
        with suppress(ImportError):
            importlib.import_module(name)


def main() -> None:
    """Serve until the input ends."""
    boto3.client("sqs")  # The default session keeps the service's description, once it has been read.
    for line in sys.stdin:
        shared = mmap.mmap(-1, 8)
        known = set(sys.modules)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                work(sys.argv[1], int(line), shared)
            finally:
                with os.fdopen(writing, "w") as pipe:
                    pipe.write("\n".join(sys.modules.keys() - known))
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            imported = pipe.read()  # Nothing of one that was killed.
        _, status = os.waitpid(child, 0)
        (points,) = struct.unpack("q", shared[:8])
        print(json.dumps({"points": points, "killed": os.WIFSIGNALED(status)}), flush=True)
        import_as_well(imported)


if __name__ == "__main__":
    main()
