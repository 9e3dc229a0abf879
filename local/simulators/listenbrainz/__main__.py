"""``python -m local.simulators.listenbrainz [--port N] [--catalogue FILE] [--die-with-parent]``."""

from local.simulators.listenbrainz.app import create_app
from local.simulators.server import main

if __name__ == "__main__":
    main(create_app, "A simulator of ListenBrainz' API and of MusicBrainz' web service.")
