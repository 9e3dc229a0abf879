"""``python -m local.simulators.spotify [--port N] [--catalogue FILE] [--die-with-parent]``."""

from local.simulators.server import main
from local.simulators.spotify.app import create_app

if __name__ == "__main__":
    main(create_app, "A simulator of Spotify's accounts service and Web API.")
