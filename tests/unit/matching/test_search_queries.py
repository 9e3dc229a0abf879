import pytest

from musicconnect.matching import queries
from tests.unit.matching.factories import song, video
from tests.unit.matching.policies import SPOTIFY, YOUTUBE


def test_the_first_query_names_main_artist_and_plain_title():
    source = song("Slow River (feat. Mira Tolk) - 2011 Remaster", "Ola Fen", "Mira Tolk", album="Quiet Years")
    assert queries(source, YOUTUBE)[0] == "Ola Fen Slow River"


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Slow River - Mira Tolk Remix", "Ola Fen Slow River Mira Tolk Remix"),
        ("Slow River (Live at Harbour Hall)", "Ola Fen Slow River Live at Harbour Hall"),
        ("Slow River - Radio Edit", "Ola Fen Slow River Radio Edit"),
        ("Slow River (In the Valley)", "Ola Fen Slow River In the Valley"),
        ('"Slow" -River| *x*', "Ola Fen Slow River"),
    ],
)
def test_what_makes_the_version_is_asked_for(title, query):
    assert queries(song(title), YOUTUBE)[0].startswith(query)


def test_an_isrc_is_asked_for_where_the_provider_knows_it():
    source = song(isrc="qzabc0000001")
    assert queries(source, SPOTIFY)[0] == "isrc:QZABC0000001"
    assert not any("isrc" in query.lower() for query in queries(source, YOUTUBE))


def test_an_upload_is_read_before_it_is_asked_for():
    source = video("Ola Fen - Slow River (Official Video) [HD]", "OlaFenVEVO")
    assert queries(source, SPOTIFY)[:2] == ["Ola Fen Slow River", "track:Slow River artist:Ola Fen"]


def test_queries_are_few_different_and_short():
    source = song("Slow River " * 40, "Ola Fen", "Mira Tolk", album="Quiet Years", isrc="QZABC0000001")
    for policy in (SPOTIFY, YOUTUBE):
        found = queries(source, policy)
        assert 1 <= len(found) <= 4
        assert len(set(found)) == len(found)
        assert all(0 < len(query) <= 300 for query in found)


def test_a_title_of_signs_gives_what_there_is_to_ask():
    assert queries(song("???", "!!!"), YOUTUBE)
    assert queries(video(""), SPOTIFY) == []


@pytest.mark.parametrize(
    ("source", "first"),
    [
        (video("Ola Fen - Slow River (Lantern Recordings)", "Quiet Collective"), "Ola Fen Slow River"),
        (video("Slow River (Official Video)", "Lantern Records"), "Slow River"),
        (video("Ola Fen - Slow River", "Lantern Records"), "Ola Fen Slow River"),
        (video("Slow River", "Ola Fen Music"), "Ola Fen Slow River"),
    ],
)
def test_a_label_is_not_asked_for(source, first):
    assert queries(source, SPOTIFY)[0] == first
    assert not any("Lantern" in query for query in queries(source, SPOTIFY))


@pytest.mark.parametrize(
    ("source", "second"),
    [
        (song("Обійми"), "Ola Fen Obiymi"),
        (song("花に亡霊 - Ghost in a Flower"), "Ola Fen Ghost in a Flower"),
        (video("Ola Fen - いきもの", "Ola Fen"), "Ola Fen ikimono"),
    ],
)
def test_a_title_in_another_script_is_asked_for_in_latin_letters_next(source, second):
    assert second in queries(source, YOUTUBE)[:2]
    assert second in queries(source, SPOTIFY)[:3]


@pytest.mark.parametrize("title", ["Slow River", "Für immer", "Fête"])
def test_a_title_in_latin_letters_is_asked_for_as_it_is(title):
    found = queries(song(title), YOUTUBE)
    assert found == [f"Ola Fen {title}", title]
