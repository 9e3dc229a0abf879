"""Read numbers that are written as words: ``twenty one`` is ``21``, ``nineteen eighty five`` is ``1985``."""

from collections.abc import Sequence

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_UNITS = {word: number for number, word in enumerate(_SMALL) if 0 < number < 10}
_BELOW = {word: number for number, word in enumerate(_SMALL)}
_TEENS = {
    word: number
    for number, word in enumerate(
        ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"), start=13
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
}
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def _compounds() -> dict[str, int]:
    """Give the numbers from 13 to 99 that languages write in one word."""
    german = ("ein", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun")
    german_tens = ("zwanzig", "dreissig", "vierzig", "funfzig", "sechzig", "siebzig", "achtzig", "neunzig")
    dutch = ("een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen")
    dutch_tens = ("twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig")
    italian = ("uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove")
    italian_tens = ("venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta")
    spanish_tens = ("veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
    portuguese_tens = (
        "vinte",
        "trinta",
        "quarenta",
        "cinquenta",
        "sessenta",
        "setenta",
        "oitenta",
        "noventa",
    )
    french_tens = ("vingt", "trente", "quarante", "cinquante", "soixante")
    found: dict[str, int] = {}
    for tens in (german_tens, dutch_tens, italian_tens, spanish_tens, portuguese_tens, french_tens):
        found |= {word: 10 * number for number, word in enumerate(tens, start=2)}
    for number, ten in enumerate(german_tens, start=2):
        found |= {f"{unit}und{ten}": 10 * number + digit for digit, unit in enumerate(german, start=1)}
    for number, ten in enumerate(dutch_tens, start=2):
        found |= {f"{unit}en{ten}": 10 * number + digit for digit, unit in enumerate(dutch, start=1)}
    for number, ten in enumerate(italian_tens, start=2):
        for digit, unit in enumerate(italian, start=1):
            found[(ten[:-1] if unit[0] in "uo" else ten) + unit] = 10 * number + digit
    for digit, unit in enumerate(
        ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"), start=1
    ):
        found[f"veinti{unit}"] = 20 + digit
    for words in (
        "dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn",
        "dertien veertien vijftien zestien zeventien achttien negentien",
        "tredici quattordici quindici sedici diciassette diciotto diciannove",
        "trece catorce quince dieciseis diecisiete dieciocho diecinueve",
        "treze quatorze quinze dezesseis dezessete dezoito dezenove",
        "treize quatorze quinze seize",
    ):
        found |= {word: number for number, word in enumerate(words.split(), start=13)}
    return found


_COMPOUNDS = _compounds()
KEYS = frozenset((*_TEENS, *_TENS, *_SCALES, *_COMPOUNDS))
"""Words without which there is nothing to read: smaller numbers are words on both sides."""


def _below_hundred(words: Sequence[str], index: int) -> tuple[int, int] | None:
    """Read a number below a hundred; give it and where it ends."""
    if index >= len(words):
        return None
    word = words[index]
    if word in _TENS:
        unit = _UNITS.get(words[index + 1]) if index + 1 < len(words) else None
        return (_TENS[word] + unit, index + 2) if unit else (_TENS[word], index + 1)
    number = _TEENS.get(word, _BELOW.get(word))
    if number is None and word.isdecimal() and word.isascii() and len(word) < 3:
        number = int(word)
    return None if number is None else (number, index + 1)


def _read(words: Sequence[str], index: int) -> tuple[int, int] | None:
    """Read the longest number at an index; give it and where it ends."""
    start = index
    total = part = 0
    following = _below_hundred(words, index)
    if following is not None:
        part, index = following
        second = _below_hundred(words, index) if part >= 13 and not words[start].isdecimal() else None
        if second is not None and second[0] >= 10:
            return 100 * part + second[0], second[1]  # "nineteen eighty five"
    elif words[index] == "a" and index + 1 < len(words) and words[index + 1] in _SCALES:
        part, index = 1, index + 1
    elif words[index] in _SCALES:
        part = 1
    else:
        return None
    while index < len(words) and words[index] in _SCALES:
        scale = _SCALES[words[index]]
        part, index = part * scale, index + 1
        if scale >= 1000:
            total, part = total + part, 0
        rest = index + 1 if index < len(words) and words[index] == "and" else index
        following = _below_hundred(words, rest)
        if following is None:
            break
        if following[1] < len(words) and words[following[1]] in _SCALES and scale < 1000:
            break
        part, index = part + following[0], following[1]
    return total + part, index


def join_numbers(words: list[str]) -> list[str]:
    """Write the numbers among canonical words in digits, but for those up to twelve that stand alone."""
    found: list[str] = []
    index = 0
    while index < len(words):
        word = words[index]
        compound = _COMPOUNDS.get(word)
        if compound is not None:
            found.append(str(compound))
            index += 1
            continue
        number = (
            _read(words, index) if word in _BELOW or word in KEYS or word == "a" or word.isdecimal() else None
        )
        if number is None or (number[1] == index + 1 and word not in KEYS):
            found.append(word)
            index += 1
            continue
        value, end = number
        ordinal = _ORDINALS.get(words[end]) if end < len(words) and words[end - 1] in _TENS else None
        if ordinal:
            found.append(f"{value + ordinal}{_ENDINGS.get(ordinal, 'th')}")
            end += 1
        else:
            found.append(str(value))
        index = end
    return found
