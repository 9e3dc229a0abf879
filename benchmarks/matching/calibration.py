"""Whether a score is the chance that it claims to be: over all accepted pairs, and by kind of evidence."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from benchmarks.matching.observations import Accepted
from benchmarks.report import Figure

EDGES = (0.0, 95.0, 98.0, 99.0, 99.5, 99.9, 100.1)
MAX_DISTANCE = 0.02
MIN_ROWS = 100
"""Of fewer pairs the share that is right is a matter of luck: such a kind is told without an aim."""

KINDS: dict[str, Callable[[Accepted], bool]] = {
    "all": lambda _: True,
    "with_lengths": lambda pair: pair.lengths,
    "without_lengths": lambda pair: not pair.lengths,
    "with_channel": lambda pair: pair.channel,
    "without_channel": lambda pair: not pair.channel,
    "with_description": lambda pair: pair.description,
    "without_description": lambda pair: not pair.description,
}


def table(accepted: Sequence[Accepted]) -> list[dict[str, float]]:
    """List accepted pairs by score: how many, the mean score, the share that is right."""
    lines: list[dict[str, float]] = []
    for low, high in pairwise(EDGES):
        pairs = [pair for pair in accepted if low <= pair.score < high]
        if pairs:
            lines.append(
                {
                    "from": low,
                    "to": min(high, 100.0),
                    "pairs": len(pairs),
                    "mean_score": round(sum(pair.score for pair in pairs) / len(pairs), 2),
                    "right_percent": round(100 * sum(pair.is_right for pair in pairs) / len(pairs), 2),
                }
            )
    return lines


def distance(accepted: Sequence[Accepted]) -> float | None:
    """Give the mean distance between score and share that is right, 0 to 1, over the pairs of all bins."""
    if not accepted:
        return None
    lines = table(accepted)
    apart = sum(line["pairs"] * abs(line["mean_score"] - line["right_percent"]) for line in lines)
    return apart / 100 / len(accepted)


def figures(accepted: Sequence[Accepted]) -> dict[str, Figure]:
    """Measure the distance for each kind of evidence that there is."""
    measured = {}
    for kind, belongs in KINDS.items():
        pairs = [pair for pair in accepted if belongs(pair)]
        if pairs:
            aim = MAX_DISTANCE if len(pairs) >= MIN_ROWS else None
            measured[f"calibration.{kind}"] = Figure(distance(pairs), "share", aim, "lower")
    return measured


def tables(accepted: Sequence[Accepted]) -> dict[str, list[dict[str, float]]]:
    """Give the table of each kind of evidence that there is."""
    return {
        kind: lines
        for kind, belongs in KINDS.items()
        if (lines := table([pair for pair in accepted if belongs(pair)]))
    }
