"""How well and how fast recordings are told apart: ``python -m benchmarks.matching --data ../shared/data``.

Reads whichever of the labelled files are in the folder and leaves out the rest.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "layers" / "musicconnect"))

from rapidfuzz import fuzz

from benchmarks.datasets.matching import (
    Pair,
    Ranking,
    Reading,
    read_negatives,
    read_pairs,
    read_rankings,
    read_title_cases,
    read_title_parse,
)
from benchmarks.report import Figure, emit
from musicconnect.matching import (
    MATCHER_VERSION,
    Featured,
    Outcome,
    Score,
    choose,
    clean_title,
    clear_caches,
    parse_upload,
    score,
)
from musicconnect.music.model import Track

type Scorer = Callable[[Track, Track], float]


class Run:
    """Figures, context and errors of one run."""

    def __init__(self) -> None:
        self.figures: dict[str, Figure] = {}
        self.baselines: dict[str, float] = {}
        self.sizes: dict[str, int] = {}
        self.errors: list[dict[str, object]] = []
        self.accepted: list[tuple[float, bool]] = []
        """Score and truth of every accepted pair, for the calibration table."""
        self.pairs: list[tuple[Track, Track]] = []
        """All pairs met, for the measurement of speed."""

    def error(self, name: str, kind: str, source: Track, candidate: Track | None, **more: object) -> None:
        """Note a wrong decision with what led to it."""
        entry: dict[str, object] = {
            "set": name,
            "error": kind,
            "source": f"{source.artist_line} - {source.title}",
            "source_seconds": source.duration_ms and source.duration_ms / 1000,
            "album": source.album,
        }
        if candidate is not None:
            entry |= {
                "candidate": candidate.title,
                "channel": candidate.channel,
                "candidate_seconds": candidate.duration_ms and candidate.duration_ms / 1000,
            } | _parts(score(source, candidate))
        self.errors.append(entry | more)


def _parts(scored: Score) -> dict[str, object]:
    return {
        "total": round(scored.total, 2),
        "parts": {part: round(value, 1) for part, value in scored.parts.items()},
        "reasons": scored.reasons,
    }


def _share(values: Iterable[bool | float]) -> float | None:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None


def _normal(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())


def _line(track: Track) -> str:
    return f"{track.artist_line} - {track.title}" if track.artists else track.title


def _difflib(source: Track, candidate: Track) -> float:
    return SequenceMatcher(None, _line(source).casefold(), candidate.title.casefold()).ratio()


def _token_set(source: Track, candidate: Track) -> float:
    return fuzz.token_set_ratio(_normal(_line(source)), _normal(candidate.title)) / 100


BASELINES: dict[str, Scorer] = {"difflib_ratio": _difflib, "token_set_ratio": _token_set}


def _evidence(source: Track, candidate: Track) -> float:
    return score(source, candidate).evidence


def _first(ranking: Ranking, scorer: Scorer) -> float:
    """1 where the truth is ranked first, a share where it ties, 0 otherwise."""
    scores = [scorer(ranking.source, candidate) for candidate in ranking.candidates]
    top = max(scores)
    best = [candidate.id for candidate, value in zip(ranking.candidates, scores, strict=True) if value == top]
    return best.count(ranking.truth or "") / len(best)


def pairs(run: Run, name: str, rows: Sequence[Pair]) -> None:
    """Precision and recall of pair decisions."""
    right = wrong = missed = 0
    for row in rows:
        choice = choose(row.source, [row.candidate])
        accepted = choice.outcome is Outcome.MATCHED
        run.pairs.append((row.source, row.candidate))
        if accepted and choice.best:
            run.accepted.append((choice.best.score.total, row.same))
        right += accepted and row.same
        wrong += accepted and not row.same
        missed += row.same and not accepted
        if accepted != row.same:
            kind = "accepted wrongly" if accepted else "missed"
            run.error(name, kind, row.source, row.candidate, why=choice.reasons)
    run.sizes[name] = len(rows)
    run.figures[f"{name}.precision"] = Figure(
        right / (right + wrong) if right + wrong else None, "share", 0.99
    )
    run.figures[f"{name}.recall"] = Figure(
        right / (right + missed) if right + missed else None, "share", 0.92
    )
    for label, scorer in BASELINES.items():
        taken = [row.same for row in rows if scorer(row.source, row.candidate) >= 0.8]
        run.baselines[f"{name}.{label}>=80.precision"] = _share(taken) or 0.0
        run.baselines[f"{name}.{label}>=80.recall"] = sum(taken) / max(1, sum(row.same for row in rows))


def _rank(run: Run, name: str, rows: Sequence[Ranking]) -> list[float]:
    firsts = []
    for row in rows:
        share = _first(row, _evidence)
        firsts.append(share)
        run.pairs.extend((row.source, candidate) for candidate in row.candidates)
        if share < 1:
            choice = choose(row.source, row.candidates)
            truth = next(candidate for candidate in row.candidates if candidate.id == row.truth)
            preferred = next(s.track for s in choice.ranked if s.track.id != row.truth)
            run.error(
                name, "truth not first", row.source, truth, id=row.id, preferred=preferred.title,
                preferred_seconds=preferred.duration_ms and preferred.duration_ms / 1000,
                preferred_score=_parts(score(row.source, preferred)),
            )  # fmt: skip
    run.sizes[name] = len(rows)
    for label, scorer in BASELINES.items():
        run.baselines[f"{name}.{label}.top1"] = _share(_first(row, scorer) for row in rows) or 0.0
    return firsts


def _accepted(run: Run, name: str, kind: str, row: Ranking, candidates: Sequence[Track]) -> bool | None:
    """Whether what was accepted is the truth; None when nothing was."""
    choice = choose(row.source, candidates)
    if choice.outcome is not Outcome.MATCHED or choice.best is None:
        return None
    right = choice.best.track.id == row.truth
    run.accepted.append((choice.best.score.total, right))
    if not right:
        run.error(name, kind, row.source, choice.best.track, id=row.id, why=choice.reasons)
    return right


def match_rank(run: Run, name: str, rows: Sequence[Ranking]) -> None:
    """Ranking, and what happens when the truth is taken away."""
    firsts = _rank(run, name, rows)
    hard = [first for first, row in zip(firsts, rows, strict=True) if row.hard]
    for row in rows:
        _accepted(run, name, "accepted wrongly with truth in list", row, row.candidates)
    without = [
        _accepted(run, name, "accepted without truth", row, [c for c in row.candidates if c.id != row.truth])
        is not None
        for row in rows
    ]
    run.figures[f"{name}.top1"] = Figure(_share(firsts), "share", 0.985)
    run.figures[f"{name}.top1_hard"] = Figure(_share(hard), "share", 0.98)
    run.figures[f"{name}.accepted_without_truth"] = Figure(_share(without), "share", 0.01, "lower")
    for label, scorer in BASELINES.items():
        run.baselines[f"{name}.{label}.top1_hard"] = (
            _share(_first(row, scorer) for row in rows if row.hard) or 0
        )


def search_results_rank(run: Run, name: str, rows: Sequence[Ranking]) -> None:
    """Ranking and accepting among real search results."""
    firsts = _rank(run, name, rows)
    decisions = [_accepted(run, name, "accepted wrongly", row, row.candidates) for row in rows]
    accepted = [decision for decision in decisions if decision is not None]
    for row, decision in zip(rows, decisions, strict=True):
        if decision is None:
            choice = choose(row.source, row.candidates)
            truth = next(candidate for candidate in row.candidates if candidate.id == row.truth)
            run.error(name, "not accepted", row.source, truth, id=row.id, why=choice.reasons)
    run.figures[f"{name}.top1"] = Figure(_share(firsts), "share", 0.95)
    run.figures[f"{name}.precision"] = Figure(_share(accepted), "share", 0.99)
    run.figures[f"{name}.accepted"] = Figure(len(accepted) / len(rows), "share", 0.70)


def search_results_nomatch(run: Run, name: str, rows: Sequence[Ranking]) -> None:
    """Lists without a right answer."""
    taken = [_accepted(run, name, "accepted wrongly", row, row.candidates) is not None for row in rows]
    run.pairs.extend((row.source, candidate) for row in rows for candidate in row.candidates)
    run.sizes[name] = len(rows)
    run.figures[f"{name}.accepted"] = Figure(_share(taken), "share", 0.03, "lower")
    for label, scorer in BASELINES.items():
        run.baselines[f"{name}.{label}>=80.accepted"] = (
            _share(any(scorer(row.source, c) >= 0.8 for c in row.candidates) for row in rows) or 0.0
        )


def version_negatives(run: Run, name: str, rows: Sequence[Pair]) -> None:
    """Other versions offered alone."""
    taken = 0
    for row in rows:
        choice = choose(row.source, [row.candidate])
        run.pairs.append((row.source, row.candidate))
        if choice.outcome is Outcome.MATCHED and choice.best:
            taken += 1
            run.accepted.append((choice.best.score.total, False))
            run.error(name, "accepted wrongly", row.source, row.candidate)
    run.sizes[name] = len(rows)
    run.figures[f"{name}.accepted"] = Figure(taken / len(rows), "share", 0.01, "lower")
    for label, scorer in BASELINES.items():
        run.baselines[f"{name}.{label}>=80.accepted"] = (
            _share(scorer(row.source, row.candidate) >= 0.8 for row in rows) or 0.0
        )


_FEATURED: dict[str, Featured] = {"remove-feature": "drop", "normalize-feature": "plain"}


def _read(row: Reading) -> tuple[str | None, str | None, str | None]:
    if row.kind.startswith("clean"):
        operation = row.kind.partition(":")[2]
        return None, clean_title(row.text, featured=_FEATURED.get(operation, "keep")), None
    upload = (
        parse_upload("", None, row.text) if row.kind == "description" else parse_upload(row.text, row.channel)
    )
    return upload.artist, upload.title, upload.album if row.album else None


def readings(run: Run, name: str, rows: Sequence[Reading]) -> None:
    """Readings exactly as expected, but for upper and lower case."""
    right = 0
    for row in rows:
        found = tuple(part and part.casefold() for part in _read(row))
        wanted = tuple(part and part.casefold() for part in (row.artist, row.title, row.album))
        right += found == wanted
        if found != wanted:
            run.errors.append(
                {"set": name, "error": "read otherwise", "kind": row.kind, "text": row.text,
                 "channel": row.channel, "found": found, "wanted": wanted}
            )  # fmt: skip
    run.sizes[name] = len(rows)
    run.figures[f"{name}.exact"] = Figure(right / len(rows), "share", 0.95)


def speed(run: Run) -> None:
    """Distinct pairs, in the order of the files, each time from empty caches; the median of five runs.

    Processor time, since a benchmark of one core must not count what others do on the machine.
    """
    distinct = list(dict.fromkeys(run.pairs))
    texts = [(_line(source), candidate.title) for source, candidate in distinct]
    ours, bare = [], []
    for _ in range(5):
        clear_caches()
        start = time.process_time()
        for source, candidate in distinct:
            score(source, candidate)
        ours.append(time.process_time() - start)
        start = time.process_time()
        for left, right in texts:
            fuzz.token_set_ratio(left, right)
        bare.append(time.process_time() - start)
    run.sizes["speed.pairs"] = len(distinct)
    run.figures["speed.pairs_per_second"] = Figure(len(distinct) / statistics.median(ours), "pairs/s", 20_000)
    run.figures["speed.ratio"] = Figure(
        statistics.median(ours) / statistics.median(bare), "times token_set_ratio", None, "lower"
    )


def calibration(accepted: Sequence[tuple[float, bool]]) -> list[dict[str, object]]:
    """Among accepted pairs by score: how many, the mean score, the share that is right."""
    table: list[dict[str, object]] = []
    for low, high in ((0, 95), (95, 98), (98, 99), (99, 99.5), (99.5, 99.9), (99.9, 100.1)):
        rows = [(total, right) for total, right in accepted if low <= total < high]
        if rows:
            table.append(
                {"from": low, "to": min(high, 100), "pairs": len(rows),
                 "mean_score": round(sum(total for total, _ in rows) / len(rows), 2),
                 "right_percent": round(100 * sum(right for _, right in rows) / len(rows), 2)}
            )  # fmt: skip
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure on the files of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled files")
    parser.add_argument("--json", action="store_true", help="print the common form")
    parser.add_argument("--errors", type=Path, help="write every wrong decision here, one JSON object a line")
    options = parser.parse_args(arguments)
    run = Run()
    folder: Path = options.data

    def measure[Row](
        file: str, read: Callable[[Path], Sequence[Row]], judge: Callable[[Run, str, Sequence[Row]], None]
    ) -> None:
        path = folder / file
        if path.exists() and (rows := read(path)):
            judge(run, file.partition(".")[0], rows)

    measure("match_pairs.csv", read_pairs, pairs)
    measure("match_rank.jsonl.gz", read_rankings, match_rank)
    measure("search_results_rank.jsonl.gz", read_rankings, search_results_rank)
    measure("search_results_nomatch.jsonl.gz", read_rankings, search_results_nomatch)
    measure("version_negatives.jsonl.gz", read_negatives, version_negatives)
    measure("title_parse.jsonl.gz", read_title_parse, readings)
    measure("title_cases.csv", read_title_cases, readings)
    if run.pairs:
        speed(run)
    if options.errors:
        with options.errors.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(error, ensure_ascii=False) + "\n" for error in run.errors)
    table = calibration(run.accepted)
    for line in table:
        print("calibration", json.dumps(line))
    emit(
        "matching",
        run.figures,
        {
            "matcher_version": MATCHER_VERSION,
            "python": platform.python_version(),
            "rows": run.sizes,
            "baselines": {name: round(value, 4) for name, value in run.baselines.items()},
            "calibration": table,
        },
        options.json,
    )


if __name__ == "__main__":
    main()
