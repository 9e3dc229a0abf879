"""How uploads are laid out: lost dashes, words behind the artist, two scripts in one title, inches."""

import pytest

from musicconnect.matching import Outcome, choose, score
from tests.unit.matching.factories import song, video
from tests.unit.matching.test_recordings import DESCRIPTION


def outcome(source, *candidates):
    return choose(source, list(candidates)).outcome


@pytest.mark.parametrize(
    "upload",
    [
        "Ola Fen   Slow River of Gold   Harbour Lights LP",  # three blanks where a dash was
        "Ola Fen # Slow River of Gold # album Harbour Lights",
        "Slow River of Gold by Ola Fen on 1954 Lantern Records",
        "Slow River of Gold Ola Fen 1948 78rpm Lantern",
    ],
)
def test_words_apart_from_the_title_do_not_make_another_title(upload):
    found = score(song("Slow River of Gold"), video(upload, "collector66"))
    assert found.parts["title"] >= 98
    assert "the titles differ in part" not in found.reasons


@pytest.mark.parametrize(
    "upload",
    [
        "Slow River of Gold Silver Ola Fen",
        "Ola Fen Silver Slow River of Gold",
        "Ola Fen  Slow River of Gold Silver",  # two blanks are a slip
    ],
)
def test_words_beside_the_title_still_do(upload):
    assert outcome(song("Slow River of Gold"), video(upload, "collector66")) is not Outcome.MATCHED


@pytest.mark.parametrize(
    ("source", "upload"),
    [
        ("遠い川", "オラ Ola Fen【遠い川 Far River】Official Video"),
        ("Far River", "Ola Fen - Far River 遠い川"),
        ("Дальняя река", "Ola Fen - Дальняя река Far River"),
    ],
)
def test_a_title_beside_its_translation_is_the_title(source, upload):
    assert outcome(song(source, seconds=200), video(upload, "Ola Fen", 200)) is Outcome.MATCHED


def test_a_version_stated_in_another_script_counts_beside_the_title():
    source = song("Far River", "Ola Fen", seconds=200)
    assert outcome(source, video("Ola Fen - Far River ライブ", "Ola Fen", 200)) is not Outcome.MATCHED


def test_a_name_is_recognised_by_its_sound_in_one_of_the_parts():
    source = song("Dalnyaya Reka", "Tikhiy Bereg", seconds=200)
    assert outcome(source, video("Тихий Берег - Дальняя река (Анна Лесная)", "x", 200)) is Outcome.MATCHED
    assert outcome(source, video("Анна Лесная - Дальняя река (Мой город)", "x", 200)) is not Outcome.MATCHED


def test_an_official_video_on_a_channel_in_two_scripts_may_be_longer():
    source = video("ミラトルク - 遠い川（OFFICIAL VIDEO）", "ミラトルク / Lantern Official", 248)
    assert outcome(source, song("遠い川", "Miratoruku", seconds=241)) is Outcome.MATCHED
    assert outcome(source, song("近い川", "Miratoruku", seconds=241)) is not Outcome.MATCHED


def art_track(title, channel, album, seconds):
    described = DESCRIPTION.format(title=title, artists=channel, album=album)
    return video(title, f"{channel} - Topic", seconds, described, name="art")


def test_title_album_and_length_settle_a_name_in_chinese_characters():
    source = song("遠い川", "Mira Tolk", album="黑白川", seconds=205)
    assert outcome(source, art_track("遠い川", "陳大文", "黑白川", 205)) is Outcome.MATCHED
    assert outcome(source, art_track("遠い川", "陳大文", "黑白川", 208)) is not Outcome.MATCHED
    assert outcome(source, art_track("遠い川", "陳大文", "紅山水", 205)) is not Outcome.MATCHED
    # An album named like its song is a single, of which there are many.
    single = song("遠い川", "Mira Tolk", album="遠い川", seconds=205)
    assert outcome(single, art_track("遠い川", "陳大文", "遠い川", 205)) is not Outcome.MATCHED


@pytest.mark.parametrize("mark", ['12"', "12''", "12″", "12 inch", "12-inch"])
def test_the_size_of_a_record_names_its_version(mark):
    source = song(f"Slow River - {mark} Version", seconds=400)
    assert outcome(source, video('Ola Fen - Slow River (12" Mix)', "Ola Fen", 400)) is Outcome.MATCHED
    assert outcome(source, video('Ola Fen - Slow River (7" Version)', "Ola Fen", 400)) is not Outcome.MATCHED
    assert outcome(source, video("Ola Fen - Slow River", "Ola Fen", 400)) is not Outcome.MATCHED


def test_quotes_behind_a_number_are_no_inches():
    source = song("Route 12", seconds=200)
    assert outcome(source, video('Ola Fen - "Route 12" (Official Video)', "Ola Fen", 200)) is Outcome.MATCHED


@pytest.mark.parametrize("remark", ["(English subtitle)", "[Spanish subtitled]", "- Arabic Music"])
def test_a_language_of_subtitles_or_of_a_kind_of_music_is_not_sung(remark):
    assert outcome(song(seconds=200), video(f"Ola Fen - Slow River {remark}", "x", 200)) is Outcome.MATCHED


def test_the_same_title_and_artist_a_few_seconds_apart_is_accepted_and_more_is_not():
    source = song("Slow River of Gold", seconds=200)
    assert outcome(source, video("Ola Fen - Slow River of Gold", None, 206)) is Outcome.MATCHED
    assert outcome(source, video("Ola Fen - Slow River of Gold", None, 210)) is not Outcome.MATCHED
