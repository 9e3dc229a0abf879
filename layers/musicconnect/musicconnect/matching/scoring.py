"""Scoring one pair: pieces of evidence, added up as log-odds (Fellegi and Sunter's record linkage)."""

import math

from rapidfuzz import fuzz

from musicconnect.matching import facts
from musicconnect.matching.facts import is_year
from musicconnect.matching.lexicon import NOISE, STOP
from musicconnect.matching.model import Score
from musicconnect.matching.reading import BRACKET, Channel, Known, Text, read_channel, read_known, read_text
from musicconnect.providers.base import Track

PRIOR = -3.0


def _chance(evidence: float) -> float:
    return 100.0 / (1.0 + math.exp(-max(-30.0, min(30.0, evidence))))


def _weight(word: str) -> float:
    return 0.3 if word in STOP else 1.0


def _title(known: Known, text: Text, taken: bytearray) -> tuple[float, bool]:
    """Find the title's words in the text and mark them; gives how much of the title is there, 0 to 1."""
    flat = text.flat
    best: tuple[int, int, int] | None = None
    for needle, size in known.needles:
        start = flat.find(needle)
        while start >= 0:
            first = flat.count(" ", 0, start)
            segment = text.segments[first]
            last = text.segments[first + size - 1]
            other = sum(text.sizes[segment : last + 1]) - size
            if best is None or other < best[0]:
                best = (other, first, size)
            start = flat.find(needle, start + 1)
        if best is not None:
            break
    if best is not None:
        _, first, size = best
        for place in range(first, first + size):
            taken[place] = 1
        return 1.0, True
    # Not in one piece: word by word.
    if not known.head:
        return 0.0, False
    total = matched = 0.0
    wanted = list(known.head)
    used = bytearray(len(text.words))
    missing: list[str] = []
    for word in wanted:
        weight = _weight(word)
        total += weight
        if word in text.wordset:
            for place, other_word in enumerate(text.words):
                if other_word == word and not used[place]:
                    used[place] = 1
                    matched += weight
                    break
            else:
                missing.append(word)
        else:
            missing.append(word)
    if missing:
        for word in missing:
            if len(word) < 4:
                continue
            for place, other_word in enumerate(text.words):
                if not used[place] and len(other_word) >= 3 and fuzz.ratio(word, other_word) >= 78:
                    used[place] = 1
                    matched += 0.85 * _weight(word)
                    break
    coverage = matched / total
    compact = "".join(text.words)
    if known.compact and len(known.compact) > 3 and coverage < 0.95:
        found = (
            fuzz.partial_ratio_alignment(known.compact, compact, score_cutoff=80)
            if len(known.compact) <= len(compact)
            else None
        )
        if found is not None and found.score / 100 > coverage:
            coverage = found.score / 100 * 0.95
            # mark the words that the alignment covers
            position = 0
            for place, word in enumerate(text.words):
                middle = position + len(word) / 2
                position += len(word)
                if found.dest_start <= middle < found.dest_end:
                    used[place] = 1
    if coverage >= 0.5:
        for place, mark in enumerate(used):
            if mark:
                taken[place] = 1
    return coverage, False


def _artist(known: Known, text: Text, taken: bytearray, channel: Channel | None) -> tuple[float, str]:
    masked = (
        " "
        + " ".join("\x01" if mark == 1 else word for word, mark in zip(text.words, taken, strict=True))
        + " "
    )
    best = 0.0
    where = ""
    for name in known.names:
        for needle, strength in name.needles:
            start = masked.find(needle)
            while start >= 0:
                first = masked.count(" ", 0, start)
                for place in range(first, first + needle.count(" ") - 1):
                    if not taken[place]:
                        taken[place] = 2
                if strength > best:
                    best, where = strength, "title"
                start = masked.find(needle, start + 1)
        if channel is not None:
            for needle, strength in name.needles:
                if needle in channel.flat and strength > best - 0.01:
                    best, where = max(best, strength), "channel"
            if name.compact and name.compact == channel.compact:
                best, where = 1.0, "channel"
    for name in known.featured:
        for needle, _ in name.needles:
            start = masked.find(needle)
            if start >= 0:
                first = masked.count(" ", 0, start)
                for place in range(first, first + needle.count(" ") - 1):
                    taken[place] = taken[place] or 2
    return best, where


_DURATION = ((1.5, 3.0), (3.0, 2.2), (5.0, 1.0), (8.0, 0.0), (12.0, -1.5), (20.0, -3.0), (40.0, -5.0))


def _duration(apart: float) -> float:
    for limit, evidence in _DURATION:
        if apart <= limit:
            return evidence
    return -7.0


def score(source: Track, candidate: Track) -> Score:
    """How sure it is that two entries are the same recording."""
    if not source.artists and candidate.artists:
        source, candidate = candidate, source
    known = read_known(source.title, source.artists, source.album)
    text = read_text(candidate.title)
    channel = read_channel(candidate.channel) if candidate.channel else None
    taken = bytearray(len(text.words))
    coverage, exact = _title(known, text, taken)
    strength, _where = _artist(known, text, taken, channel)
    found = facts.find(text.words, text.segments, taken) if text.keyed else facts.PLAIN
    difference = facts.compare(known.facts, found)
    reasons: list[str] = []
    # What is left?
    title_segments = {segment for segment, mark in zip(text.segments, taken, strict=True) if mark == 1}
    inside = outside = bracketed = 0.0
    for place, mark in enumerate(taken):
        if mark:
            continue
        word = text.words[place]
        if word in NOISE or word in known.context or word in known.optional or is_year(word):
            continue
        segment = text.segments[place]
        if text.kinds[segment] == BRACKET:
            bracketed += _weight(word)
        elif segment in title_segments:
            inside += _weight(word)
        else:
            outside += _weight(word)
    title = 5.0 if exact else -5.0 + 9.5 * max(0.0, coverage - 0.4) / 0.6
    title -= min(6.0, 1.7 * inside)
    title -= min(1.5, 0.3 * bracketed)
    if strength:
        artist = 4.0 * strength - min(1.5, 0.3 * outside)
    elif channel is not None or outside >= 1:
        artist = -4.0
        reasons.append("another artist")
    else:
        artist = 0.0
        reasons.append("the artist is not named")
    evidence = PRIOR + title + artist + difference.evidence
    parts = {
        "title": _chance(title),
        "artist": _chance(artist),
        "version": _chance(difference.evidence + 3) if not difference.conflict else 0.0,
    }
    if source.duration_ms and candidate.duration_ms:
        length = _duration(abs(source.duration_ms - candidate.duration_ms) / 1000)
        evidence += length
        parts["duration"] = _chance(length)
    total = _chance(evidence)
    if difference.reason:
        reasons.insert(0, difference.reason)
    if difference.conflict:
        total = min(total, 40.0)
    return Score(total=total, evidence=evidence, parts=parts, reasons=reasons)
