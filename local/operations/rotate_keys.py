"""Rehearse a change of the keys that encrypt provider tokens, on a local stack.

The same steps as in docs/operations.md, with requests in between that need the tokens.
"""

import argparse
import json
import re
import secrets
import sys
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
    SELECT split_part(token, '.', 1), count(*) FROM (
        SELECT access_token AS token FROM providers.tokens
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
    secrets_file: Path | None
    """Where the stack saves its generated secrets for the next time."""

    def keys(self) -> dict[str, str]:
        """Read the secret."""
        text = self.aws.secrets.get_secret_value(SecretId=self.secret)["SecretString"]
        found: dict[str, str] = json.loads(text)
        return found

    def put_keys(self, keys: dict[str, str]) -> None:
        """Change the secret, and what the stack has saved of it."""
        self.aws.secrets.put_secret_value(SecretId=self.secret, SecretString=json.dumps(keys))
        if self.secrets_file is not None and self.secrets_file.exists():
            texts = json.loads(self.secrets_file.read_text())
            self.secrets_file.write_text(json.dumps({**texts, SECRET: json.dumps(keys)}, indent=1))

    def tokens_by_key(self) -> dict[str, int]:
        """Count the tokens that each key encrypts."""
        with psycopg.connect(self.database_url) as connection:
            return dict(connection.execute(_COUNT).fetchall())

    def reencrypt(self) -> None:
        """Run the task of maintenance until nothing is left."""
        while self.control.invoke("MaintenanceFunction", {"tasks": ["key_rotation"]})["left"]:
            pass

    def end_instances(self) -> None:
        """End every instance, as five minutes would end their copies of the old secret."""
        for function in self.control.instances():
            self.control.end_instances(function)


def rotate(arguments: argparse.Namespace) -> int:
    """``python -m local rotate-keys``."""
    running = Control.of_running(arguments.state)
    if running is not None:
        at = json.loads((arguments.state / STATE_FILE).read_text())
        file = arguments.state / "secrets.json"
        rehearse(rehearsal_on(arguments.template, running, at["aws_url"], at["database_url"], file), None)
        return 0
    print("No stack is running; starting one for this.", file=sys.stderr)
    with Stack(Options(template=arguments.template, quiet=True)) as stack:
        user = ApiUser.sign_up(stack.api_url, "Ada")
        for provider in ("spotify", "youtube"):
            user.link(provider)
        at = stack.aws_url, stack.database_url
        rehearse(rehearsal_on(arguments.template, stack.control, *at, None), user)
    return 0


def next_key(keys: dict[str, str]) -> str:
    """Name one key more: ``k3`` after ``k1`` and ``k2``."""
    numbers = [int(match[1]) for name in keys if (match := re.fullmatch(r"k(\d+)", name))]
    return f"k{max(numbers, default=0) + 1}"


def rehearsal_on(
    template: Path, control: Control, aws_url: str, database_url: str, secrets_file: Path | None
) -> Rehearsal:
    """Prepare a rehearsal on a stack that runs at these addresses."""
    secret = load_local(template, aws_url).secrets[SECRET].name
    return Rehearsal(control, Aws(aws_url, Deployment().region), secret, database_url, secrets_file)


def rehearse(rehearsal: Rehearsal, user: ApiUser | None) -> None:
    """Carry out all the steps, with a search of the user's after each."""
    keys = rehearsal.keys()
    new = next_key(keys)
    _say("Tokens by the key that encrypts them", rehearsal.tokens_by_key())
    _check(user, "before")
    added = {**keys, new: secrets.token_urlsafe(48)}
    rehearsal.put_keys(added)
    _say(f"1. Added {new}; {keys['current']} still encrypts. Everybody knows it in five minutes")
    _check(user, "with two keys")
    rehearsal.put_keys({**added, "current": new})
    _say(f"2. {new} encrypts from now on; what {keys['current']} encrypted can still be read")
    _check(user, "while either key is in use")
    rehearsal.reencrypt()
    _say("3. Maintenance has encrypted everything again", rehearsal.tokens_by_key())
    _check(user, "encrypted again")
    rehearsal.end_instances()
    rehearsal.reencrypt()
    left = {key: count for key, count in rehearsal.tokens_by_key().items() if key != new}
    if left:
        raise StackError(f"tokens are left under old keys, which therefore stay: {left}")
    rehearsal.put_keys({"current": new, new: added[new]})
    rehearsal.end_instances()
    _say(f"4. Ten minutes later (environments ended instead) the old keys are gone, and {new} is alone")
    _check(user, "with the new key alone")


def _check(user: ApiUser | None, when: str) -> None:
    """Search, which needs the tokens of all accounts."""
    if user is None:
        return
    found: dict[str, Any] = user.call("GET", f"/v1/search?q=salt+{when.replace(' ', '+')}")
    failed = [group["provider"] for group in found["groups"] if group.get("error")]
    if failed:
        raise StackError(f"a search {when} failed on {', '.join(failed)}")
    _say(f"   A search {when} is answered by both providers")


def _say(line: str, counts: dict[str, int] | None = None) -> None:
    if counts is not None:
        line += ": " + (", ".join(f"{count} by {key}" for key, count in counts.items()) or "none")
    print(line, flush=True)
