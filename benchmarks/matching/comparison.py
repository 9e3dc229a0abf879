"""Tables of figures in Markdown, ours and theirs side by side, as docs/matching.md shows them."""

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.baselines.matchers import BASELINES
from benchmarks.report import Figure

NAMES = tuple(matcher.name for matcher in BASELINES)
BESIDE = ("matcher", "spotDL", "token_set_ratio")
"""Who is told of by kind: ours, the best of the published rules, and the best plain similarity."""
MIN_ROWS = 3
"""Kinds with fewer rows are left out: their shares say little."""


def _share(value: float | None) -> str:
    """Write a share with three digits, four where it is close to 0 or 1."""
    if value is None:
        return ""
    digits = 4 if 0 < value < 0.002 or 0.998 < value < 1 else 3
    return f"{value:.{digits}f}".removeprefix("0") if value < 1 else f"{value:.{digits}f}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    columns = list(head)
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def _aim(figure: Figure) -> str:
    if figure.aim is None:
        return ""
    return ("<= " if figure.better == "lower" else ">= ") + f"{figure.aim:g}".removeprefix("0")


def markdown(
    figures: Mapping[str, Figure],
    baselines: Mapping[str, float | None],
    kinds: Mapping[str, Mapping[str, Any]],
    sizes: Mapping[str, int],
) -> str:
    """Write all figures with their aims, then one table for each set that has kinds."""
    rows = []
    for name, figure in figures.items():
        labelled, _, short = name.partition(".")
        if figure.unit != "share":
            continue
        theirs = (_share(baselines.get(f"{labelled}.{other}.{short}")) for other in NAMES)
        rows.append((f"`{name}`", _aim(figure), _share(figure.value), *theirs))
    lines = _table(("figure", "aim", "ours", *NAMES), rows)
    for labelled, by_kind in kinds.items():
        shorts = list(next(iter(by_kind.values()))["matcher"])
        head = ("kind", "rows", *shorts)
        lines += [
            "",
            f"`{labelled}` ({sizes[labelled]:,} rows), by kind: ours / spotDL / token_set_ratio",
            "",
        ]
        rows = [
            (
                kind,
                str(of_kind["rows"]),
                *(
                    " / ".join(_share(of_kind.get(other, {}).get(short)) or "-" for other in BESIDE)
                    for short in shorts
                ),
            )
            for kind, of_kind in by_kind.items()
            if of_kind["rows"] >= MIN_ROWS
        ]
        lines += _table(head, rows)
    return "\n".join(lines) + "\n"
