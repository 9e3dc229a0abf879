"""The figures of each kind of set, for any matcher.

Every function measures one set: given a matcher, the set's name and its rows, it gives figures by their short
names, shares from 0 to 1, None where there is nothing to measure.
"""

from collections.abc import Iterable, Sequence

from benchmarks.datasets.cases import Case
from benchmarks.datasets.matching_sets import Pair, Ranking, Reading
from benchmarks.datasets.version_trap import Trap
from benchmarks.matching.matchers import Matcher
from benchmarks.matching.observations import Observations, parts
from musicconnect.matching import Featured, clean_title, parse_upload, score
from musicconnect.music.model import Track

type Measured = dict[str, float | None]


def share(values: Iterable[bool | float]) -> float | None:
    """Give the mean; None of nothing."""
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None


def _accepts(matcher: Matcher, name: str, row: Pair, notes: Observations) -> bool:
    verdict = matcher.decide(row.source, [row.candidate])
    notes.pair(name, row.source, row.candidate)
    is_accepted = verdict.accepted is not None
    if is_accepted and verdict.score is not None:
        notes.accept(row.source, row.candidate, verdict.score, row.same)
    if is_accepted != row.same:
        error = "accepted wrongly" if is_accepted else "offered only" if verdict.offered else "missed"
        notes.error(name, error, row.source, row.candidate, kind=row.kind, why=verdict.reasons)
    return is_accepted


def pairs(matcher: Matcher, name: str, rows: Sequence[Pair], notes: Observations) -> Measured:
    """Measure precision and recall of decisions about single pairs."""
    taken = [_accepts(matcher, name, row, notes) for row in rows]
    right = [row.same for row, is_accepted in zip(rows, taken, strict=True) if is_accepted]
    precision, recall = share(right), sum(right) / max(1, sum(row.same for row in rows))
    return {"precision": precision, "recall": recall}


def negatives(matcher: Matcher, name: str, rows: Sequence[Pair], notes: Observations) -> Measured:
    """Measure how often another version, offered alone, is accepted."""
    return {"accepted": share(_accepts(matcher, name, row, notes) for row in rows)}


def covers(matcher: Matcher, name: str, rows: Sequence[Pair], notes: Observations) -> Measured:
    """Measure decisions about a song's own video, covers of it, and other works."""
    taken: dict[str, list[bool]] = {"own": [], "covers": [], "others": []}
    offered = []
    for row in rows:
        is_accepted = _accepts(matcher, name, row, notes)
        taken[row.kind].append(is_accepted)
        if row.kind == "own":
            offered.append(is_accepted or bool(matcher.decide(row.source, [row.candidate]).offered))
    return {
        "own_accepted": share(taken["own"]),
        "own_accepted_or_review": share(offered),
        "covers_accepted": share(taken["covers"]),
        "others_accepted": share(taken["others"]),
    }


def _first(matcher: Matcher, source: Track, candidates: Sequence[Track], truth: str | None) -> float:
    """Give 1 where the truth is ranked first, a share where it ties, 0 otherwise."""
    ratings = [matcher.rate(source, candidate) for candidate in candidates]
    top = max(ratings)
    best = [candidate.id for candidate, value in zip(candidates, ratings, strict=True) if value == top]
    return best.count(truth or "") / len(best)


def _rank(matcher: Matcher, name: str, rows: Sequence[Ranking], notes: Observations) -> list[float]:
    firsts = []
    for row in rows:
        first = _first(matcher, row.source, row.candidates, row.truth)
        firsts.append(first)
        for candidate in row.candidates:
            notes.pair(name, row.source, candidate)
        if first < 1:
            truth = next((candidate for candidate in row.candidates if candidate.id == row.truth), None)
            others = [candidate for candidate in row.candidates if candidate.id != row.truth]
            preferred = max(others, key=lambda other: matcher.rate(row.source, other))
            notes.error(
                name, "truth not first", row.source, truth, id=row.id, preferred=preferred.title,
                preferred_seconds=preferred.duration_ms and preferred.duration_ms / 1000,
                preferred_score=parts(score(row.source, preferred)),
            )  # fmt: skip
    return firsts


def _decided(
    matcher: Matcher,
    name: str,
    row: Ranking,
    notes: Observations,
    *,
    candidates: Sequence[Track],
    error: str = "accepted wrongly",
) -> bool | None:
    """Tell whether what was accepted is the truth; None when nothing was."""
    verdict = matcher.decide(row.source, candidates)
    if verdict.accepted is None:
        return None
    is_right = verdict.accepted.id == row.truth
    notes.accept(row.source, verdict.accepted, verdict.score or 0.0, is_right)
    if not is_right:
        notes.error(name, error, row.source, verdict.accepted, id=row.id, why=verdict.reasons)
    return is_right


def ranking(matcher: Matcher, name: str, rows: Sequence[Ranking], notes: Observations) -> Measured:
    """Measure how often the truth comes first, and what is accepted when it is taken away."""
    firsts = _rank(matcher, name, rows, notes)
    without = []
    for row in rows:
        _decided(
            matcher, name, row, notes, candidates=row.candidates, error="accepted wrongly with truth in list"
        )
        rest = [candidate for candidate in row.candidates if candidate.id != row.truth]
        taken = _decided(matcher, name, row, notes, candidates=rest, error="accepted without truth")
        without.append(taken is not None)
    return {
        "top1": share(firsts),
        "top1_hard": share(first for first, row in zip(firsts, rows, strict=True) if row.hard),
        "accepted_without_truth": share(without),
    }


def results(matcher: Matcher, name: str, rows: Sequence[Ranking], notes: Observations) -> Measured:
    """Measure ranking and accepting among real search results."""
    firsts = _rank(matcher, name, rows, notes)
    decisions = [_decided(matcher, name, row, notes, candidates=row.candidates) for row in rows]
    accepted = [decision for decision in decisions if decision is not None]
    for row, decision in zip(rows, decisions, strict=True):
        if decision is None:
            truth = next((candidate for candidate in row.candidates if candidate.id == row.truth), None)
            why = matcher.decide(row.source, row.candidates).reasons
            notes.error(name, "not accepted", row.source, truth, id=row.id, why=why)
    return {"top1": share(firsts), "precision": share(accepted), "accepted": len(accepted) / len(rows)}


def no_match(matcher: Matcher, name: str, rows: Sequence[Ranking], notes: Observations) -> Measured:
    """Measure how often something is accepted from lists without a right answer."""
    taken = [_decided(matcher, name, row, notes, candidates=row.candidates) for row in rows]
    for row in rows:
        for candidate in row.candidates:
            notes.pair(name, row.source, candidate)
    return {"accepted": share(decision is not None for decision in taken)}


def cases(matcher: Matcher, name: str, rows: Sequence[Case], notes: Observations) -> Measured:
    """Measure wrong recordings among all cases, and right ones among those that have one.

    A case that is left to a person counts as right where the right candidate is among what is shown.
    """
    wrong, right, offered = [], [], []
    for row in rows:
        verdict = matcher.decide(row.source, row.candidates)
        taken = verdict.accepted
        is_right = taken is not None and taken.id in row.right
        wrong.append(taken is not None and not is_right)
        if taken is not None:
            notes.accept(row.source, taken, verdict.score or 0.0, is_right)
        for candidate in row.candidates:
            notes.pair(name, row.source, candidate)
        if row.right:
            right.append(is_right)
            is_offered = any(candidate.id in row.right for candidate in verdict.offered)
            offered.append(is_right or is_offered)
        if wrong[-1] or (row.right and not is_right):
            truth = next((candidate for candidate in row.candidates if candidate.id in row.right), None)
            error = "accepted wrongly" if wrong[-1] else "offered only" if offered[-1] else "missed"
            notes.error(
                name, error, row.source, taken or truth, kind=row.kind, ref=row.ref, why=verdict.reasons
            )
    return {
        "wrong_accepted": share(wrong),
        "right_accepted": share(right),
        "right_accepted_or_review": share(offered),
    }


def traps(matcher: Matcher, name: str, rows: Sequence[Trap], notes: Observations) -> Measured:
    """Measure how often a plain upload is taken for a version, and whether the right one beats them all.

    ``plain_accepted`` is the control: how often the upload is accepted for the plain recording that it is.
    The pairs are made up, so they say nothing about how often a score is right.
    """
    taken, firsts, control = [], [], []
    for row in rows:
        notes.pair(name, row.source, row.plain)
        taken.append(matcher.decide(row.source, [row.plain]).accepted is not None)
        control.append(matcher.decide(row.plain_source, [row.plain]).accepted is not None)
        if taken[-1]:
            notes.error(name, "accepted wrongly", row.source, row.plain, kind=row.kind, form=row.form)
        if row.results:
            firsts.append(_first(matcher, row.source, row.results, row.right.id))
            if firsts[-1] < 1:
                notes.error(name, "truth not first", row.source, row.right, kind=row.kind, form=row.form)
    return {"accepted": share(taken), "right_first": share(firsts), "plain_accepted": share(control)}


_FEATURED: dict[str, Featured] = {"remove-feature": "drop", "normalize-feature": "plain"}


def _read(row: Reading) -> tuple[str | None, str | None, str | None]:
    if row.kind.startswith("clean"):
        operation = row.kind.partition(":")[2]
        return None, clean_title(row.text, featured=_FEATURED.get(operation, "keep")), None
    upload = (
        parse_upload("", None, row.text) if row.kind == "description" else parse_upload(row.text, row.channel)
    )
    return upload.artist, upload.title, upload.album if row.album else None


def readings(_matcher: Matcher, name: str, rows: Sequence[Reading], notes: Observations) -> Measured:
    """Measure readings exactly as expected, but for upper and lower case."""
    right = []
    for row in rows:
        found = tuple(part and part.casefold() for part in _read(row))
        wanted = tuple(part and part.casefold() for part in (row.artist, row.title, row.album))
        right.append(found == wanted)
        if found != wanted:
            notes.errors.append(
                {"set": name, "error": "read otherwise", "kind": row.kind, "text": row.text,
                 "channel": row.channel, "found": found, "wanted": wanted}
            )  # fmt: skip
    return {"exact": share(right)}
