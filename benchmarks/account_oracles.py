"""Measure whether the time of an answer tells who has an account.

``python -m benchmarks.account_oracles --json``. Each request is made for an address with an account
and for one without, in turns, through the function as the API calls it. The figure is how far the medians are
apart, as a share.
"""

import argparse
import logging
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

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
PASSWORD = "correct horse battery staple"
GUESS = "wrong donkey charger paperclip"


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


def requests(runner: FunctionRunner, known: str) -> dict[str, tuple[int, Callable[[bool], object]]]:
    """The requests by name: the status that both get, and what makes one, for a known address or another."""

    def address(has_account: bool) -> str:
        return (
            known
            if has_account
            else f"{secrets.token_hex(len(known) // 2)}"[: len(known) - 12] + "@example.org"
        )

    def post(path: str, **body: str) -> Callable[[bool], object]:
        return lambda has_account: runner.call("POST", path, {"email": address(has_account), **body}).status

    return {
        "sign_up": (202, post("/v1/auth/signup", password=GUESS)),
        "sign_in": (401, post("/v1/auth/login", password=GUESS)),
        "forgot": (202, post("/v1/auth/password/forgot")),
        "link": (202, post("/v1/auth/login/link")),
        "code": (410, _code(runner, address)),
    }


def _code(runner: FunctionRunner, address: Callable[[bool], str]) -> Callable[[bool], object]:
    """Try a code; asking for the mails, and sending them, is done before."""
    handles: dict[bool, list[str]] = {True: [], False: []}

    def refill(has_account: bool) -> None:
        sql(runner.database_url, "DELETE FROM core.sign_in_limits")
        body = {"email": address(has_account)}
        handles[has_account] += [runner.call("POST", "/v1/auth/login/link", body).json["confirmation"]] * 5
        runner.drain("MAIL_QUEUE_URL", "mail_worker")

    def attempt(has_account: bool) -> object:
        proof = {"confirmation": handles[has_account].pop(), "code": "000000"}
        return runner.call("POST", "/v1/auth/login/confirm", proof).status

    def prepared(has_account: bool) -> object:
        return attempt(has_account)

    prepared.before = lambda has_account: refill(has_account) if not handles[has_account] else None  # type: ignore[attr-defined]
    return prepared


def measure(runner: FunctionRunner, rounds: int) -> dict[str, dict[bool, list[float]]]:
    """Make every request ``rounds`` times for either kind of address, which comes first changing."""
    known = f"{secrets.token_hex(12)}@example.org"
    runner.environment["MAIL_FROM"], before = "", runner.environment["MAIL_FROM"]
    runner.sign_up(email=known, password=PASSWORD)
    runner.environment["MAIL_FROM"] = before
    seconds: dict[str, dict[bool, list[float]]] = {}
    for name, (expected, make) in requests(runner, known).items():
        seconds[name] = {True: [], False: []}
        for number in range(-5, rounds):
            for has_account in (True, False) if number % 2 else (False, True):
                getattr(make, "before", lambda _: None)(has_account)
                sql(runner.database_url, "DELETE FROM core.sign_in_limits")
                started = time.perf_counter()
                status = make(has_account)
                took = time.perf_counter() - started
                if status != expected:
                    raise SystemExit(f"{name}: {status} instead of {expected}")
                if number >= 0:  # the first ones warm up
                    seconds[name][has_account].append(took)
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
        one, other = (statistics.median(by_kind[kind]) for kind in (True, False))
        figures[f"{name}.apart"] = Figure(round(abs(one - other) / other, 4), "share", AIM, "lower")
        figures[f"{name}.p50"] = Figure(round(other * 1e3, 2), "ms", None, "lower")
    emit("account_oracles", figures, {"rounds": options.rounds}, as_json=options.json)


if __name__ == "__main__":
    main()
