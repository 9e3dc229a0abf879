"""Plays in, by the whole running system: a real ListenBrainz client, imports whose worker is killed."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import liblistenbrainz
import psutil
import pytest
import requests
from liblistenbrainz.errors import InvalidAuthTokenException, ListenBrainzAPIException

from local.demo.user import ApiUser
from local.stack.stack import Options, Stack
from local.stack.wait import wait_until
from musicconnect.platform import clock
from tests.support.postgres import sql

pytestmark = pytest.mark.e2e
NOW = int(clock.now().timestamp())


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(Options()) as running:
        yield running


@pytest.fixture
def person(stack: Stack) -> ApiUser:
    return ApiUser.sign_up(stack.api_url, "Ada")


def client_of(stack: Stack, person: ApiUser) -> liblistenbrainz.ListenBrainz:
    client = liblistenbrainz.ListenBrainz(stack.api_url)
    client.set_auth_token(person.call("POST", "/v1/auth/tokens", {"name": "liblistenbrainz"})["token"])
    return client


def test_a_real_client_validates_submits_and_reads_back(stack: Stack, person: ApiUser) -> None:
    client = client_of(stack, person)
    song = liblistenbrainz.Listen(
        track_name="Fade",
        artist_name="Kanye West",
        listened_at=NOW - 50,
        release_name="The Life of Pablo",
        recording_mbid="52e94ba3-0d48-4a24-a4d5-7e0f1a4b2a4c",
        tags=["hip hop"],
        isrc="USUM71602616",
    )
    more = [
        liblistenbrainz.Listen(track_name=f"Song {n}", artist_name="Abba", listened_at=NOW - 1000 - n)
        for n in range(120)
    ]
    assert client.submit_single_listen(song) == {"status": "ok"}
    assert client.submit_multiple_listens(more) == {"status": "ok"}
    assert client.submit_multiple_listens([*more, song]) == {"status": "ok"}
    playing = liblistenbrainz.Listen(track_name="Saint Pablo", artist_name="Kanye West")
    assert client.submit_playing_now(playing) == {"status": "ok"}
    token = client._auth_token
    name = requests.get(
        f"{stack.api_url}/1/validate-token", headers={"Authorization": f"Token {token}"}, timeout=30
    ).json()["user_name"]
    back = client.get_listens(name, count=1000)
    assert len(back) == 121
    assert (back[0].track_name, back[0].artist_name, back[0].listened_at) == ("Fade", "Kanye West", NOW - 50)
    assert (back[0].recording_mbid, back[0].tags, back[0].isrc) == (
        song.recording_mbid, ["hip hop"], "USUM71602616",
    )  # fmt: skip
    assert [one.listened_at for one in client.get_listens(name, max_ts=NOW - 1000, count=3)] == [
        NOW - 1001, NOW - 1002, NOW - 1003,
    ]  # fmt: skip


def test_a_real_client_hears_of_its_mistakes(stack: Stack, person: ApiUser) -> None:
    with pytest.raises(InvalidAuthTokenException):
        liblistenbrainz.ListenBrainz(stack.api_url).set_auth_token("x" * 43)
    client = client_of(stack, person)
    early = liblistenbrainz.Listen(track_name="SOS", artist_name="Abba", listened_at=1)
    with pytest.raises(ListenBrainzAPIException) as caught:
        client.submit_single_listen(early)
    assert caught.value.status_code == 400
    assert "too low" in caught.value.message
    with pytest.raises(ListenBrainzAPIException) as caught:
        client.get_listens("somebody-else-0")
    assert (caught.value.status_code, caught.value.message) == (404, "Cannot find user: somebody-else-0")


def start_import(person: ApiUser, content: bytes) -> int:
    made = person.call("POST", "/v1/plays/imports", {"size_bytes": len(content)})
    link = made["upload"]
    requests.put(link["url"], content, headers=link["headers"], timeout=60).raise_for_status()
    person.call("POST", f"/v1/plays/imports/{made['id']}/start")
    return int(made["id"])


def history(rows: int) -> bytes:
    return json.dumps(
        [
            {
                "endTime": time.strftime("%Y-%m-%d %H:%M", time.gmtime(1_600_000_000 + 180 * n)),
                "artistName": f"Artist {n % 97}",
                "trackName": f"Track {n % 1009}",
                "msPlayed": 1000 * (n % 300),
            }
            for n in range(rows)
        ]
    ).encode()


def worker_pids() -> set[int]:
    found = set()
    for process in psutil.Process().children(recursive=True):
        try:
            if "trends_import_worker.app.handler" in process.cmdline():
                found.add(process.pid)
        except psutil.Error:
            continue
    return found


def logged(stack: Stack, function: str) -> list[dict[str, Any]]:
    """Lines that a function has logged; the runtime's own are no JSON."""
    found = [
        line[line.index("{") :] for line in stack.logs(function).splitlines() if '"correlation_id"' in line
    ]
    return [json.loads(line) for line in found]


def test_one_id_leads_from_the_request_through_the_queue_to_the_worker(stack: Stack, person: ApiUser) -> None:
    import_id = start_import(person, history(3))
    path = f"/v1/plays/imports/{import_id}"
    wait_until(lambda: person.call("GET", path)["status"] == "completed", seconds=60, what="the import")
    started = "POST /v1/plays/imports/{import_id}/start"
    (request,) = wait_until(
        lambda: [line for line in logged(stack, "TrendsPlaysApiFunction") if line.get("route") == started][
            -1:
        ],
        seconds=10,
        what="the request in the log",
    )
    wait_until(
        lambda: [
            line
            for line in logged(stack, "TrendsImportWorkerFunction")
            if (line["message"], line["correlation_id"]) == ("message handled", request["correlation_id"])
        ],
        seconds=10,
        what="the worker's line with the request's id",
    )


def test_a_worker_killed_half_way_leaves_a_true_ledger_and_the_next_one_goes_on_there(
    stack: Stack, person: ApiUser
) -> None:
    rows = 60_000
    import_id = start_import(person, history(rows))
    path = f"/v1/plays/imports/{import_id}"
    user_id = person.call("GET", "/v1/me")["id"]
    wait_until(
        lambda: person.call("GET", path)["ledger"]["total"] > 0, seconds=60, what="the first batch to be read"
    )
    for pid in worker_pids():
        psutil.Process(pid).kill()
    count = "SELECT count(*) FROM trends.plays WHERE user_id = %s"

    def agrees() -> bool:
        """Once nothing is under way any more."""
        counts = person.call("GET", path)["ledger"]
        kept = int(str(sql(stack.database_url, count, user_id)[0][0]))
        return bool(kept == counts["accepted"] == person.call("GET", path)["ledger"]["accepted"])

    wait_until(agrees, seconds=10, what="the killed worker's connection to end")
    left = person.call("GET", path)
    assert left["status"] == "running"
    assert 0 < left["ledger"]["accepted"] < rows
    assert (
        sum(left["ledger"][name] for name in ("accepted", "duplicate", "skipped", "failed"))
        == (left["ledger"]["total"])
    )
    stack.set_clock_offset(1000)  # past the lease of the dead one
    stack.fire_schedule("TrendsImportWorkerFunctionForgotten")
    wait_until(
        lambda: person.call("GET", path)["status"] == "completed",
        seconds=90,
        what="the import to be finished",
    )
    stack.set_clock_offset(0)
    counts = person.call("GET", path)["ledger"]
    assert (counts["total"], counts["accepted"], counts["duplicate"]) == (rows, rows, 0)
    assert sql(stack.database_url, count, user_id) == [(rows,)]


def test_imports_and_submissions_of_one_person_at_once_lose_nothing_and_double_nothing(
    stack: Stack, person: ApiUser
) -> None:
    content, rows = history(3000), 3000
    client = client_of(stack, person)
    songs = [
        liblistenbrainz.Listen(track_name=f"Live {n}", artist_name="Abba", listened_at=NOW - 10_000 + n)
        for n in range(15)
    ]
    with ThreadPoolExecutor(6) as many:
        imports = list(many.map(lambda _: start_import(person, content), range(3)))
        list(many.map(client_of(stack, person).submit_single_listen, songs))
        list(many.map(client.submit_single_listen, songs))
    for import_id in imports:
        wait_until(
            lambda import_id=import_id: (
                person.call("GET", f"/v1/plays/imports/{import_id}")["status"] == "completed"
            ),
            seconds=60,
            what="the import to be finished",
        )
    all_counts = [person.call("GET", f"/v1/plays/imports/{one}")["ledger"] for one in imports]
    assert sum(counts["accepted"] for counts in all_counts) == rows
    user_id = person.call("GET", "/v1/me")["id"]
    kept = sql(stack.database_url, "SELECT count(*) FROM trends.plays WHERE user_id = %s", user_id)
    assert kept == [(rows + len(songs),)]
