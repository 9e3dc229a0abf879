import pytest

from musicconnect.matching import Outcome, choose, score
from tests.unit.matching.factories import song, video

DESCRIPTION = """Provided to YouTube by Lantern Distribution

{title} · {artists}

{album}

℗ 2017 Lantern"""


def accepted(source, candidate):
    return choose(source, [candidate]).outcome is Outcome.MATCHED


@pytest.mark.parametrize(
    ("title", "channel"),
    [
        ("Slow River", "Ola Fen - Topic"),
        ("Slow River", "Ola Fen"),
        ("Slow River", "OlaFenVEVO"),
        ("Slow River", "Ola Fen Official"),
        ("Ola Fen - Slow River", "Ola Fen"),
        ("Ola Fen - Slow River", "somebody77"),
        ("Ola Fen - Slow River", "Lantern Records"),
        ("Ola Fen - Slow River (Official Video)", "OlaFenVEVO"),
        ("Slow River - Ola Fen (Lyrics)", "Lyric Corner"),
        ("Slow River by Ola Fen", "somebody77"),
        ('Ola Fen "Slow River" [HQ]', "somebody77"),
        ("OLA FEN | SLOW RIVER", "somebody77"),
        ("Ola Fen Slow River", "somebody77"),
        ("Ola Fen - Slow River (Original Mix)", "somebody77"),
        ("Ola Fen - Slow River (2011 Remaster)", "somebody77"),
        ("Ola Fen - Slow River 1987", "somebody77"),
        ("Ola Fen - Slow River [Lantern Records]", "somebody77"),
        ("03 - Ola Fen - Slow River", "somebody77"),
        ("Ola &amp; Fen - Slow River", "Ola Fen"),
    ],
)
def test_an_upload_of_the_recording_is_accepted(title, channel):
    assert accepted(song(seconds=200), video(title, channel, seconds=200))


@pytest.mark.parametrize(
    "title",
    [
        "Ola Fen - Slow River (Live)",
        "Ola Fen - Slow River (Live at Harbour Hall, 1987)",
        "Ola Fen - Slow River (Karaoke Version)",
        "Ola Fen - Slow River (Mira Tolk Remix)",
        "Ola Fen - Slow River (Radio Edit)",
        "Ola Fen - Slow River (Acoustic)",
        "Ola Fen - Slow River (Instrumental)",
        "Ola Fen - Slow River (Cover)",
        "Ola Fen - Slow River (Demo)",
        "Ola Fen - Slow River (Sped Up)",
        "Ola Fen - Slow River (Slowed + Reverb)",
        "[Nightcore] Ola Fen - Slow River",
        "8D | Ola Fen - Slow River",
        "Ola Fen - Slow River (Spanish Version)",
        "Ola Fen - Slow River (Ola's Version)",
        "Ola Fen - Slow River (Piano)",
        "Ola Fen - Slow River 10 Hours",
        "Ola Fen - Slow River REACTION",
        "How to play Ola Fen - Slow River",
        "Ola Fen - Slow River (Trailer)",
        "Ola Fen - Slow River (en vivo)",
        "Ola Fen - Slow River (カラオケ)",
    ],
)
def test_another_version_is_never_accepted_silently(title):
    found = choose(song(seconds=200), [video(title, "Ola Fen", seconds=200)])
    assert found.outcome is not Outcome.MATCHED
    assert found.best is not None
    assert found.best.score.total <= 45
    assert found.reasons


@pytest.mark.parametrize(
    "version", ["Live", "Acoustic", "Mira Tolk Remix", "Karaoke", "Demo", "Instrumental"]
)
def test_the_same_version_on_both_sides_is_accepted(version):
    assert accepted(
        song(f"Slow River - {version}", seconds=200), video(f"Ola Fen - Slow River ({version})", seconds=200)
    )
    assert not accepted(
        song(f"Slow River - {version}", seconds=200), video("Ola Fen - Slow River", seconds=200)
    )


def test_version_words_in_the_title_itself_are_no_version():
    assert accepted(song("Live and Demo"), video("Ola Fen - Live and Demo"))


def test_songs_of_a_live_album_are_live():
    live = song(album="Live at Harbour Hall", seconds=200)
    assert accepted(live, video("Ola Fen - Slow River (Live)", seconds=200))
    assert choose(live, [video("Ola Fen - Slow River", "Ola Fen", 200)]).outcome is Outcome.NEEDS_REVIEW
    both = [
        video("Ola Fen - Slow River", "Ola Fen", 200, name="plain"),
        video("Ola Fen - Slow River (Live)", "Ola Fen", 204, name="live"),
    ]
    choice = choose(live, both)
    assert choice.outcome is Outcome.MATCHED
    assert choice.best is not None
    assert choice.best.track.id == "live"


@pytest.mark.parametrize(
    "candidate",
    [
        video("Mira Tolk - Slow River", "Mira Tolk", 200),
        video("Slow River", "Mira Tolk - Topic", 200),
        video("Slow River", "Some Cover Band", 200),
        video("Mira Tolk - Slow River (Ola Fen)", "somebody77", 200),
        video("Slow River (feat. Ola Fen)", "Mira Tolk", 200),
        video("Ola Fen - Slow Rivers Run Dry", "Ola Fen", 200),
        video("Ola Fen - Another Slow River", "Ola Fen", 200),
        video("Ola Fen - Slow River, Part 2", "Ola Fen", 200),
        video("Ola Fen - Slow River 2", "Ola Fen", 200),
        video("Ola Fen - Fast Road", "Ola Fen", 200),
        video("Ola Fen - Slow River", "somebody77", 230),
        video("Ola Fen - Slow River (Harbour Hall, 12-03-1987)", "somebody77", 200),
        video("Ola Fen - Slow River / Fast Road / Grey Hill", "somebody77"),
        video("Ola Fen interview about Slow River", "somebody77", 200),
        video("Slow River", "somebody77", 200),
    ],
    ids=lambda track: f"{track.title} on {track.channel}",
)
def test_another_recording_is_not_accepted(candidate):
    assert not accepted(song(seconds=200), candidate)


@pytest.mark.parametrize(
    ("source", "candidate"),
    [
        (song("Slow River (feat. Mira Tolk)", "Ola Fen", "Mira Tolk"), video("Slow River", "Ola Fen")),
        (song("Slow River", "Ola Fen", "Mira Tolk"), video("Slow River", "Mira Tolk, Ola Fen")),
        (song("Slow River", "Ola Fen & Mira Tolk"), video("Mira Tolk & Ola Fen - Slow River")),
        (song("Slow River", "The Fens"), video("Fens - Slow River")),
        (song("Slow River", "Ola Fen and His Orchestra"), video("Ola Fen & his Orch. - Slow River")),
        (song("Slow River", "Øla Fén"), video("Ola Fen - Slow River")),
        (song("Slow River", "Olga Fenwick"), video("Olga Fenwik - Slow River", seconds=None)),
        (song("Slow River (In the Valley)"), video("Ola Fen - Slow River")),
        (song("Slow River"), video("Ola Fen - Slow River (In the Valley)")),
        (song('Slow River - From "Marshland"'), video("Ola Fen - Slow River (From “Marshland”)")),
        (song("Slowriver Blues"), video("Ola Fen - Slow River Blues", seconds=None)),
        (song("Slow River", "Jakob Fenwald", seconds=200), video("J. Fenwald - Slow River", None, 200)),
        (song("Slow River", "Jakob Fenwald", seconds=200), video("Slow River", "jakobfenwald", 200)),
        (song("Slow River", "Fen Choir", seconds=200), video("Fen - Slow River", None, 200)),
        (song("Slow River", "The Hotfens", seconds=200), video("The Hot Fens - Slow River", None, 200)),
    ],
    ids=lambda track: f"{track.artist_line} {track.title}",
)
def test_names_and_titles_written_otherwise_are_recognised(source, candidate):
    assert score(source, candidate).total > 75


def test_a_shared_word_like_orchestra_is_no_artist():
    assert not accepted(
        song("Slow River", "Ola Fen and His Orchestra"), video("Mira Tolk and His Orchestra - Slow River")
    )


def test_a_song_named_like_its_artist_needs_its_own_mention():
    assert accepted(song("Fenland", "Fenland"), video("Fenland - Fenland"))
    assert not accepted(song("Fenland", "Fenland"), video("Fenland - Fast Road", "somebody77"))


@pytest.mark.parametrize(
    ("source", "candidate"),
    [
        (song("Камень", "Ola Fen", seconds=200), video("Kamen", "Ola Fen", 200)),
        (song("さくら", "Ola Fen", seconds=200), video("Ola Fen - Sakura", "somebody77", 200)),
        (song("Slow River", "Ольга", seconds=200), video("Olga - Slow River", "somebody77", 200)),
        (song("Slow River", "Olga", seconds=200), video("Slow River", "Ольга", 200)),
        (song("שיר הנהר", "Noa Shahar", seconds=200), video("שיר הנהר", "נועה שחר", 200)),
    ],
    ids=lambda track: f"{track.artist_line} {track.title}",
)
def test_other_scripts_get_a_second_chance(source, candidate):
    assert accepted(source, candidate)


def test_classical_works_match_by_their_numbers_and_need_a_performer():
    source = song("Symphony No. 31 in C Minor, K. 777: II. Andante", "Harbour Ensemble", seconds=300)
    named = video("Fenwald: Symphony No.31 in C minor, K.777 - 2. Andante - Harbour Ensemble", None, 300)
    other = video("Fenwald: Symphony No.32 in C minor, K.778 - 2. Andante - Harbour Ensemble", None, 300)
    unnamed = video("Fenwald: Symphony No.31 in C minor, K.777 - 2. Andante", None, 300)
    assert accepted(source, named)
    assert not accepted(source, other)
    assert choose(source, [unnamed]).outcome is Outcome.NEEDS_REVIEW


def test_the_composer_alone_does_not_make_a_recording_of_a_classical_work():
    source = song(
        "Symphony No. 31 in C Minor, K. 777: II. Andante", "Karl Fenwald", "Harbour Ensemble", seconds=300
    )
    title = "Fenwald: Symphony No.31 in C minor, K.777 - 2. Andante"
    assert not accepted(source, video(title, "Karl Fenwald", 300))
    assert accepted(source, video(f"{title} - Harbour Ensemble", "somebody77", 300))
    described = DESCRIPTION.format(title=title, artists="Karl Fenwald · Harbour Ensemble", album="Fenwald")
    assert accepted(source, video("Symphony", "Karl Fenwald - Topic", 300, described))


def test_a_bare_title_needs_the_exact_length():
    assert accepted(song(seconds=200.4), video("Slow River", None, 200))
    assert not accepted(song(seconds=200.4), video("Slow River", None, 203))
    assert not accepted(song(), video("Slow River", None))


def test_an_official_video_may_be_longer():
    longer = video("Ola Fen - Slow River (Official Video)", "Ola Fen", 218)
    assert accepted(song(seconds=200), longer)
    assert not accepted(song(seconds=200), video("Ola Fen - Slow River (Official Video)", "somebody77", 218))


def test_the_description_counts_more_than_the_title():
    right = DESCRIPTION.format(title="Slow River", artists="Ola Fen", album="Quiet Years")
    wrong = DESCRIPTION.format(title="Slow River (Live)", artists="Ola Fen", album="Quiet Years Live")
    other = DESCRIPTION.format(title="Slow River", artists="Mira Tolk", album="Loud Years")
    source = song(seconds=200, album="Quiet Years")
    assert score(source, video("Slow River", "Ola Fen - Topic", 200, right)).parts["album"] > 50
    assert accepted(source, video("Slow River", "Ola Fen - Topic", 200, right))
    assert not accepted(source, video("Slow River", "Ola Fen - Topic", 200, wrong))
    assert not accepted(source, video("Slow River", "Various Artists - Topic", 200, other))


def test_both_directions_use_the_same_parts():
    upload = video("Ola Fen - Slow River (Official Audio)", "Ola Fen", 200)
    assert score(upload, song(seconds=200)) == score(song(seconds=200), upload)
    assert accepted(upload, song(seconds=200))
    assert not accepted(upload, song("Slow River - Live", seconds=200))
    assert not accepted(upload, song("Slow River", "Mira Tolk", seconds=200))


def test_two_tracks_of_music_services_are_compared_by_what_they_state():
    assert accepted(song(seconds=200, name="a"), song("Slow River - 2011 Remaster", seconds=201, name="b"))
    assert not accepted(song(seconds=200), song("Slow River", "Mira Tolk", seconds=200))
    assert not accepted(song(seconds=200), song("Slow River - Live", seconds=200))


def test_two_uploads_are_compared_by_what_can_be_read():
    assert accepted(video("Ola Fen - Slow River", None, 200), video("Slow River (Lyrics)", "Ola Fen", 200))
    assert not accepted(video("Ola Fen - Slow River", None, 200), video("Slow River (Live)", "Ola Fen", 200))


def test_an_isrc_counts_together_with_the_length():
    source = song(seconds=200, isrc="QZABC0000001")
    same = score(source, song("River Slow Edit Name", seconds=200, isrc="qzabc0000001"))
    assert same.parts["isrc"] > 95
    far = score(source, song("River Slow Edit Name", seconds=250, isrc="QZABC0000001"))
    assert far.parts["isrc"] < same.parts["isrc"]


def test_clean_instead_of_explicit_counts_against():
    source = song(seconds=200, explicit=True)
    clean = score(source, song(seconds=200, explicit=False))
    assert clean.total < score(source, song(seconds=200, explicit=True)).total
    assert "only one of them is explicit" in clean.reasons


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (video("Mira Tolk - Slow River"), "another artist is named"),
        (video("Slow River", "somebody77"), "the channel is not the artist's"),
        (video("Slow River"), "the artist is not named"),
        (video("Ola Fen - Fast Road"), "another title"),
        (video("Ola Fen - Slow River Song Again"), "the titles differ in part"),
        (video("Ola Fen - Slow River (Live)"), "only one of them is: live"),
        (video("Ola Fen - Slow River", None, 260), "the lengths differ"),
        (video("Mira Tolk - Slow River (Ola Fen)"), "another artist performs it"),
    ],
)
def test_reasons_are_given_in_words(candidate, reason):
    assert reason in score(song(seconds=200), candidate).reasons


def test_empty_texts_score_low():
    for source in (song(""), video("")):
        for candidate in (song(""), video(""), video("", ""), video("()[]", "-")):
            assert score(source, candidate).total < 50


def art_track(artists, owner, *, title="Slow River", seconds=200):
    description = DESCRIPTION.format(title=title, artists=" · ".join(artists), album="The Lantern")
    return video(title, f"{owner} - Topic", seconds=seconds, description=description)


@pytest.mark.parametrize(
    ("source", "stated"),
    [
        (("Ola Fen",), ("Mira Tolk", "Ola Fen")),
        (("Ola Fen",), ("Mira Tolk", "Jon Berg", "Ola Fen")),
        (("Mira Tolk", "Ola Fen"), ("Ola Fen",)),
        (("Zoe Wan", "Ola Fen"), ("Ola Fen",)),
        (("Ola Fen",), ("Zoe Wan", "Ola Fen")),
    ],
)
def test_whoever_leads_one_list_and_is_not_in_the_other_is_a_persons_decision(source, stated):
    choice = choose(
        song("Slow River", *source, album="The Lantern", seconds=200),
        [art_track(stated, stated[0], seconds=200)],
    )
    assert choice.outcome is Outcome.NEEDS_REVIEW
    assert choice.reasons == ["another main artist is named"]
    assert accepted(song("Slow River", *source, seconds=200), art_track(source, source[0]))


@pytest.mark.parametrize(
    ("source", "stated"),
    [
        (("Ola Fen",), ("Ola Fen", "Mira Tolk")),
        (("Ola Fen", "Mira Tolk"), ("Mira Tolk", "Ola Fen")),
        (("Ola Fen", "Mira Tolk"), ("Ola Fen",)),
    ],
)
def test_guests_and_another_order_do_not_make_another_leader(source, stated):
    assert accepted(song("Slow River", *source, seconds=200), art_track(stated, stated[0]))


def test_the_composer_of_a_work_may_lead_one_list_only():
    title = "Sonata No. 2 in D Minor, Op. 14: Allegro"
    composed = song(title, "Ola Fen", "Mira Tolk", seconds=200)
    assert accepted(composed, art_track(("Mira Tolk",), "Mira Tolk", title=title))
