"""What the roll-up costs in a month of 100 million plays, by a sample: some of its 30 days are filled.

A day costs what its own plays and people cost: `benchmarks.rollup` shows that it does not grow with the days
before it (``growth_of_a_day``). So the first days are filled as densely as in the whole month, by as many
people, and the middle one of them is drawn. Against hand-written SQL in the same run, as there.

    python -m benchmarks.rollup_month [--month 100000000] [--days 3] [--users 100000] [--rounds 3] [--json]
"""

import argparse
import sys
from datetime import timedelta

from benchmarks.baselines import rollup_sql
from benchmarks.fixtures.rollup import DAYS, FIRST_DAY, fill, insert_users
from benchmarks.report import Figure, emit
from benchmarks.rollup import AIM_BUCKETS, AIM_DAY, SERVER, connect, dirty_buckets, seconds, whole_day
from local.stack.postgres import postgres


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--month", type=int, default=100_000_000, help="plays of the whole month")
    parser.add_argument("--days", type=int, default=3, help="that are filled, of its 30")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    per_day = options.month / DAYS
    middle = FIRST_DAY + timedelta(days=options.days // 2)
    with postgres(settings=SERVER) as server:
        fixture = connect(server)
        fixture.pace = timedelta(hours=1)
        insert_users(fixture.owner, options.users)
        fixture.owner.execute(rollup_sql.SCHEMA)
        plays = round(per_day * options.days)
        filling = seconds(
            lambda: fill(fixture.owner, already=0, plays=plays, per_day=per_day, users=options.users)
        )
        whole_day(fixture, middle, 1)  # the first of each kind warms up
        ours, by_hand, again = whole_day(fixture, middle, options.rounds)
        dirty_buckets(fixture, middle, 1, 1)
        ours_buckets, by_hand_buckets = dirty_buckets(fixture, middle, 1, options.rounds)
        counted = fixture.owner.execute("SELECT count(*) FROM trends.plays").fetchone()
        fixture.owner.close()
        fixture.database.close()
    emit(
        "rollup_month",
        {
            "sampled_day_against_by_hand": Figure(ours.against(by_hand), "ratio", AIM_DAY, "lower"),
            "sampled_day": Figure(ours.ms(), "ms", None, "lower"),
            "sampled_day_by_hand": Figure(by_hand.ms(), "ms", None, "lower"),
            "sampled_day_again_unchanged": Figure(again * 1e3, "ms", None, "lower"),
            "sampled_buckets_against_by_hand": Figure(
                ours_buckets.against(by_hand_buckets), "ratio", AIM_BUCKETS, "lower"
            ),
            "sampled_buckets_1000": Figure(ours_buckets.ms(), "ms", None, "lower"),
            "sampled_buckets_1000_by_hand": Figure(by_hand_buckets.ms(), "ms", None, "lower"),
        },
        {
            "sample": f"{options.days} of {DAYS} days filled, each as dense as in the whole month",
            "plays of the month": options.month,
            "plays filled": counted and counted[0],
            "users": options.users,
            "filling_s": round(filling, 1),
            "rounds_ms": {
                "day": ours.rounds_ms,
                "day_by_hand": by_hand.rounds_ms,
                "buckets": ours_buckets.rounds_ms,
                "buckets_by_hand": by_hand_buckets.rounds_ms,
            },
            "server": SERVER,
        },
        options.json,
    )


if __name__ == "__main__":
    sys.exit(main())
