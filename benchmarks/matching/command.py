"""Measure the matcher, and the rules that it is compared with, on the sets of a folder."""

import argparse
import json
import platform
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.baselines.matchers import BASELINES
from benchmarks.datasets.files import find
from benchmarks.matching import calibration, speed
from benchmarks.matching.comparison import markdown
from benchmarks.matching.matchers import Matcher, OwnMatcher
from benchmarks.matching.measures import Measured
from benchmarks.matching.observations import NoObservations, Observations
from benchmarks.matching.sets import AIMS, SETS, LabelledSet
from benchmarks.report import Figure, emit
from musicconnect.matching import MATCHER_VERSION
from musicconnect.music.model import Track

OURS = OwnMatcher()


def _by_kind(labelled: LabelledSet, matchers: Sequence[Matcher], rows: Sequence[object]) -> dict[str, object]:
    """Measure each kind of rows by itself: ``{kind: {"rows": n, matcher: figures}}``."""
    if labelled.kinds_of is None:
        return {}
    grouped: dict[str, list[object]] = defaultdict(list)
    for row in rows:
        for kind in labelled.kinds_of(row):
            grouped[kind].append(row)
    return {
        kind: {"rows": len(group)}
        | {
            matcher.name: labelled.measure(matcher, labelled.name, group, NoObservations())
            for matcher in matchers
        }
        for kind, group in sorted(grouped.items(), key=lambda item: (-len(item[1]), item[0]))
    }


def _figure(name: str, value: float | None) -> Figure:
    if name not in AIMS:
        return Figure(value, "share", None)
    aim, better = AIMS[name]
    return Figure(value, "share", aim, better)


def _timed(notes: Observations) -> list[tuple[Track, Track]]:
    timed = {labelled.name for labelled in SETS if labelled.is_timed} & notes.pairs.keys()
    return [pair for name, pairs in notes.pairs.items() if not timed or name in timed for pair in pairs]


def _rounded(measured: Measured) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 4) for name, value in measured.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure on the files of a folder."""
    parser = argparse.ArgumentParser(prog="benchmarks.matching", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled files")
    parser.add_argument("--json", action="store_true", help="print the common form")
    parser.add_argument("--errors", type=Path, help="write every wrong decision here, one JSON object a line")
    parser.add_argument("--markdown", type=Path, help="write tables here, ours and theirs side by side")
    parser.add_argument(
        "--sets", nargs="+", metavar="SET", choices=[labelled.name for labelled in SETS], help="only these"
    )
    parser.add_argument("--no-baselines", action="store_true", help="measure the matcher alone")
    parser.add_argument("--no-speed", action="store_true", help="leave out the speed")
    options = parser.parse_args(arguments)

    notes = Observations()
    figures: dict[str, Figure] = {}
    baselines: dict[str, float | None] = {}
    sizes: dict[str, int] = {}
    kinds: dict[str, dict[str, object]] = {}
    for labelled in SETS:
        files = find(options.data, labelled.files)
        rows = labelled.read(files) if files and labelled.name in (options.sets or (labelled.name,)) else ()
        if not rows:
            continue
        sizes[labelled.name] = len(rows)
        measured = labelled.measure(OURS, labelled.name, rows, notes)
        for short, value in measured.items():
            figures[f"{labelled.name}.{short}"] = _figure(f"{labelled.name}.{short}", value)
        others = [
            matcher
            for matcher in BASELINES
            if labelled.is_compared
            and not options.no_baselines
            and (labelled.has_lengths or not matcher.needs_lengths)
        ]
        for matcher in others:
            theirs = _rounded(labelled.measure(matcher, labelled.name, rows, NoObservations()))
            baselines |= {f"{labelled.name}.{matcher.name}.{short}": value for short, value in theirs.items()}
        if by_kind := _by_kind(labelled, (OURS, *others), rows):
            kinds[labelled.name] = by_kind
    figures |= calibration.figures(notes.accepted)
    timed = _timed(notes)
    if timed and not options.no_speed:
        sizes["speed.pairs"] = len(set(timed))
        figures |= speed.figures(timed)
    if options.errors:
        with options.errors.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(error, ensure_ascii=False) + "\n" for error in notes.errors)
    if options.markdown:
        options.markdown.write_text(markdown(figures, baselines, kinds, sizes), encoding="utf-8")
    emit(
        "matching",
        figures,
        {
            "matcher_version": MATCHER_VERSION,
            "python": platform.python_version(),
            "rows": sizes,
            "baselines": baselines,
            "kinds": kinds,
            "calibration": calibration.tables(notes.accepted),
        },
        options.json,
    )
