"""The labelled sets: their files, how they are read, and what is measured on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.datasets.cases import Case, read_cases
from benchmarks.datasets.entity_resolution import read_er_csi, read_itunes_amazon
from benchmarks.datasets.matching_sets import (
    read_negatives,
    read_pairs,
    read_rankings,
    read_title_cases,
    read_title_parse,
)
from benchmarks.datasets.version_trap import Trap, read_traps
from benchmarks.matching import measures
from benchmarks.matching.measures import Measured
from benchmarks.report import Better


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """One set."""

    name: str
    files: tuple[str, ...]
    """Patterns below the folder of the data, packed with gzip or not; all that are there are read."""
    read: Callable[[Sequence[Path]], Sequence[Any]]
    measure: Callable[..., Measured]
    has_lengths: bool = True
    """Rules that need lengths are measured only where there are any."""
    is_compared: bool = True
    """Whether others can be measured on it."""
    is_timed: bool = False
    """Whether its pairs are those that speed is measured on, as long as any such set is there: the same since
    the first version, so that figures can be compared."""
    kinds_of: Callable[[Any], Sequence[str]] | None = None
    """Kinds of a row for which the figures are told one by one."""


def _of_case(row: Case) -> Sequence[str]:
    return (row.kind,)


def _of_trap(row: Trap) -> Sequence[str]:
    return (row.form, row.kind)


SETS = (
    LabelledSet("version_trap", ("playlists.jsonl",), read_traps, measures.traps, kinds_of=_of_trap),
    LabelledSet("cases", ("matching_cases.jsonl",), read_cases, measures.cases, kinds_of=_of_case),
    LabelledSet(
        "itunes_amazon",
        ("public/itunes_amazon/*.txt", "itunes_amazon/*.txt", "itunes_amazon_*.txt"),
        read_itunes_amazon,
        measures.pairs,
    ),
    LabelledSet(
        "er_csi",
        ("public/er_csi/*.txt", "er_csi/*.txt", "er_csi_*.txt"),
        read_er_csi,
        measures.covers,
        has_lengths=False,
    ),
    LabelledSet("match_pairs", ("match_pairs.csv",), read_pairs, measures.pairs, is_timed=True),
    LabelledSet(
        "match_rank", ("match_rank.jsonl",), read_rankings, measures.ranking, has_lengths=False, is_timed=True
    ),
    LabelledSet(
        "search_results_rank", ("search_results_rank.jsonl",), read_rankings, measures.results, is_timed=True
    ),
    LabelledSet(
        "search_results_nomatch",
        ("search_results_nomatch.jsonl",),
        read_rankings,
        measures.no_match,
        is_timed=True,
    ),
    LabelledSet(
        "version_negatives", ("version_negatives.jsonl",), read_negatives, measures.negatives, is_timed=True
    ),
    LabelledSet(
        "title_parse", ("title_parse.jsonl",), read_title_parse, measures.readings, is_compared=False
    ),
    LabelledSet("title_cases", ("title_cases.csv",), read_title_cases, measures.readings, is_compared=False),
)

AIMS: dict[str, tuple[float, Better]] = {
    "version_trap.accepted": (0.005, "lower"),
    "version_trap.right_first": (0.98, "higher"),
    "cases.wrong_accepted": (0.02, "lower"),
    "cases.right_accepted": (0.85, "higher"),
    "cases.right_accepted_or_review": (0.95, "higher"),
    "itunes_amazon.precision": (0.99, "higher"),
    "itunes_amazon.recall": (0.94, "higher"),
    "er_csi.own_accepted": (0.80, "higher"),
    "er_csi.own_accepted_or_review": (0.93, "higher"),
    "er_csi.covers_accepted": (0.002, "lower"),
    "er_csi.others_accepted": (0.0005, "lower"),
    "match_pairs.precision": (0.99, "higher"),
    "match_pairs.recall": (0.96, "higher"),
    "match_rank.top1": (0.99, "higher"),
    "match_rank.top1_hard": (0.985, "higher"),
    "match_rank.accepted_without_truth": (0.01, "lower"),
    "search_results_rank.precision": (0.99, "higher"),
    "search_results_rank.accepted": (0.72, "higher"),
    "search_results_rank.top1": (0.95, "higher"),
    "search_results_nomatch.accepted": (0.03, "lower"),
    "version_negatives.accepted": (0.005, "lower"),
    "title_parse.exact": (0.95, "higher"),
    "title_cases.exact": (0.95, "higher"),
}
