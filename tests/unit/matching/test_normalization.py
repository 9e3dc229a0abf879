import sys

import pytest

from musicconnect.matching.normalization import MAX_TEXT_LENGTH, canonical, clean, romanised, tokens, words


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Über Stürme", "uber sturme"),
        ("ＦＵＬＬ ＷＩＤＴＨ", "full width"),
        ("𝘚𝘭𝘰𝘸 𝘙𝘪𝘷𝘦𝘳", "Slow River"),
        ("Salt &amp; Ashes", "Salt and Ashes"),
        ("Salt \\u0026 Ashes", "Salt & Ashes"),
        ("Rock 'n' Roll", "Rock & Roll"),
        ("Rollin' and Tumblin'", "Rolling and Tumbling"),
        ("Colour", "Color"),
        ("Don’t", "Dont"),
        ("4 Walls", "Four Walls"),
        ("Quiet Sea, Pt. II", "Quiet Sea Part Two"),
        ("Quiet Sea Part I", "Quiet Sea, Part 1"),
        ("4ever", "forever"),
        ("Til Dawn", "Until Dawn"),
        ("P!lot", "Pilot"),
        ("Ke$tral", "Kestral"),
        ("A.B.C.D.", "ABCD"),
        ("Ørsted", "Orsted"),
        ("ヴェール", "ヴェール"),
        ("שיר א'", "שיר א"),
        ("Op. 5", "Opus Five"),
    ],
)
def test_spellings_of_one_name_have_the_same_words(left, right):
    assert words(clean(left)) == words(clean(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [("が", "か"), ("Part 1", "Part 2"), ("Night", "Nights"), ("하늘", "하루")],
)
def test_different_names_have_different_words(left, right):
    assert words(clean(left)) != words(clean(right))


def test_scripts_without_blanks_are_split_and_separated_from_latin_words():
    assert tokens(clean("海月Kurage")) == ["海", "月", "kurage"]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Ola Fen - Slow River", ["ola", "fen", "|", "slow", "river"]),
        ("Ola Fen – Slow River", ["ola", "fen", "|", "slow", "river"]),
        ("Ola Fen--Slow River", ["ola", "fen", "|", "slow", "river"]),
        ("Ola Fen -Slow River", ["ola", "fen", "|", "slow", "river"]),
        ("Fen-Ola", ["fen", "ola"]),
        ("Ola Fen: Slow River", ["ola", "fen", "|", "slow", "river"]),
        ("Ola Fen // Slow River", ["ola", "fen", "|", "slow", "river"]),
        ("Ola Fen 'Slow River' M/V", ["ola", "fen", '"', "slow", "river", '"', "mv"]),
        ("Ola Fen「Slow River」", ["ola", "fen", '"', "slow", "river", '"']),
        ("Slow River 【MV】", ["slow", "river", "(", "mv", ")"]),
        ("07. Slow River", ["slow", "river"]),
        ("7 - Slow River", ["slow", "river"]),
    ],
)
def test_markers_stand_where_a_title_is_divided(title, found):
    assert tokens(clean(title)) == found


def test_apostrophes_inside_words_are_no_quotes():
    assert '"' not in tokens(clean("Don't Leave the Lights' Glow"))


def test_canonical_words_stay_as_they_are():
    for word in ("rolling", "color", "four", "and", "hors", "part"):
        assert canonical(canonical(word)) == canonical(word)


def test_long_texts_are_cut():
    assert len(clean("a" * 10 * MAX_TEXT_LENGTH)) == MAX_TEXT_LENGTH


@pytest.mark.parametrize(
    ("name", "latin"), [("Камень", "kamen"), ("Λευκό", "leyko"), ("さくら", "sakura"), ("바다", "bada")]
)
def test_other_scripts_have_latin_letters(name, latin):
    assert romanised(name)[:3] == latin[:3]


def test_digits_that_are_no_decimals_are_words() -> None:
    for char in (chr(code) for code in range(sys.maxunicode + 1) if chr(code).isdigit()):
        assert isinstance(words(clean(f"{char} {char}{char}")), list)
    assert words(clean("ቴዲ ፩"))[0] == "ቴዲ"
