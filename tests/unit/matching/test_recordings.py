"""Which recording of a song it is: versions by value, guests, performances, pieces of one work, letters."""

import pytest

from musicconnect.matching import Knowledge, Outcome, Preferences, choose, score
from tests.unit.matching.factories import song, video

DESCRIPTION = """Provided to YouTube by Lantern Distribution

{title} · {artists}

{album}

℗ 2017 Lantern"""


def outcome(source, *candidates, **more):
    return choose(source, list(candidates), **more).outcome


def art_track(title, artists, seconds, album="Quiet Years", name="art"):
    described = DESCRIPTION.format(title=title, artists=" · ".join(artists), album=album)
    return video(title, f"{artists[0]} - Topic", seconds, described, name=name)


VERSIONS = ("Live", "Acoustic", "Mira Tolk Remix", "Instrumental", "Demo", "Radio Edit", "Piano Version")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("album", ["Slow River ({})", "{} Songs", "Quiet Years"])
def test_what_the_title_states_is_not_excused_by_the_album(version, album):
    source = song(f"Slow River - {version}", album=album.format(version), seconds=200)
    plain = [
        video("Ola Fen - Slow River", "Ola Fen", 200),
        video("Ola Fen - Slow River", "Ola Fen", 205),
        video("Ola Fen - Slow River (Official Video)", "Ola Fen", 230),
        art_track("Slow River", ["Ola Fen"], 200),
    ]
    for candidate in plain:
        assert outcome(source, candidate) is not Outcome.MATCHED


@pytest.mark.parametrize("version", VERSIONS)
def test_the_right_version_comes_first_though_a_plain_one_has_the_very_length(version):
    source = song(f"Slow River - {version}", album=f"Slow River ({version})", seconds=200)
    right = video(f"Ola Fen - Slow River ({version})", "Ola Fen", 204, name="right")
    choice = choose(source, [video("Ola Fen - Slow River", "Ola Fen", 200, name="plain"), right])
    assert choice.outcome is Outcome.MATCHED
    assert choice.best is not None
    assert choice.best.track is right


@pytest.mark.parametrize(
    ("album", "told"),
    [
        ("Live at Harbour Hall", True),
        ("Quiet Years (Acoustic)", True),
        ("The Remixes", True),
        ("Live Your Life", False),
        ("Acoustic Soul", False),
        ("Long Live the Sea", False),
    ],
)
def test_an_album_tells_of_its_tracks_only_by_the_end_of_its_name(album, told):
    plain = video("Ola Fen - Slow River", "Ola Fen", 200)
    expected = Outcome.NEEDS_REVIEW if told else Outcome.MATCHED
    assert outcome(song(album=album, seconds=200), plain) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Spanish Version", "English Version"),
        ("German Version", "Version française"),
        ("Japanese", "Korean"),
        ("en español", "in English"),
        ("Demo 1", "Demo 2"),
        ("Take 2", "Take 11"),
        ("Club Mix", "Dub Mix"),
        ("Club Mix", "Radio Mix"),
        ("Mira Tolk Remix", "Bo Lund Remix"),
        ("Mira Tolk Club Mix", "Mira Tolk Dub"),
        ("Live at Harbour Hall", "Live at Old Mill"),
        ("Live 1987", "Live 1991"),
        ("Live, 12.05.2014", "Live, 13.05.2014"),
        ("Ola's Version", "10 Minute Version"),
        ("Ola's Version", "10 Minute Version) (Ola's Version"),
        ("Stereo", "Mono"),
        ("Slowed", "Slowed + Reverb"),
    ],
)
def test_versions_are_compared_by_value(one, other):
    for mine, theirs in ((one, other), (other, one)):
        source = song(f"Slow River ({mine})", seconds=200)
        assert (
            outcome(source, video(f"Ola Fen - Slow River ({theirs})", "Ola Fen", 200)) is not Outcome.MATCHED
        )
        assert outcome(source, video(f"Ola Fen - Slow River ({mine})", "Ola Fen", 200)) is Outcome.MATCHED


@pytest.mark.parametrize("language", ["Japanese", "Spanish", "Hindi"])
def test_a_language_that_stands_alone_is_a_version(language):
    sung = video(f"Ola Fen - Slow River ({language})", "Ola Fen", 200)
    assert outcome(song(seconds=200), sung) is not Outcome.MATCHED
    subtitled = video(f"Ola Fen - Slow River ({language} Lyrics)", "Lyric Corner", 200)
    assert outcome(song(seconds=200), subtitled) is Outcome.MATCHED


def test_the_language_of_the_album_counts():
    source = song(album="The Long Way (Hindi)", seconds=200)
    assert outcome(source, video("Ola Fen - Slow River (Telugu)", "Ola Fen", 200)) is not Outcome.MATCHED
    assert outcome(source, video("Ola Fen - Slow River (Hindi)", "Ola Fen", 200)) is Outcome.MATCHED


def test_a_concert_without_a_place_is_not_taken_for_one_with_it():
    source = song("Slow River - Live", seconds=200)
    placed = video("Ola Fen - Slow River (Live at Harbour Hall)", "Ola Fen", 200)
    assert outcome(source, placed) is Outcome.NEEDS_REVIEW
    told = song("Slow River - Live", album="Live at Harbour Hall", seconds=200)
    assert outcome(told, placed) is Outcome.MATCHED


@pytest.mark.parametrize(
    "mark",
    [
        "(The Harbour Awards 2011)",
        "(Harbour 1986)",
        "| THE HARBOUR SHOW",
        "(Top of the Pops 1993)",
        "(Recorded at Harbour Studios)",
        "(SNL)",
        "0628 SBS Inkigayo",
        "(Festival de la Mer)",
        "(Chopped Up)",
        "(Amapiano)",
    ],
)
def test_an_artists_own_upload_with_a_mark_of_its_own_is_a_persons_decision(mark):
    performed = video(f"Ola Fen - 'Slow River' {mark}", "Ola Fen", 200)
    assert outcome(song(seconds=200), performed) is not Outcome.MATCHED


@pytest.mark.parametrize(
    "mark",
    [
        "(Lantern Records 1958)",
        "(OST Quiet Years)",
        '(from "Quiet Years")',
        "(медленная река)",
        "(prod. Bo Lund)",
    ],
)
def test_where_it_comes_from_is_no_version(mark):
    assert (
        outcome(song(seconds=200), video(f"Ola Fen - Slow River {mark}", "Ola Fen", 200)) is Outcome.MATCHED
    )


def test_guests_make_another_recording():
    alone = song(seconds=200, album="Quiet Years")
    joined = song("Slow River (with Mira Tolk)", "Ola Fen", "Mira Tolk", seconds=200, album="Slow River")
    for other in (
        video("Ola Fen - Slow River (feat. Mira Tolk)", "Ola Fen", 200),
        video("Ola Fen - Slow River ft. Mira Tolk (Official Video)", "Ola Fen", 230),
        art_track("Slow River (feat. Mira Tolk)", ["Ola Fen", "Mira Tolk"], 200, album="Slow River"),
    ):
        assert outcome(alone, other) is Outcome.NEEDS_REVIEW
    for other in (video("Ola Fen - Slow River", "Ola Fen", 200), art_track("Slow River", ["Ola Fen"], 200)):
        assert outcome(joined, other) is Outcome.NEEDS_REVIEW
    for other in (
        video("Ola Fen & Mira Tolk - Slow River", "Ola Fen", 200),
        video("Slow River (feat. Mira Tolk)", "Ola Fen - Topic", 200),
    ):
        assert outcome(joined, other) is Outcome.MATCHED


def test_a_featured_guest_may_be_left_out_by_the_uploader_but_not_by_the_label():
    source = song("Slow River (feat. Mira Tolk)", "Ola Fen", "Mira Tolk", seconds=200)
    assert outcome(source, video("Ola Fen - Slow River", "somebody77", 200)) is Outcome.MATCHED
    assert outcome(source, video("Ola Fen - Slow River", "somebody77", 206)) is Outcome.NEEDS_REVIEW
    assert outcome(source, art_track("Slow River", ["Ola Fen"], 200)) is Outcome.NEEDS_REVIEW


def test_a_version_that_leaves_somebody_out_is_another():
    source = song("Slow River (feat. Mira Tolk)", "Ola Fen", "Mira Tolk", seconds=200)
    assert outcome(source, video("Slow River (just Ola Fen)", "Ola Fen", 200)) is not Outcome.MATCHED


def test_a_shared_composer_does_not_make_it_the_same_singer():
    source = song("Slow River", "Ola Fen", "Bo Lund", seconds=200)
    assert outcome(source, art_track("Slow River", ["Mira Tolk", "Bo Lund"], 200)) is not Outcome.MATCHED
    listed = video("Slow River | Mira Tolk | Bo Lund", "Lantern Records", 200)
    assert outcome(source, listed) is not Outcome.MATCHED
    assert outcome(source, art_track("Slow River", ["Bo Lund", "Ola Fen"], 200)) is Outcome.MATCHED


@pytest.mark.parametrize("clean", ["(Clean)", "[Clean Audio]", "(Edited)", "(Clean Version)"])
def test_clean_words_are_not_taken_for_explicit_ones(clean):
    source = song(seconds=200, explicit=True)
    candidate = video(f"Ola Fen - Slow River {clean}", "Ola Fen", 200)
    assert outcome(source, candidate) is Outcome.NEEDS_REVIEW
    assert outcome(source, candidate, preferences=Preferences(content="clean")) is Outcome.MATCHED


def test_explicit_words_are_not_taken_for_clean_ones():
    source = song(seconds=200, explicit=False)
    candidate = video("Ola Fen - Slow River (Explicit)", "Ola Fen", 200)
    assert outcome(source, candidate) is Outcome.NEEDS_REVIEW
    assert outcome(source, candidate, preferences=Preferences(content="explicit")) is Outcome.MATCHED
    assert outcome(song(seconds=200), candidate) is Outcome.MATCHED
    wants_clean = Preferences(content="clean")
    assert outcome(song(seconds=200), candidate, preferences=wants_clean) is Outcome.NEEDS_REVIEW


def test_leniency_lets_pass_what_leaves_the_sound_as_it_is():
    lenient = Preferences(is_lenient=True)
    for other in ("Slow River (Radio Edit)", "Slow River (feat. Mira Tolk)", "Slow River (Mono)"):
        assert (
            outcome(song(seconds=200), video(other, "Ola Fen", 200), preferences=lenient) is Outcome.MATCHED
        )
    for other in ("Slow River (Live)", "Slow River (Bo Lund Remix)", "Slow River (Karaoke)"):
        found = outcome(song(seconds=200), video(other, "Ola Fen", 200), preferences=lenient)
        assert found is not Outcome.MATCHED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quiet Years: The Harbour", "Quiet Years: The Mill"),
        ('Slow River (From "Quiet Years")', 'Fast Road (From "Quiet Years")'),
        ("Slow River (Theme of the Valley)", "Fast Road (Theme of the Valley)"),
        ("Requiem in D Minor, K. 777: Lacrimosa", "Requiem in D Minor, K. 777: Confutatis"),
        ("Valley Variations, K. 777: Aria", "Valley Variations, K. 777: Variation 1"),
        ("Piano Sonata No. 31, Op. 7: I. Adagio", "Piano Sonata No. 31, Op. 7: II. Allegretto"),
        ("Valley Saga VII: Opening", "Valley Saga VII: Main Theme"),
        ("Slow River", "Slow River / Fast Road / Grey Hill"),
        ("Slow River", "Slow River II"),
        ("Linked", "Link"),
    ],
)
@pytest.mark.parametrize("seconds", [200, None])
def test_another_piece_of_one_work_is_another_recording(one, other, seconds):
    for mine, theirs in ((one, other), (other, one)):
        source = song(mine, seconds=seconds)
        assert outcome(source, art_track(theirs, ["Ola Fen"], seconds)) is not Outcome.MATCHED
        assert outcome(source, art_track(mine, ["Ola Fen"], seconds)) is Outcome.MATCHED


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Middle of the River", "Kids of the River"),
        ("I Need You to Know", "Need You Now"),
        ("Slow Rivers", "Slow River"),
        ("Halo", "Hello"),
        ("Fifteen Tons", "Sixteen Tons"),
        ("21 Rivers", "99 Rivers"),
    ],
)
def test_other_words_are_no_misspellings(title, other):
    assert (
        outcome(song(title, seconds=200), video(f"Ola Fen - {other}", "Ola Fen", 200)) is not Outcome.MATCHED
    )


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Hallelujah Harbour", "Hallejulah Harbour"),
        ("The Long and Quiet River", "The Long and Quite River"),
        ("When I'm Sixty-Four", "When I'm 64"),
        ("Land of 1000 Rivers", "Land of a Thousand Rivers"),
        ("Nineteen Hundred and Eighty Five", "1985"),
        ("Twenty-First River", "21st River"),
        ("99 Boote", "Neunundneunzig Boote"),
        ("10,000 Rivers", "Ten Thousand Rivers"),
        ("Hell of a River", "H*ll of a River"),
        ("Fucking River", "F**king River"),
        ("Đurđa", "Djurdja"),
        ("Für immer", "Fuer immer"),
        ("Обійми", "Obijmy"),
        ("?", "?"),
        ("🖤", "🖤"),
        ("Black Star", "★"),
        ("1979", "1979"),
        ("One", "One"),
        ("A (Wo)man", "A Woman"),
        ('The "Slow" River', "The 'Slow' River"),
        (
            "The Long Way Down the Quiet River, or, How to Lose a Boat in the Fog and Find It in the Mist",
            "The Long Way Down the Quiet River, or, How to Lose a Boat in the Fog and Find...",
        ),
    ],
)
def test_the_same_title_written_otherwise_is_accepted(title, written):
    assert outcome(song(title, seconds=200), video(written, "Ola Fen - Topic", 200)) is Outcome.MATCHED


@pytest.mark.parametrize(
    ("title", "artist", "other"),
    [
        ("Ola Fens", "Ola Fen", "Fast Road"),
        ("El Kestrel", "Kestrel", "Fast Road"),
        ("Kestrelica", "Kestrelic", "Fast Road"),
        ("Kestrel", "Kestrel", "Fast Road"),
    ],
)
def test_a_title_like_the_artists_name_is_not_found_in_the_name(title, artist, other):
    uploaded = video(f"{artist} - {other} (Official Video)", artist, 200)
    assert outcome(song(title, artist, seconds=200), uploaded) is not Outcome.MATCHED


@pytest.mark.parametrize(
    ("artist", "channel"),
    [("Kino", "Полина Гаврилова"), ("The Harbour Boys", "정승환"), ("Teresa Lund", "王菲 - Topic")],
)
def test_a_singer_in_another_script_who_does_not_sound_alike_is_not_taken(artist, channel):
    assert outcome(song("Слова", artist, seconds=200), video("Слова", channel, 200)) is not Outcome.MATCHED


@pytest.mark.parametrize(
    ("source", "candidate"),
    [
        (song("紅蓮華", seconds=200), video("Gurenge", "Ola Fen - Topic", 200)),
        (song("百花繚乱"), video("In Bloom", "Ola Fen - Topic")),
        (song("Slow River", seconds=200), video("좋은 날", "Ola Fen - Topic", 200)),
    ],
)
def test_a_translated_title_is_offered(source, candidate):
    assert outcome(source, candidate) is Outcome.NEEDS_REVIEW
    far = video(candidate.title, candidate.channel, 260)
    assert source.duration_ms is None or outcome(source, far) is Outcome.NO_MATCH


@pytest.mark.parametrize(
    ("title", "channel"),
    [
        ("Slow River (Mira Tolk Cover)", "Ola Fen"),
        ("Mira Tolk - Slow River (cover by Ola Fen)", "Ola Fen"),
        ("Slow River - Mira Tolk (Ola Fen Cover)", "Ola Fen"),
        ("Ola Fen - Slow River (Mira Tolk Cover)", "somebody77"),
    ],
)
def test_the_artists_own_cover_of_a_song_is_his_recording(title, channel):
    assert outcome(song(seconds=200), video(title, channel, 200)) is Outcome.MATCHED


@pytest.mark.parametrize(
    ("title", "channel"),
    [
        ("Ola Fen - Slow River (Mira Tolk Cover)", "Mira Tolk"),
        ("Ola Fen - Slow River (Cover)", "somebody77"),
        ("Ola Fen - Slow River (AI Cover)", "Ola Fen"),
        ("Ola Fen - Slow River (Piano Cover)", "somebody77"),
    ],
)
def test_a_cover_by_somebody_else_is_not(title, channel):
    assert outcome(song(seconds=200), video(title, channel, 200)) is not Outcome.MATCHED


def test_another_name_of_the_artist_is_known_from_earlier_matches():
    source = song(seconds=200)
    renamed = video("Fenrir - Slow River", "Fenrir", 200)
    assert outcome(source, renamed) is not Outcome.MATCHED
    known = Knowledge(names={"Ola Fen": {"Fenrir"}})
    assert outcome(source, renamed, knowledge=known) is Outcome.MATCHED
    assert outcome(source, video("Fenrir - Fast Road", "Fenrir", 200), knowledge=known) is Outcome.NO_MATCH


def test_a_channel_is_known_to_be_the_artists_from_earlier_matches():
    source = song(seconds=200)
    on_label = video("Slow River (Official Video)", "Lantern Records", 203)
    on_label = type(on_label)(
        **{field: getattr(on_label, field) for field in on_label.__slots__} | {"channel_id": "UC-lantern"}
    )
    assert outcome(source, on_label) is not Outcome.MATCHED
    known = Knowledge(channels={"UC-lantern": {"Ola Fen"}})
    assert outcome(source, on_label, knowledge=known) is Outcome.MATCHED


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?",
        "()",
        "፩",
        "ቴዲ ፩",
        "𑁒",
        "٣",
        "²",
        "\x00",
        "\ud800",
        "\U0010ffff",
        "*" * 50,
        "a" * 10_000,
        "१०" * 5000,
    ],
)
def test_any_text_gives_a_decision(text):
    for source in (
        song(text, seconds=0),
        song("Slow River", text, seconds=200),
        video(text, text, 90_000, text),
    ):
        for candidate in (
            video(text, text, 200),
            video("Slow River", text, None, text),
            song(text, text, album=text),
        ):
            found = score(source, candidate)
            assert 0 <= found.total <= 100
            assert found == score(candidate, source)
