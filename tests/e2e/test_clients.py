"""Clients that nobody here wrote: generated from the description, they go through the demo's story."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from local.stack.stack import Options, Stack
from local.stack.wait import wait_until
from tests.support import ROOT
from tools import openapi

pytestmark = pytest.mark.e2e
CONFIG = """\
class_overrides: {}
content_type_overrides: {"image/svg+xml": "text/plain"}
post_hooks: []
"""
TYPESCRIPT = Path(__file__).parent / "typescript"
NODE_MODULES = ROOT / "node_modules"
HISTORY = b'[{"endTime": "2026-01-01 10:00", "artistName": "A", "trackName": "B", "msPlayed": 200000}]'
PASSWORD = "correct horse battery staple"
MIN_TRACKS = 10


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(Options(quiet=True)) as running:
        yield running


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], ModuleType]]:
    """Imports modules of a client that openapi-python-client has just generated."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yaml").write_text(CONFIG)
    generator = Path(sys.executable).parent / "openapi-python-client"
    done = subprocess.run(
        [
            generator, "generate", "--path", openapi.OUTPUT, "--config", folder / "config.yaml",
            "--meta", "none", "--output-path", folder / "musicconnect_client", "--fail-on-warning",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"musicconnect_client.{name}")
    sys.path.remove(str(folder))


class PythonClient:
    """Calls operations of a generated client by their ids, and has them answer with a model."""

    def __init__(self, generated: Callable[[str], ModuleType], url: str, token: str = "") -> None:
        self._generated = generated
        client = generated("client")
        self._client = (
            client.AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True, timeout=35)
            if token
            else client.Client(base_url=url, raise_on_unexpected_status=True, timeout=35)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.get_httpx_client().close()

    def model(self, name: str, **fields: Any) -> Any:
        """Make a model."""
        return getattr(self._generated("models"), name)(**fields)

    def __call__(self, operation: str, *path: Any, **arguments: Any) -> Any:
        """Call an operation, whose tag stands before its name."""
        tag = operation.partition("_")[0]
        module = self._generated(f"api.{tag}.{operation}")
        answer = module.sync_detailed(*path, client=self._client, **arguments)
        assert answer.status_code < 400, answer
        return answer.parsed


def test_a_python_client_goes_through_the_story(stack: Stack, generated: Callable[[str], ModuleType]) -> None:
    with PythonClient(generated, stack.api_url) as nobody:
        body = nobody.model("SignUp", email="python@example.org", password=PASSWORD, display_name="Python")
        session = nobody("accounts_sign_up", body=body)
    with PythonClient(generated, stack.api_url, session.token) as me:
        go_through(me, generated, stack.api_url, session.token)


@pytest.fixture(scope="module")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the story and the types that openapi-typescript has just generated."""
    assert NODE_MODULES.is_dir(), "make node installs the pinned packages of Node"
    folder = tmp_path_factory.mktemp("typescript")
    for name in ("story.ts", "tsconfig.json"):
        shutil.copy(TYPESCRIPT / name, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(NODE_MODULES)
    # Where a default stands in for it, a request may leave a field out.
    options = ("--default-non-nullable=false", "--output", folder / "api.d.ts")
    run_node(NODE_MODULES / "openapi-typescript/bin/cli.js", openapi.OUTPUT, *options, folder=folder)
    return folder


def run_node(script: Path, *arguments: str | Path, folder: Path) -> str:
    """Run a program in Node as it comes with the pinned package; gives what it printed."""
    node = Path(sys.executable).parent / "node"
    # The generator opens no connection; the story opens some to this machine only.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [node, script, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_story_is_correct_typescript(typescript: Path) -> None:
    """The types of the description allow every line of the story, and know every field that it reads."""
    run_node(NODE_MODULES / "typescript/bin/tsc", "--project", typescript, folder=typescript)


def test_a_typescript_client_goes_through_the_story(stack: Stack, typescript: Path) -> None:
    said = run_node(typescript / "story.ts", stack.api_url, folder=typescript)
    assert said == "the story is told\n"


def go_through(me: PythonClient, generated: Callable[[str], ModuleType], api_url: str, token: str) -> None:
    """Link, read, move, import, look at figures, search, pin, export, leave."""
    model = me.model
    assert me("accounts_get_profile").email == "python@example.org"

    access = generated("models").Access.WRITE
    for provider in ("spotify", "youtube"):
        started = me("providers_start_link", provider, body=model("LinkRequest", access=access))
        carried = consent(started.authorize_url)
        linked = me("providers_complete_link", provider, body=model("LinkCompletion", **carried))
        assert linked.linked
    assert {one.provider for one in me("providers_list_providers").items if one.linked} == {
        "spotify",
        "youtube",
    }

    me("playlists_sync_playlists", body=model("SyncRequest"))
    wait_until(
        lambda: all(not one.is_under_way for one in me("playlists_get_playlist_sync").items),
        seconds=35,
        what="the playlists to be read",
    )
    playlists = me("playlists_list_playlists", provider="spotify", limit=200).items
    chosen = min(
        (one for one in playlists if one.is_own and not one.is_liked and one.track_count >= MIN_TRACKS),
        key=lambda one: int(one.track_count),
    )

    order = model(
        "MigrationCreate",
        source_provider="spotify",
        target_provider="youtube",
        playlists=[chosen.provider_playlist_id],
    )
    migration, again = (me("migrations_start", body=order, idempotency_key="story-1") for _ in range(2))
    assert migration.id == again.id
    ended = wait_until(
        lambda: done(me("migrations_show_migration", migration.id)), seconds=120, what="the migration to end"
    )
    assert ended.status == "completed", ended
    tracks = me("migrations_list_tracks", migration.id, limit=200).items
    assert any(track.written for track in tracks)

    brought = me(
        "plays_create_import",
        body=model("HistoryImportCreate", size_bytes=len(HISTORY), file_name="history.json"),
    )
    headers = brought.upload.headers.to_dict()
    requests.put(brought.upload.url, HISTORY, headers=headers, timeout=35).raise_for_status()
    me("plays_start_import", brought.id)
    wait_until(lambda: done(me("plays_get_import", brought.id)), seconds=60, what="the history to be read")
    (play,) = me("plays_list_plays", limit=10).items
    assert (play.artist, play.title) == ("A", "B")
    assert me("trends_get_my_summary", period=generated("models").Period.ALL).plays >= 0
    assert me("trends_get_my_chart").startswith("<svg")

    found = me("search_search", q=f"{tracks[0].source_artist} {tracks[0].source_title}", limit=5)
    item = next(item for group in found.groups for item in group.items)
    pin = me("search_add_pin", body=model("PinCreate", provider=item.provider, type_=item.type_, id=item.id))
    assert pin.id in {one.id for one in me("search_list_pins").items}
    assert me("search_list_history").items[0].status == "answered"

    export = me(
        "exports_start_export", body=model("ExportCreate", type_=generated("models").ExportType.HISTORY_CSV)
    )
    built = wait_until(lambda: done(me("exports_get_export", export.id)), seconds=60, what="the export")
    link = requests.get(
        api_url + built.files[0].download,
        headers={"Authorization": f"Bearer {token}"},
        allow_redirects=False,
        timeout=35,
    ).headers["Location"]
    assert b"artist" in requests.get(link, timeout=35).content
    me("accounts_delete_account")


def consent(authorize_url: str) -> dict[str, str]:
    """Agree on a simulator's consent page; gives what comes back."""
    answer = requests.get(f"{authorize_url}&login=ada&decision=approve", allow_redirects=False, timeout=35)
    returned = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: returned[name][0] for name in ("code", "state")}


def done(job: Any) -> Any:
    """A job that has ended; None while it goes on."""
    return job if job.status in {"completed", "failed"} else None
