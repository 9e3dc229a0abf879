"""Measure whether the time of an answer tells who has an account.

``python -m benchmarks.account_oracles --json``. Each request is made for an address with an account, for one
without and for another one without, in turns, through the function as the API calls it. The figure is how far
the medians with and without are apart, as a share; ``control`` is the same between the two without, which
nothing tells apart but the noise of the machine.
"""

import argparse
import logging
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import permutations
from pathlib import Path
from typing import Literal

import boto3

ROOT = Path(__file__).resolve().parents[1]
for _place in ("layers/musicconnect", "functions"):
    sys.path.insert(0, str(ROOT / _place))

from benchmarks.report import Figure, emit  # noqa: E402
from local.stack import postgres as embedded  # noqa: E402
from musicconnect.platform.logging import logger  # noqa: E402
from tests.integration.conftest import _harness  # noqa: E402
from tests.support.aws import simulated_aws  # noqa: E402
from tests.support.functions import FunctionRunner  # noqa: E402
from tests.support.mailbox import Mailbox  # noqa: E402
from tests.support.postgres import fresh_database, make_template, sql  # noqa: E402

AIM = 0.02
TRIES = 5
"""Of the code of one mail."""
PASSWORD = "correct horse battery staple"
GUESS = "wrong donkey charger paperclip"

type Kind = Literal["account", "none", "control"]
"""Whose address is asked for: one with an account, one without, another one without."""
KINDS: tuple[Kind, ...] = ("account", "none", "control")


@contextmanager
def functions() -> Iterator[FunctionRunner]:
    """Postgres, queues and the functions, with mail."""
    with ExitStack() as stack:
        server = stack.enter_context(embedded.postgres(throwaway=True))
        make_template(server.url(user=embedded.ADMIN))
        stack.enter_context(simulated_aws())
        url = stack.enter_context(fresh_database(server.url(user=embedded.ADMIN)))
        runner = _harness(url)
        Mailbox.of(runner)
        yield runner


def new_address() -> str:
    """Make up an address; all are of one length."""
    return f"{secrets.token_hex(12)}@example.org"


class Attempts:
    """Requests of one sort."""

    def __init__(self, runner: FunctionRunner, status: int, attempt: Callable[[Kind], int]) -> None:
        self._runner = runner
        self.status = status
        """What all of them are answered with."""
        self.attempt = attempt

    def prepare(self, _kind: Kind) -> None:
        """Do what a request needs and is not measured: the stand-in for SQS is slower the more it holds."""
        queue = self._runner.queues["MAIL_QUEUE_URL"]
        for message in self._runner.messages("MAIL_QUEUE_URL"):
            boto3.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["receiptHandle"])


class CodeAttempts(Attempts):
    """Tries of a code; asking for the mails, and sending them, is done before."""

    def __init__(self, runner: FunctionRunner, address: Callable[[Kind], str]) -> None:
        super().__init__(runner, 410, self._attempt)
        self._address = address
        self._handles: dict[Kind, list[str]] = {kind: [] for kind in KINDS}

    def prepare(self, kind: Kind) -> None:
        """Ask for a mail, and have it sent, where no try of a code is left."""
        if self._handles[kind]:
            return
        sql(self._runner.database_url, "DELETE FROM core.sign_in_limits")
        body = {"email": self._address(kind)}
        announced = self._runner.call("POST", "/v1/auth/login/link", body).json["confirmation"]
        self._handles[kind] += [announced] * TRIES
        self._runner.drain("MAIL_QUEUE_URL", "mail_worker")

    def _attempt(self, kind: Kind) -> int:
        proof = {"confirmation": self._handles[kind].pop(), "code": "000000"}
        return self._runner.call("POST", "/v1/auth/login/confirm", proof).status


def requests(runner: FunctionRunner, known: str) -> dict[str, Attempts]:
    """Give the requests by name, for a known address and for others."""

    def address(kind: Kind) -> str:
        return known if kind == "account" else new_address()

    def post(status: int, path: str, **body: str) -> Attempts:
        return Attempts(
            runner, status, lambda kind: runner.call("POST", path, {"email": address(kind), **body}).status
        )

    return {
        "sign_up": post(202, "/v1/auth/signup", password=GUESS),
        "sign_in": post(401, "/v1/auth/login", password=GUESS),
        "forgot": post(202, "/v1/auth/password/forgot"),
        "link": post(202, "/v1/auth/login/link"),
        "code": CodeAttempts(runner, address),
    }


def measure(runner: FunctionRunner, rounds: int) -> dict[str, dict[Kind, list[float]]]:
    """Make every request ``rounds`` times for each kind of address, which comes first changing."""
    known = new_address()
    runner.environment["MAIL_FROM"], before = "", runner.environment["MAIL_FROM"]
    runner.sign_up(email=known, password=PASSWORD)
    runner.environment["MAIL_FROM"] = before
    seconds: dict[str, dict[Kind, list[float]]] = {}
    orders = list(permutations(KINDS))
    for name, attempts in requests(runner, known).items():
        seconds[name] = {kind: [] for kind in KINDS}
        for number in range(-len(orders), rounds):
            for kind in orders[number % len(orders)]:
                attempts.prepare(kind)
                sql(runner.database_url, "DELETE FROM core.sign_in_limits")
                started = time.perf_counter()
                status = attempts.attempt(kind)
                took = time.perf_counter() - started
                if status != attempts.status:
                    raise SystemExit(f"{name}: {status} instead of {attempts.status}")
                if number >= 0:  # the first ones warm up
                    seconds[name][kind].append(took)
        print(f"{name} measured", file=sys.stderr)
    return seconds


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logger.setLevel(logging.ERROR)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with functions() as runner:
        seconds = measure(runner, options.rounds)
    figures = {}
    for name, by_kind in seconds.items():
        without = statistics.median(by_kind["none"] + by_kind["control"])
        known, none, control = (statistics.median(by_kind[kind]) for kind in KINDS)
        figures[f"{name}.apart"] = Figure(round(abs(known - without) / without, 4), "share", AIM, "lower")
        figures[f"{name}.control"] = Figure(round(abs(control - none) / none, 4), "share", None, "lower")
        figures[f"{name}.p50"] = Figure(round(without * 1e3, 2), "ms", None, "lower")
    emit("account_oracles", figures, {"rounds": options.rounds}, as_json=options.json)


if __name__ == "__main__":
    main()
