import pytest

from musicconnect.matching import versions
from musicconnect.matching.data.version_phrases import HARD, PHRASES_BY_FIRST_WORD, SOFT, Fact
from musicconnect.matching.data.word_weights import NOISE
from musicconnect.matching.differences import compare
from musicconnect.matching.normalization import canonical, clean, words
from musicconnect.matching.versions import VersionFacts, find_in


def read(text: str) -> VersionFacts:
    return find_in(words(clean(text)))


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Live", Fact.LIVE),
        ("Live at the Old Mill", Fact.LIVE),
        ("En Vivo", Fact.LIVE),
        ("ao vivo", Fact.LIVE),
        ("Na żywo", Fact.LIVE),
        ("ライブ", Fact.LIVE),
        ("라이브", Fact.LIVE),
        ("演唱會", Fact.LIVE),
        ("Unplugged", Fact.LIVE),
        ("Acoustic Version", Fact.ACOUSTIC),
        ("akustik", Fact.ACOUSTIC),
        ("Ola Fen Remix", Fact.REMIX),
        ("Ola Fen Rmx", Fact.REMIX),
        ("Radio Edit", Fact.RADIO_EDIT),
        ("Extended Mix", Fact.EXTENDED),
        ('12" Version', Fact.EXTENDED),
        ("Demo", Fact.DEMO),
        ("Instrumental", Fact.INSTRUMENTAL),
        ("Off Vocal", Fact.INSTRUMENTAL),
        ("Karaoke Version", Fact.KARAOKE),
        ("Minus One", Fact.KARAOKE),
        ("קריוקי", Fact.KARAOKE),
        ("カラオケ", Fact.KARAOKE),
        ("cover by Somebody", Fact.COVER),
        ("歌ってみた", Fact.COVER),
        ("Sped Up", Fact.SPED_UP),
        ("1.25 speed", Fact.SPED_UP),
        ("Slowed + Reverb", Fact.SLOWED | Fact.EFFECTS),
        ("Nightcore", Fact.NIGHTCORE),
        ("8D Audio", Fact.EIGHT_D),
        ("Bass Boosted", Fact.EFFECTS),
        ("Lofi", Fact.EFFECTS),
        ("2011 Remaster", Fact.REMASTER),
        ("Re-Recorded", Fact.RERECORDED),
        ("Mono", Fact.MONO),
        ("Explicit", Fact.EXPLICIT),
        ("Clean Version", Fact.CLEAN),
        ("Spanish Version", Fact.LANGUAGE),
        ("en español", Fact.LANGUAGE),
        ("Japanese Ver.", Fact.LANGUAGE),
        ("Full Album", Fact.FULL_ALBUM),
        ("Medley", Fact.MEDLEY),
        ("Mashup", Fact.MASHUP),
        ("First Time Hearing", Fact.REACTION),
        ("Guitar Lesson", Fact.TUTORIAL),
        ("Official Trailer", Fact.TRAILER),
        ("A Cappella", Fact.A_CAPPELLA),
        ("Piano", Fact.ARRANGEMENT),
        ("Violin", Fact.ARRANGEMENT),
        ("Alternate Take", Fact.ALTERNATE),
        ("Take 3", Fact.ALTERNATE),
        ("Parody", Fact.PARODY),
        ("10 Hours", Fact.LOOP),
        ("Dance Practice", Fact.DANCE),
        ("Original Mix", Fact.ORIGINAL),
        ("Album Version", Fact.ORIGINAL),
        ("Ola's Version", Fact.OTHER_VERSION),
        ("Official Live Video", Fact.FOOTAGE),
    ],
)
def test_a_phrase_states_its_fact(text, fact):
    assert read(text).flags == fact


@pytest.mark.parametrize(
    "text", ["Official Video", "Lyrics", "Slow River", "Alive", "Delivery", "Remixology"]
)
def test_other_words_state_nothing(text):
    assert read(text) is versions.PLAIN


def test_a_remix_has_its_remixer():
    assert read("Ola Fen Remix").names == {"ola", "fen"}


def test_a_concert_has_location_and_date():
    assert read("Live at Harbour Hall 1987").details >= {"hall", "1987"}


def test_subtitles_in_a_language_are_no_version_in_it():
    assert read("Lyrics in English") is versions.PLAIN


def test_words_of_the_artists_own_name_are_no_version():
    found = words("lullaby band")
    taken = bytearray(2)
    assert versions.find(found, [0, 0], taken, frozenset({"lullaby"})) is versions.PLAIN


@pytest.mark.parametrize(
    "phrase", ["Remaster", "2009 Remastered", "Stereo", "Explicit", "Original Mix", "Album Version"]
)
def test_the_same_version_in_other_words_is_no_difference(phrase):
    assert compare(read(phrase), versions.PLAIN).evidence == 0
    assert not compare(read(phrase), versions.PLAIN).conflict


@pytest.mark.parametrize(
    "phrase", ["Live", "Karaoke", "Ola Fen Remix", "Demo", "Acoustic", "Radio Edit", "Sped Up"]
)
def test_another_version_on_one_side_only_is_a_conflict(phrase):
    for difference in (compare(read(phrase), versions.PLAIN), compare(versions.PLAIN, read(phrase))):
        assert difference.conflict
        assert difference.evidence < 0
        assert difference.reason


def test_mono_counts_against_without_ruling_out():
    difference = compare(read("Mono"), versions.PLAIN)
    assert not difference.conflict
    assert difference.evidence < 0


def test_remixes_by_different_hands_are_different_recordings():
    assert compare(read("Ola Fen Remix"), read("Mira Tolk Remix")).conflict
    assert not compare(read("Ola Fen Remix"), read("Ola Fen Remix")).conflict


def test_a_remix_of_nobody_in_particular_counts_against_somebodys():
    difference = compare(read("Remix"), read("Ola Fen Remix"))
    assert not difference.conflict
    assert difference.evidence < 0


def test_a_remix_edit_is_the_remix():
    assert not compare(read("Ola Fen Remix Edit"), read("Ola Fen Remix")).conflict


def test_concerts_of_different_years_and_places_are_different_recordings():
    assert compare(read("Live 1987"), read("Live 1991")).conflict
    assert compare(read("Live at Harbour Hall"), read("Live at Old Mill")).conflict
    assert not compare(read("Live at Harbour Hall"), read("Live")).conflict
    assert not compare(read("Live at Harbour Hall"), read("Live Harbour Hall 1987")).conflict


def test_facts_that_hold_anyway_do_not_matter():
    assert not compare(read("Live"), versions.PLAIN, ignored=int(Fact.LIVE)).conflict


def test_facts_are_hard_or_soft_but_not_both():
    assert not HARD & SOFT


def test_phrases_are_made_of_canonical_words():
    for phrases in PHRASES_BY_FIRST_WORD.values():
        for phrase, _ in phrases:
            assert tuple(map(canonical, phrase)) == phrase


def test_the_longest_phrase_comes_first():
    for phrases in PHRASES_BY_FIRST_WORD.values():
        sizes = [len(phrase) for phrase, _ in phrases]
        assert sizes == sorted(sizes, reverse=True)


def test_noise_is_no_version_word_standing_alone():
    alone = {
        phrase[0]
        for phrases in PHRASES_BY_FIRST_WORD.values()
        for phrase, fact in phrases
        if len(phrase) == 1 and fact & HARD
    }
    assert not alone & NOISE
