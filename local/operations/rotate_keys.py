"""Rehearses changing the keys that seal provider tokens, on a running local stack or on one started for it.

The same steps as in docs/operations.md, with requests in between that need the tokens.
"""

import argparse
import json
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from local.demo.user import ApiUser
from local.stack.aws import Aws
from local.stack.control_client import STATE_FILE, Control, StackError
from local.stack.stack import Options, Stack
from local.template.loader import load_local
from local.template.model import Deployment

SECRET = "TokenKeysSecret"
_COUNT = """
    SELECT split_part(sealed, '.', 1), count(*) FROM (
        SELECT access_token AS sealed FROM providers.tokens
        UNION ALL SELECT refresh_token FROM providers.tokens WHERE refresh_token IS NOT NULL
        UNION ALL SELECT token FROM providers.revocations) s
    GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A running stack and the secret with its keys."""

    control: Control
    aws: Aws
    secret: str
    """Name of the secret."""
    database_url: str
    kept: Path | None
    """Where the stack keeps its generated secrets for the next time."""

    def keys(self) -> dict[str, str]:
        """The secret as it is."""
        found: dict[str, str] = json.loads(
            self.aws.secrets.get_secret_value(SecretId=self.secret)["SecretString"]
        )
        return found

    def put(self, keys: dict[str, str]) -> None:
        """Change the secret, and what the stack keeps of it."""
        self.aws.secrets.put_secret_value(SecretId=self.secret, SecretString=json.dumps(keys))
        if self.kept is not None and self.kept.exists():
            texts = json.loads(self.kept.read_text())
            self.kept.write_text(json.dumps({**texts, SECRET: json.dumps(keys)}, indent=1))

    def sealed(self) -> dict[str, int]:
        """How many tokens each key seals."""
        with psycopg.connect(self.database_url) as connection:
            return dict(connection.execute(_COUNT).fetchall())

    def seal_again(self) -> None:
        """Run the task of maintenance, as often as it asks for."""
        while self.control.invoke("MaintenanceFunction", {"tasks": ["key_rotation"]})["left"]:
            pass

    def forget_copies(self) -> None:
        """What five minutes do: no environment has a copy of the secret of before."""
        for function in self.control.instances():
            self.control.end_instances(function)


def rotate(arguments: argparse.Namespace) -> int:
    """``python -m local rotate-keys``."""
    running = Control.of_running(arguments.state)
    if running is not None:
        at = json.loads((arguments.state / STATE_FILE).read_text())
        kept = arguments.state / "secrets.json"
        rehearse(rehearsal_on(arguments.template, running, at["aws_url"], at["database_url"], kept), None)
        return 0
    print("No stack is running; starting one for this.", file=sys.stderr)
    with _with_somebody(arguments.template) as (rehearsal, person):
        rehearse(rehearsal, person)
    return 0


def next_key(keys: dict[str, str]) -> str:
    """The name of one key more: ``k3`` after ``k1`` and ``k2``."""
    numbers = [int(match[1]) for name in keys if (match := re.fullmatch(r"k(\d+)", name))]
    return f"k{max(numbers, default=0) + 1}"


@contextmanager
def _with_somebody(template: Path) -> Iterator[tuple[Rehearsal, ApiUser]]:
    with Stack(Options(template=template, quiet=True)) as stack:
        person = ApiUser.sign_up(stack.api_url, "Ada")
        for provider in ("spotify", "youtube"):
            person.link(provider)
        yield rehearsal_on(template, stack.control, stack.aws_url, stack.database_url, None), person


def rehearsal_on(
    template: Path, control: Control, aws_url: str, database_url: str, kept: Path | None
) -> Rehearsal:
    """On a stack that runs at these addresses."""
    secret = load_local(template, aws_url).secrets[SECRET].name
    return Rehearsal(control, Aws(aws_url, Deployment().region), secret, database_url, kept)


def rehearse(rehearsal: Rehearsal, person: ApiUser | None) -> None:
    """All the steps, with a search of the person's after each.

    Raises:
        StackError: a search failed on the way, or tokens are left under an old key.
    """
    keys = rehearsal.keys()
    new = next_key(keys)
    _say("Tokens by the key that seals them", rehearsal.sealed())
    _check(person, "before")
    added = {**keys, new: secrets.token_urlsafe(48)}
    rehearsal.put(added)
    _say(f"1. Added {new}; {keys['current']} still seals. Everybody knows it in five minutes")
    _check(person, "with two keys")
    rehearsal.put({**added, "current": new})
    _say(f"2. {new} seals from now on; what {keys['current']} sealed still opens")
    _check(person, "while some are sealed by either")
    rehearsal.seal_again()
    _say("3. Maintenance has sealed everything again", rehearsal.sealed())
    _check(person, "sealed again")
    rehearsal.forget_copies()
    rehearsal.seal_again()
    left = {key: count for key, count in rehearsal.sealed().items() if key != new}
    if left:
        raise StackError(f"tokens are left under old keys, which therefore stay: {left}")
    rehearsal.put({"current": new, new: added[new]})
    rehearsal.forget_copies()
    _say(f"4. Ten minutes later (environments ended instead) the old keys are gone, and {new} is alone")
    _check(person, "with the new key alone")


def _check(person: ApiUser | None, when: str) -> None:
    """A request that needs the tokens of both accounts."""
    if person is None:
        return
    found: dict[str, Any] = person.call("GET", f"/v1/search?q=salt+{when.replace(' ', '+')}")
    failed = [group["provider"] for group in found["groups"] if group.get("error")]
    if failed:
        raise StackError(f"a search {when} failed on {', '.join(failed)}")
    _say(f"   A search {when} is answered by both providers")


def _say(line: str, counts: dict[str, int] | None = None) -> None:
    told = (
        ""
        if counts is None
        else ": " + (", ".join(f"{count} by {key}" for key, count in counts.items()) or "none")
    )
    print(f"{line}{told}", flush=True)
