"""``python -m local.simulators.tidal [--port N] [--catalogue FILE] [--die-with-parent]``."""

from local.simulators.server import main
from local.simulators.tidal.app import create_app

if __name__ == "__main__":
    main(create_app, "A simulator of TIDAL's sign-in service and API v2.")
