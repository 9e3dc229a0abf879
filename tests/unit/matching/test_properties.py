import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.matching import (
    Outcome,
    choose,
    clean_title,
    keys,
    normalization,
    parse_upload,
    queries,
    score,
)
from musicconnect.matching.normalization import clean, tokens, words
from musicconnect.matching.titles import cleaning
from musicconnect.music.model import Track
from tests.support.properties import examples
from tests.unit.matching.policies import SPOTIFY, YOUTUBE

NAMES = ("Ola Fen", "Mira Tolk", "The Fens", "Ян Ольха", "さくら組", "Kestrel & Finch", "A$H", "Bø Lund")
TITLES = (
    "Slow River",
    "Fast Road",
    "Grey Hill (In the Valley)",
    "Камень",
    "雨の歌",
    "One",
    "Quiet, Quiet Sea",
    "505",
)
VERSIONS = (
    "live", "karaoke", "remix", "acoustic", "instrumental", "demo", "radio edit", "cover", "sped up",
    "slowed", "nightcore", "8d audio", "reaction", "lesson", "trailer", "parody", "medley", "mashup",
    "en vivo", "カラオケ", "extended mix", "alternate take", "spanish version", "piano", "full album", "mono",
)  # fmt: skip
NOISES = (
    "",
    " (Official Video)",
    " [HD]",
    " (Lyrics)",
    " - Lantern Records",
    " | Quiet Years",
    " 1987",
    " foo bar",
)

text = st.text(max_size=120)
seconds = st.none() | st.integers(min_value=0, max_value=20_000_000)
pieces = st.sampled_from(
    [*NAMES, *TITLES, *VERSIONS, " - ", " (", ")", "「", "」", "'", '"', " | ", "feat.", "by", "&"]
)
titles = text | st.lists(pieces, max_size=12).map(" ".join)
tracks = st.builds(
    Track,
    provider=st.sampled_from(("spotify", "youtube")),
    id=st.text(max_size=4),
    title=titles,
    artists=st.lists(titles, max_size=3).map(tuple),
    album=st.none() | titles,
    duration_ms=seconds,
    isrc=st.none() | st.sampled_from(("QZABC0000001", "QZABC0000002")),
    explicit=st.none() | st.booleans(),
    channel=st.none() | titles,
    description=st.none()
    | titles
    | st.just("Provided to YouTube by L\n\nSlow River · Ola Fen\n\nQuiet Years\n\n℗ 1"),
)
sources = st.builds(
    Track,
    provider=st.just("spotify"),
    id=st.just("s"),
    title=st.sampled_from(TITLES),
    artists=st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True).map(tuple),
    duration_ms=st.none() | st.just(200_000),
)


@examples(150)
@given(tracks, tracks)
def test_scores_are_symmetric_and_within_bounds(left, right):
    found = score(left, right)
    assert 0 <= found.total <= 100
    assert all(0 <= part <= 100 for part in found.parts.values())
    assert score(right, left) == found


@examples(150)
@given(tracks, st.lists(tracks, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(source, candidates, rng):
    shuffled = list(candidates)
    rng.shuffle(shuffled)
    one, other = choose(source, candidates), choose(source, shuffled)
    assert one.outcome == other.outcome
    assert [scored.score.total for scored in one.ranked] == [scored.score.total for scored in other.ranked]
    assert (one.best and one.best.track) == (other.best and other.best.track)


@examples(150)
@given(titles, st.none() | titles, st.none() | titles)
def test_any_text_can_be_read(title, channel, description):
    upload = parse_upload(title, channel, description)
    assert upload == parse_upload(title, channel, description)
    clean_title(title)
    words(clean(title))
    assert all(token.strip() for token in tokens(clean(title)))


@examples(150)
@given(tracks, st.sampled_from((SPOTIFY, YOUTUBE)))
def test_any_track_gives_queries(track, policy):
    found = queries(track, policy)
    assert len(found) <= 4
    assert all(query.strip() for query in found)


@examples(400)
@given(
    source=sources,
    pattern=st.sampled_from(
        ("{a} - {t}{n}", "{t} - {a}{n}", "{t}{n}", '{a} "{t}"{n}', "{t} by {a}{n}", "X - {t}{n}")
    ),
    noise=st.sampled_from(NOISES),
    version=st.sampled_from(VERSIONS),
    brackets=st.sampled_from((" ({})", " [{}]", " - {}", "【{}】")),
    channel=st.none() | st.sampled_from((*NAMES, "somebody77", "Ola Fen - Topic")),
    length=st.none() | st.sampled_from((200_000, 203_000, 230_000)),
)
def test_adding_a_version_word_never_raises_the_score(
    source, pattern, noise, version, brackets, channel, length
):
    title = pattern.format(a=source.artists[0], t=source.title, n=noise)
    plain = Track(provider="youtube", id="c", title=title, channel=channel, duration_ms=length)
    marked = Track(
        provider="youtube",
        id="c",
        title=title + brackets.format(version),
        channel=channel,
        duration_ms=length,
    )
    assert score(source, marked).total <= score(source, plain).total + 1e-9
    if version != "mono":
        assert choose(source, [marked]).outcome is not Outcome.MATCHED


@given(sources, st.sampled_from(NAMES), st.integers(min_value=2, max_value=120))
def test_a_greater_difference_in_length_never_raises_the_score(source, channel, apart):
    if source.duration_ms is None:
        return

    def at(offset):
        length = source.duration_ms + 1000 * offset
        return score(
            source, Track(provider="youtube", id="c", title=source.title, channel=channel, duration_ms=length)
        )

    assert at(apart).total <= at(apart - 1).total


PIECES = ("a", "a ", "- ", "(", "((", "'a ", '"', "【", "~a", "feat. ", "live ", "雨", "а́", "| ", "A.", "&")


@pytest.mark.parametrize("piece", PIECES)
def test_work_is_bounded_for_any_length(piece):
    def track(provider, size, **more):
        return Track(provider=provider, id=provider, title=piece * size, **more)

    size = 200_000
    long = track("youtube", size, channel=piece * size, description=piece * size)
    source = track("spotify", size, artists=(piece * size,))
    start = time.process_time()
    found = score(source, long)
    parse_upload(long.title, long.channel, long.description)
    queries(long, SPOTIFY)
    # Some milliseconds; a pattern that backtracks takes minutes.
    assert time.process_time() - start < 10
    assert found == score(track("spotify", 2 * size, artists=(piece * size,)), long)


def test_the_same_pair_scores_the_same_whenever_it_is_asked():
    rng = random.Random(7)
    pairs = [
        (
            Track(provider="spotify", id="s", title=rng.choice(TITLES), artists=(rng.choice(NAMES),)),
            Track(provider="youtube", id="c", title=f"{rng.choice(NAMES)} - {rng.choice(TITLES)}"),
        )
        for _ in range(200)
    ]
    first = [score(*pair) for pair in pairs]
    assert [score(*pair) for pair in reversed(pairs)] == first[::-1]


PLAIN_WORDS = (
    "official", "video", "lyrics", "feat", "ft", "featuring", "with", "live", "remix", "remastered", "2009",
    "12", "7inch", "version", "audio", "HD", "4k", "mv", "clip", "B", "C", "D", "A", "I", "part", "one", "04",
    "twenty", "two", "cant", "do", "not", "Rollin", "Colour", "music", "Abelard", "tide", "of", "the", "salt",
)  # fmt: skip


@given(st.lists(st.sampled_from(PLAIN_WORDS), min_size=1, max_size=7), st.sampled_from((" ", "  ")))
def test_a_title_of_plain_words_is_read_as_any_other(found: list[str], blank: str) -> None:
    """What is done sooner for most titles comes to the same."""
    title = blank.join(found)
    sooner = keys.read_keys.__wrapped__(title, "Wren Abelard", None, None), cleaning.clean_title(title)
    with pytest.MonkeyPatch.context() as patch:
        for module in (cleaning, normalization):
            patch.setattr(module, "is_plain", lambda _: False)
        always = keys.read_keys.__wrapped__(title, "Wren Abelard", None, None), cleaning.clean_title(title)
    assert sooner == always
