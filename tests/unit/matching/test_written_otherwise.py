"""Right recordings that are written otherwise: misspelt, named in part, retold by an uploader, cut short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.matching import Outcome, choose, score
from musicconnect.matching.normalization import clean, words
from musicconnect.music.model import Track
from tests.unit.matching.factories import song, video

LABEL = "Provided to YouTube by Lantern Distribution\n\n{title} · {artist}\n\nAn Album\n\n℗ 2017 Lantern"


def outcome(source, candidate):
    return choose(source, [candidate]).outcome


def accepted(source, candidate):
    return outcome(source, candidate) is Outcome.MATCHED


def shop(title, album, seconds, artist="Ola Fen", name="shop"):
    return Track(
        provider="amazon", id=name, title=title, artists=(artist,), album=album, duration_ms=seconds * 1000
    )


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Crossing the Silver River", "Ola Fen - Crosing the Silver River"),
        ("Lanterns of November", "Ola Fen - Lanterns of Novembr"),
        ("Walking with the Harbour", "Ola Fen - Walkin with the Harbor"),
        ("Goin Down Harbour Street", "Ola Fen - Going Down Harbour Street"),
        ("Silver Lantern and the Harbour", "Ola Fen - Silver Lantern the Harbour"),
        ("Our Lantern in the Harbour", "Ola Fen - Lantern in the Harbour"),
        ("Lantern Street / Harbour Lights", "Ola Fen - Lantern Street - Harbour Lights"),
    ],
)
def test_a_misspelt_title_of_several_words_needs_no_length(title, written):
    assert accepted(song(title), video(written, "somebody77"))


@pytest.mark.parametrize(
    ("title", "written"),
    [("Lantern", "Ola Fen - Lantorn"), ("Slow River", "Ola Fen - Slow Riser"), ("River", "Ola Fen - Rivers")],
)
def test_a_letter_in_a_short_title_makes_another_one(title, written):
    assert not accepted(song(title), video(written, "somebody77"))


@pytest.mark.parametrize(
    ("artist", "written"),
    [
        ("Ola Fenwick & Mira Tolkin", "Fenwick and Tolkin - Slow River"),
        ("Ola Fenwick & Mira Tolkin", "Ola & Mira - Slow River"),
        ("The Strange Parade of Mira Tolkin", "Mira Tolkin - Slow River"),
        ("M.K. Tolkin", "M. K. Tolkin - Slow River"),
        ("M.K. Tolkin", "M  K  Tolkin - Slow River"),
        ("Mira Tolkin Foursome", "Mira Tolkin Quartet - Slow River"),
        ("Fenwick & Tolkin", "Fenwik & Tolkin - Slow River"),
        ("Mira Tolkin", "Slow River by Mira Nightbird Tolkin"),
    ],
)
def test_people_are_known_by_parts_of_their_names(artist, written):
    assert accepted(song("Slow River", artist), video(written, "somebody77"))


@pytest.mark.parametrize(
    ("artist", "written"),
    [
        ("Ola Fenwick & Mira Tolkin", "Ola Berg and Mira Holm - Slow River"),
        ("Tribute to Mira Tolkin", "Mira Tolkin - Slow River"),
        ("Mira Tolkin III", "Mira Tolkin - Slow River"),
        ("Mira Tolkin Revue", "Mira - Slow River"),
    ],
)
def test_parts_of_a_name_that_others_share_are_not_enough(artist, written):
    assert not accepted(song("Slow River", artist), video(written, "somebody77"))


@pytest.mark.parametrize("name", ["Robin Garlin", "Kevin Amour", "Twenty One Lanterns"])
def test_a_channel_without_blanks_is_known_by_the_letters_of_the_name(name):
    channel = f"{name.replace(' ', '')}VEVO"
    assert accepted(song("Slow River", name), video("Slow River", channel))


def test_a_date_before_there_was_tape_is_that_of_the_record():
    assert accepted(song(), video("Ola Fen - Slow River - Oslo, 13.10. 1928", "somebody77"))
    assert not accepted(song(), video("Ola Fen - Slow River - Oslo, 13.10. 1978", "somebody77"))


@pytest.mark.parametrize(
    "written", ['"Slow River" from "Grey Hills" by Ola Fen', "'Slow River' from 'Grey Hills', Ola Fen 2016"]
)
def test_the_album_that_it_is_from_is_no_version(written):
    assert accepted(song(), video(written, "Ola Fen"))


def test_a_guest_in_broken_letters_is_still_a_guest():
    left = shop("Slow River (feat. ' • ejo) [Mira Remix]", "Grey Hills", 200)
    assert accepted(left, shop("Slow River (Mira Remix)", "Grey Hills", 200, name="other"))


@pytest.mark.parametrize(
    "text", ["Ole ÌÏ Fen", "Ole \ufffd\ufffd Fen", "Ole Fen"]
)  # fmt: skip
def test_what_a_wrong_code_page_destroyed_says_nothing(text):
    assert words(clean(text)) == ["ole", "fen"]


def test_a_title_read_in_a_wrong_code_page_is_read_anew():
    assert words(clean("Ð¡Ð»Ð°Ð²Ð° CafÃ©")) == words("слава café")
    assert words(clean("Âme Öö")) == ["ame", "oo"]


@given(st.text(max_size=60))
def test_what_was_read_in_a_wrong_code_page_is_never_lost(text):
    misread = text.encode().decode("latin-1")
    assert isinstance(words(clean(misread)), list)
    if text.isascii():
        assert words(clean(misread)) == words(clean(text))


@pytest.mark.parametrize(
    "written",
    [
        "Somebody Known - Slow River (Cover) by Ola Fen",
        "Slow River - Somebody Known (Ola Fen acoustic cover)",
        "Somebody Known - Slow River ft. Another - (Cover by Ola Fen)",
        "Slow River (Ola Fen: tribute to Somebody Known)",
    ],
)
def test_what_the_artist_covers_on_his_own_channel_is_his_recording(written):
    assert accepted(song(), video(written, "Ola Fen"))


@pytest.mark.parametrize(
    ("written", "channel"),
    [
        ("Slow River (Cover)", "Ola Fen"),
        ("Slow River (Cover) by Ola Fen", "somebody77"),
        ("Slow River - Somebody Known (Ola Fen live cover)", "Ola Fen"),
        ("Slow River (Acoustic)", "Ola Fen"),
        ("Mira Tolk - Slow River (Ola Fen acoustic cover)", "Mira Tolk"),
    ],
)
def test_what_may_be_a_cover_of_the_artist_is_not(written, channel):
    assert not accepted(song(), video(written, channel))


@pytest.mark.parametrize(
    ("seconds", "expected"), [(200, Outcome.MATCHED), (203, Outcome.NEEDS_REVIEW), (None, Outcome.MATCHED)]
)
def test_an_artist_in_brackets_alone_performs_it_unless_the_length_is_another(seconds, expected):
    assert outcome(song(seconds=200), video("Slow River (Ola Fen)", "somebody77", seconds)) is expected


def test_an_artist_in_brackets_behind_somebody_is_the_author():
    assert not accepted(song(), video("Mira Tolk - Slow River (Ola Fen)", "somebody77"))


def test_a_remark_before_the_artist_is_no_other_title_but_a_performer_may_be():
    assert accepted(song(), video("RARE Ola Fen Slow River", "somebody77"))
    assert not accepted(song(), video("Mira Tolk Ensemble Berlin Ola Fen Slow River", "somebody77"))


def test_a_long_remark_weighs_no_more_than_a_name_but_a_list_or_a_place_does():
    remark = "Ola Fen - Slow River - what my grandmother heard every winter morning"
    assert accepted(song(), video(remark, "somebody77"))
    assert not accepted(song(), video("Ola Fen - Slow River - Fast Road - Grey Hill", "somebody77"))
    place = "Ola Fen - Slow River - at Grey Hill Lighthouse Oslo Bergen"
    assert not accepted(song(), video(place, "somebody77"))


def test_a_missing_partner_is_a_doubt_only_where_the_length_is_not_the_same():
    duo = song("Slow River", "Ola Fen & Mira Tolk", seconds=200)
    assert accepted(duo, video("Ola Fen - Slow River", "somebody77", 200))
    assert outcome(duo, video("Ola Fen - Slow River", "somebody77", 201.6)) is Outcome.NEEDS_REVIEW
    assert accepted(duo, video("Ola Fen & Mira Tolk - Slow River", "somebody77", 201.6))
    band = song("Slow River", "Ola Fen & The Lanterns", seconds=200)
    assert accepted(band, video("Ola Fen - Slow River", "somebody77", 201.6))


def test_half_a_title_by_the_very_artist_is_offered_and_settled_by_the_length():
    whole = song("Walk the Harbour, Mind the Lantern", seconds=200)
    assert outcome(whole, video("Ola Fen - Walk the Harbour", "somebody77")) is Outcome.NEEDS_REVIEW
    assert outcome(whole, video("Ola Fen - Walk the Harbour", "somebody77", 215)) is Outcome.NO_MATCH


@pytest.mark.parametrize("album", ["Grey Hills (Deluxe Edition)", "Grey Hills [Explicit]", "Grey Hills - EP"])
def test_one_title_of_one_album_is_one_track_whatever_length_a_shop_states(album):
    assert accepted(shop("Slow River", "Grey Hills", 236), shop("Slow River", album, 225, name="other"))
    assert not accepted(shop("Slow River", "Grey Hills", 300), shop("Slow River", album, 225, name="other"))


@pytest.mark.parametrize("album", ["Greatest Hits", "Live", "Slow River", "Ola Fen", "The Best of Ola Fen"])
def test_albums_of_names_that_many_have_say_nothing_of_the_length(album):
    assert not accepted(shop("Slow River", album, 236), shop("Slow River", album, 221, name="other"))


def test_a_version_on_the_same_album_is_still_another_recording():
    live = shop("Slow River (Live)", "Grey Hills", 225, name="other")
    assert not accepted(shop("Slow River", "Grey Hills", 236), live)


def test_all_artists_named_outweighs_who_else_is_credited():
    artists = ("Ola Fen", "Mira Tolk", "Ana Berg")
    written = "Slow River - Grey Hills | Hedda Moe | Jon Lie | Ola Fen | Mira Tolk | Ana Berg"
    assert accepted(song("Slow River", *artists, seconds=200), video(written, "somebody77", 200))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(230, Outcome.MATCHED), (250, Outcome.MATCHED), (265, Outcome.NEEDS_REVIEW)],
)
def test_what_the_artist_uploads_may_be_longer_by_its_story(seconds, expected):
    assert outcome(song(seconds=200), video("Ola Fen - Slow River", "Ola Fen", seconds)) is expected
    assert not accepted(song(seconds=200), video("Ola Fen - Slow River (Audio)", "Ola Fen", seconds))
    assert not accepted(song(seconds=200), video("Ola Fen - Slow River", "somebody77", seconds))


class TestOtherWritings:
    """An upload that names the recording in two scripts tells what another one is."""

    SOURCE = song("Spring Lantern", "OLA", seconds=200)
    BOTH = video("OLA (올라) '봄등 (Spring Lantern)' Official MV", "Lantern Labels", 240, name="both")
    LABELS_OWN = video(
        "봄등", "올라 - Topic", 200, LABEL.format(title="봄등", artist="올라"), name="art-track"
    )

    def test_the_labels_own_is_accepted_where_another_upload_names_it(self):
        choice = choose(self.SOURCE, [self.BOTH, self.LABELS_OWN])
        assert choice.outcome is Outcome.MATCHED
        assert choice.best.track is self.LABELS_OWN

    def test_alone_it_is_not(self):
        assert not accepted(self.SOURCE, self.LABELS_OWN)

    @pytest.mark.parametrize(
        ("title", "artist", "seconds"), [("가을", "올라", 200), ("봄등", "누구", 200), ("봄등", "올라", 204)]
    )
    def test_another_title_artist_or_length_is_not_what_was_named(self, title, artist, seconds):
        other = video(title, f"{artist} - Topic", seconds, LABEL.format(title=title, artist=artist), "other")
        choice = choose(self.SOURCE, [self.BOTH, other])
        assert not (choice.outcome is Outcome.MATCHED and choice.best.track is other)

    def test_an_upload_that_is_not_recognised_teaches_nothing(self):
        stranger = video("MIRA (올라) '봄등 (Autumn)' Official MV", "Lantern Labels", 240, name="both")
        assert choose(self.SOURCE, [stranger, self.LABELS_OWN]).outcome is not Outcome.MATCHED


def test_ensembles_and_small_words_do_not_hide_a_right_recording():
    assert accepted(song(), video("Ola Fen Orquesta - Slow River", "somebody77"))
    assert accepted(song("Slow Harbour River"), video("Ola Fen - Hey, Slow Harbour River", "somebody77"))
    assert accepted(song(), video("Ola Fen canta Slow River", "somebody77"))
    assert accepted(song(), video("Ola Fen - Slow River (German TV)", "somebody77"))


def test_scores_say_why():
    duo = song("Slow River", "Ola Fen & Mira Tolk", seconds=200)
    assert score(duo, video("Ola Fen - Slow River", "somebody77", 201.6)).reasons == ["a guest is missing"]


def test_the_album_tells_a_remaster_from_the_original_of_the_same_length():
    source = song("Slow River", seconds=200, album="Grey Hills (2022 Remaster)")
    original = video("Slow River", "Ola Fen - Topic", 200, LABEL.format(title="Slow River", artist="Ola Fen"))
    remaster = video(
        "Slow River", "Ola Fen - Topic", 200,
        LABEL.format(title="Slow River (2022 Remaster)", artist="Ola Fen").replace(
            "An Album", "Grey Hills (2022 Remaster)"
        ),
        name="remaster",
    )  # fmt: skip
    plain = LABEL.format(title="Slow River", artist="Ola Fen").replace("An Album", "Grey Hills")
    assert choose(source, [original, remaster]).best.track is remaster
    other = video("Slow River", "Ola Fen - Topic", 200, plain, name="a-plain")
    assert choose(source, [other, remaster]).best.track is remaster
