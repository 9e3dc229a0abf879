"""What a month costs, worked out in the open: ``python -m tools.costs`` prints the tables of docs/costs.md.

Prices are inputs and get old. They are list prices of AWS for us-east-1 (N. Virginia), as known on the date
below, written down without a network: check them at https://aws.amazon.com/pricing before relying on a sum.
Free tiers are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

PRICES_OF = "2025-11, list price, us-east-1; check before use"

PRICES: dict[str, tuple[float, str]] = {
    "lambda_request": (0.20e-6, "per invocation"),
    "lambda_gb_second": (1.66667e-5, "per GB-second, x86-64"),
    "http_api": (1.00e-6, "per request, up to 512 KB"),
    "sqs": (0.40e-6, "per request; a message makes about three"),
    "scheduler": (1.00e-6, "per invocation"),
    "logs_gb": (0.50, "per GB taken in"),
    "trace": (5.00e-6, "per trace kept"),
    "metric": (0.30, "per metric of our own and month"),
    "alarm_metric": (0.10, "per metric of an alarm and month"),
    "dashboard": (3.00, "per dashboard and month"),
    "secret": (0.40, "per secret and month"),
    "secret_call": (5.00e-6, "per read"),
    "s3_gb": (0.023, "per GB and month"),
    "s3_put": (5.00e-6, "per write"),
    "out_gb": (0.09, "per GB to the internet"),
    "acu_hour": (0.12, "per Aurora capacity unit and hour"),
    "aurora_gb": (0.10, "per GB of database and month"),
    "nat_hour": (0.045, "per NAT gateway and hour"),
    "snapstart_cache": (1.5046e-6, "per GB and second kept, for each published version"),
    "snapstart_restore": (1.397998e-4, "per GB restored"),
}
"""US dollars."""

DOLLARS = {name: dollars for name, (dollars, _) in PRICES.items()}
SNAPSHOT_DAYS = 14
"""For which Lambda keeps, and charges, the picture of a version that nobody calls any more."""
HOURS = 730
SECONDS = HOURS * 3600
MINUTES = HOURS * 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill."""

    what: str
    formula: str
    """The arithmetic, as it can be typed in."""
    dollars: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What happens in a month, and what stands there whatever happens."""

    users: int = 1000
    requests_each: int = 200
    """To the API, listens aside."""
    listens_each: int = 900
    """Thirty a day, each sent by itself as scrobblers do."""
    to_spotify: int = 50_000
    """Tracks written to Spotify, by everybody."""
    to_youtube: int = 5_900
    """Tracks written to YouTube by everybody: more than 199 a day its default allowance does not hold."""
    exports_each: int = 1
    export_mb: float = 2.0
    alarm_metrics: int = 150
    """Metrics that alarms look at; a test compares with the template."""
    metrics: int = 30
    """Our own, by all values of their dimensions."""
    secrets: int = 18
    queues: int = 12
    """That Lambda polls; these and the secrets are compared, too."""
    snapstart_functions: int = 14
    snapstart_gb: float = 8.0
    """Memory of these functions together; a test compares both with the template."""
    snapstart_starts: int = 3000
    deployments: int = 2
    """A month; each leaves versions whose pictures are kept for `SNAPSHOT_DAYS`."""


def invocation(milliseconds: float, gigabytes: float) -> float:
    """Dollars for one run of a function."""
    return DOLLARS["lambda_request"] + milliseconds / 1000 * gigabytes * DOLLARS["lambda_gb_second"]


def by_use(usage: Usage) -> Iterator[Line]:
    """What grows with people."""
    price = DOLLARS
    requests = usage.users * usage.requests_each
    listens = usage.users * usage.listens_each
    calls = requests + listens
    yield Line("API Gateway", f"{calls:,} × {price['http_api']:.2e}", calls * price["http_api"])
    # An authorizer before every request but listens, which look their token up themselves.
    yield Line(
        "Functions behind the API",
        f"{requests:,} × ({invocation(15, 0.5):.2e} + {invocation(40, 0.5):.2e}) "
        f"+ {listens:,} × {invocation(25, 1.0):.2e}",
        requests * (invocation(15, 0.5) + invocation(40, 0.5)) + listens * invocation(25, 1.0),
    )
    # A search takes 0.5 s, a write to YouTube 0.4 s for each track; Spotify takes a hundred at once.
    to_spotify, to_youtube = usage.to_spotify, usage.to_youtube
    seconds = to_youtube * 0.9 + to_spotify * 0.6
    yield Line(
        "Migrations",
        f"({to_youtube:,} × 0.9 s + {to_spotify:,} × 0.6 s) × 1 GB × {price['lambda_gb_second']:.2e}",
        seconds * price["lambda_gb_second"],
    )
    syncs = usage.users * 2 * 30
    sync = invocation(1500, 0.5)
    yield Line("Reading playlists, daily, both sides", f"{syncs:,} × {sync:.2e}", syncs * sync)
    exports = usage.users * usage.exports_each
    gigabytes = exports * usage.export_mb / 1000
    yield Line(
        "Exports: building, storing, sending",
        f"{exports:,} × {invocation(3000, 1.0):.2e} "
        f"+ {gigabytes:.1f} GB × ({price['s3_gb']} + {price['out_gb']})",
        exports * invocation(3000, 1.0) + gigabytes * (price["s3_gb"] + price["out_gb"]),
    )
    messages = syncs + exports + (usage.to_spotify + usage.to_youtube) // 20
    yield Line("SQS", f"{messages:,} × 3 × {price['sqs']:.2e}", messages * 3 * price["sqs"])
    logged = (2 * requests + listens + syncs) * 0.5e-6
    yield Line(
        "Logs, 500 bytes a run",
        f"{logged / 0.5e-6:,.0f} × 500 B = {logged:.2f} GB × {price['logs_gb']}",
        logged * price["logs_gb"],
    )
    traced = calls * 0.05
    yield Line("Traces, one in twenty", f"{traced:,.0f} × {price['trace']:.2e}", traced * price["trace"])


def by_standing(usage: Usage) -> Iterator[Line]:
    """What stands there for nobody, too."""
    price = DOLLARS
    yield Line(
        "Timers, seven a minute",
        f"7 × {MINUTES:,} × ({price['scheduler']:.2e} + {invocation(150, 0.5):.2e})",
        7 * MINUTES * (price["scheduler"] + invocation(150, 0.5)),
    )
    polls = usage.queues * 5 * SECONDS // 20
    pollers = "Polling of queues, five pollers each, 20 s a poll"
    yield Line(pollers, f"{polls:,} × {price['sqs']:.2e}", polls * price["sqs"])
    alarms = usage.alarm_metrics
    yield Line("Alarms", f"{alarms} × {price['alarm_metric']}", alarms * price["alarm_metric"])
    yield Line("Metrics", f"{usage.metrics} × {price['metric']}", usage.metrics * price["metric"])
    yield Line("Dashboard", f"1 × {price['dashboard']}", price["dashboard"])
    reads = 12 * HOURS * 4
    yield Line(
        "Secrets, read every five minutes by four environments",
        f"{usage.secrets} × {price['secret']} + {reads:,} × {price['secret_call']:.2e}",
        usage.secrets * price["secret"] + reads * price["secret_call"],
    )


def by_choice(usage: Usage) -> Iterator[Line]:
    """What a deployer may add."""
    price = DOLLARS
    yield Line(
        "Aurora Serverless v2 at its least, 0.5 ACU, and 10 GB (`CreateDatabase`)",
        f"0.5 × {HOURS} h × {price['acu_hour']} + 10 × {price['aurora_gb']}",
        0.5 * HOURS * price["acu_hour"] + 10 * price["aurora_gb"],
    )
    yield Line(
        "A NAT gateway, for functions in a VPC", f"{HOURS} h × {price['nat_hour']}", HOURS * price["nat_hour"]
    )
    gigabytes, starts = usage.snapstart_gb, usage.snapstart_starts
    mean = gigabytes / usage.snapstart_functions
    yield Line(
        f"SnapStart, {usage.snapstart_functions} functions of {gigabytes:g} GB together, {starts:,} starts",
        f"{gigabytes:g} GB × {SECONDS:,} s × {price['snapstart_cache']:.2e} "
        f"+ {starts:,} × {mean:g} GB × {price['snapstart_restore']:.2e}",
        gigabytes * SECONDS * price["snapstart_cache"] + starts * mean * price["snapstart_restore"],
    )
    kept = SNAPSHOT_DAYS * 24 * 3600
    yield Line(
        f"SnapStart's pictures of old versions, kept for {SNAPSHOT_DAYS} days each, {usage.deployments} "
        "deployments",
        f"{usage.deployments} × {gigabytes:g} GB × {kept:,} s × {price['snapstart_cache']:.2e}",
        usage.deployments * gigabytes * kept * price["snapstart_cache"],
    )


def table(lines: list[Line], total: str) -> str:
    """A Markdown table with a sum."""
    rows = [f"| {line.what} | {line.formula} | {line.dollars:,.2f} |" for line in lines]
    whole = f"| **{total}** | | **{sum(line.dollars for line in lines):,.2f}** |"
    return "\n".join(["| what | arithmetic | $ a month |", "|---|---|---:|", *rows, whole])


def document(usage: Usage | None = None) -> str:
    """The tables of docs/costs.md."""
    usage = usage or Usage()
    prices = [f"| `{name}` | {dollars:g} | {unit} |" for name, (dollars, unit) in PRICES.items()]
    return "\n\n".join(
        [
            f"### What {usage.users:,} people cost",
            table(list(by_use(usage)), f"per {usage.users:,} people"),
            "### What stands there in any case",
            table(list(by_standing(usage)), "per deployment"),
            "### What a deployer may add",
            table(list(by_choice(usage)), "all of it"),
            f"### Prices ({PRICES_OF})",
            "\n".join(["| price | $ | |", "|---|---:|---|", *prices]),
        ]
    )


if __name__ == "__main__":
    print(document())
