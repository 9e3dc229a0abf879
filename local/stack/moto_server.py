"""The stand-in for AWS, as a process: moto serving SQS, S3, Secrets Manager and the rest on 127.0.0.1.

``python -m local.stack.moto_server [PORT]``; without one it takes any that is free. The first line on its
standard output is ``{"url": "http://127.0.0.1:PORT"}``, once connections are accepted.
"""

import json
import logging
import sys

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from local.stack.mailbox import with_mailbox
from local.stack.object_storage import complete_without_copies


class _Handler(MotoRequestHandler):
    """Keeps connections open, and answers at once instead of waiting for more to send (Nagle)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True


def main() -> None:
    """Serve until the process is ended."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    complete_without_copies()
    app = with_mailbox(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler)
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
