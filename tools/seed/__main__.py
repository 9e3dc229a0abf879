"""Load candidates out of open data, or forget them.

    python -m tools.seed discogs discogs_20261001_releases.xml.gz
    python -m tools.seed musicbrainz mbdump.tar.bz2
    python -m tools.seed forget discogs

The database is DATABASE_URL's, by a role that owns the tables. A load that was ended goes on where it was.
"""

import argparse
import os
import sys
from pathlib import Path

import psycopg

from tools.seed import loading, seed_store
from tools.seed.discogs import CutError
from tools.seed.musicbrainz import UnknownFormError
from tools.seed.seed_store import Progress

LOADS = {"discogs": loading.load_discogs, "musicbrainz": loading.load_musicbrainz}


def main() -> int:
    """Run the command; 1 where the dump was not read to its end."""
    parser = argparse.ArgumentParser(prog="python -m tools.seed", description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=(*LOADS, "forget"))
    parser.add_argument("what", help="the dump's file; or, to forget, the source")
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL")
    if not url:
        parser.error("set DATABASE_URL to the database of the deployment, as its owner")
    if options.action == "forget":
        with psycopg.connect(url) as connection:
            print(f"{seed_store.forget(connection, options.what):,} rows deleted")
        return 0
    try:
        done = LOADS[options.action](url, Path(options.what), _tell)
    except (CutError, UnknownFormError, BlockingIOError, FileNotFoundError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"\n{done.read:,} read, {done.bad:,} of them unreadable", file=sys.stderr)
    return 0


def _tell(done: Progress) -> None:
    print(f"\r{done.read:,} read, {done.bad:,} unreadable", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
