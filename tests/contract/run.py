"""Start the local stack, fill an account, and let Schemathesis try every operation with all of its checks.

``make contract MINUTES=15``; without a number for two. Fails on the first kind of answer that the
description does not know, on every 5xx, and where what is wrong is accepted.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

from local.demo.user import ApiUser
from local.stack.stack import Options, Stack
from tests.support import ROOT
from tools import openapi

CONFIG = """\
hooks = "tests.contract.hooks"
[checks.positive_data_acceptance]
# Some of what a schema cannot say is a 422: a time zone that there is, an account that is linked.
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "410", "422", "429"]
[parameters]
"path.provider" = "spotify"
"path.playlist_id" = {playlist}
"path.year" = 2026
"""
TRACK = "5ovODbIxH3D9PN3iKkFXiz"
RULE = {"source_provider": "spotify", "source_id": TRACK, "target_provider": "youtube"}


def filled(stack: Stack) -> tuple[ApiUser, str, int]:
    """Make a user who has something of everything; gives them, a personal token, and a playlist's id."""
    user = ApiUser.sign_up(stack.api_url, "Ada")
    for provider in ("spotify", "youtube"):
        user.link(provider)
    playlists = user.synced_playlists()
    smallest = min(
        (one for one in playlists if one["provider"] == "spotify" and one["is_own"] and one["track_count"]),
        key=lambda one: int(one["track_count"]),
    )
    chosen = [smallest["provider_playlist_id"]]
    body = {"source_provider": "spotify", "target_provider": "youtube", "playlists": chosen}
    user.call("POST", "/v1/migrations", body)
    history = b'[{"endTime": "2026-01-01 10:00", "artistName": "A", "trackName": "B", "msPlayed": 200000}]'
    user.upload("/v1/plays/imports", history, "history.json")
    user.upload("/v1/imports/playlists", b"#EXTM3U\n", "list.m3u8", target_provider="youtube", dry_run=True)
    user.call("POST", "/v1/exports", {"type": "history_json"})
    user.call("POST", "/v1/migrations/rules", {**RULE, "target_id": None})
    user.call("POST", "/v1/pins", {"provider": "spotify", "type": "track", "id": TRACK})
    user.call("GET", "/v1/search?q=salt")
    return user, user.call("POST", "/v1/auth/tokens", {"name": "phone"})["token"], smallest["id"]


def main() -> int:
    """Run it; 0 when nothing was found."""
    seconds = str(round(60 * float(sys.argv[1] if len(sys.argv) > 1 else "2")))
    with Stack(Options(quiet=True)) as stack, tempfile.TemporaryDirectory() as folder:
        user, token, playlist = filled(stack)
        assert requests.get(f"{stack.api_url}/v1/health", timeout=10).ok
        config = Path(folder) / "schemathesis.toml"
        config.write_text(CONFIG.format(playlist=playlist))
        command = [
            str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(config), "run",
            str(openapi.OUTPUT), "--url", stack.api_url, "--checks", "all", "--max-time", seconds,
            "--continue-on-failure", "--request-timeout", "35", "--max-response-time", "35", *sys.argv[2:],
        ]  # fmt: skip
        environment = os.environ | {
            "CONTRACT_TOKEN": user.token,
            "CONTRACT_PERSONAL_TOKEN": token,
            "CONTRACT_DATABASE_URL": stack.database_url,
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT), str(ROOT / "functions"), str(ROOT / "layers/musicconnect")]
            ),
        }
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
