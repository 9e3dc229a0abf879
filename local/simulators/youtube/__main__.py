"""``python -m local.simulators.youtube [--port N] [--catalogue FILE] [--die-with-parent]``."""

from local.simulators.server import main
from local.simulators.youtube.app import create_app

if __name__ == "__main__":
    main(create_app, "Simulate the YouTube Data API and Google's authorization server.")
