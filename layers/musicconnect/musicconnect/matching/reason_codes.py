"""Tell a match's reasons as codes with parameters, for programs, beside the sentences for people. Pure.

The matcher states its reasons as sentences, and they are stored so. Here each has a stable code, what it is
about, and whether it speaks for or against the match; a sentence that is not known is ``other``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

type Sign = Literal["for", "against", "open"]
"""``open``: nothing was compared, or a person decided."""
type About = Literal[
    "title",
    "artist",
    "album",
    "version",
    "length",
    "words",
    "guests",
    "rival",
    "search",
    "person",
    "store",
    "other",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason."""

    code: str
    """Stable."""
    about: About
    sign: Sign
    text: str
    """The sentence."""
    params: Mapping[str, Any] = field(default_factory=dict)


def _listed(text: str) -> list[str]:
    return text.split(", ")


NOT_IN_CATALOGUE: Final = "not-in-catalogue"
"""An open catalogue does not have it: people can add it there."""
type _Params = Callable[[re.Match[str]], dict[str, Any]]


def _none(_: re.Match[str]) -> dict[str, Any]:
    return {}


def _versions(found: re.Match[str]) -> dict[str, Any]:
    return {"versions": _listed(found[1])}


_PATTERNS: Final[tuple[tuple[str, str, About, Sign, _Params], ...]] = (
    (
        r"only one of them is (clean|explicit)",
        "words-differ",
        "words",
        "against",
        lambda found: {"words": found[1]},
    ),
    (r"it is the (clean|explicit) version", "words-unwanted", "words", "against",
     lambda found: {"words": found[1]}),
    (r"only one of them is: (.+)", "version-of-one", "version", "against", _versions),
    (r"only the album of one of them says: (.+)", "version-of-album", "version", "against", _versions),
    (
        r"different (.+): (.*) / (.*)",
        "version-other",
        "version",
        "against",
        lambda found: {"versions": _listed(found[1]), "names": [found[2], found[3]]},
    ),
    (r"only one of them says whose (.+) it is", "version-unnamed", "version", "against", _versions),
    (r"the versions' names differ in part", "version-names-differ", "version", "against", _none),
    (r"live (?:in|on|at) different (years|days|places)", "concert-other", "version", "against",
     lambda found: {"what": found[1]}),
    (r"only one of them says where or when it was played", "concert-unnamed", "version", "against", _none),
    (r"takes of different numbers", "take-other", "version", "against", _none),
    (r"only one of them has a number", "take-unnumbered", "version", "against", _none),
    (r"the titles differ in part", "title-in-part", "title", "against", _none),
    (r"another title", "title-other", "title", "against", _none),
    (r"the title is written in another script, or translated", "title-translated", "title", "against", _none),
    (r"another artist is named", "artist-other", "artist", "against", _none),
    (r"another artist performs it", "artist-performs-other", "artist", "against", _none),
    (r"another main artist is named", "artist-main-other", "artist", "against", _none),
    (r"the artist is named in brackets only", "artist-in-brackets", "artist", "against", _none),
    (r"the artist's name is there only in part", "artist-in-part", "artist", "against", _none),
    (r"the artist's name is written in another script", "artist-in-script", "artist", "against", _none),
    (r"the name is the same", "artist-same-name", "artist", "for", _none),
    (r"both have published: (.+)", "artist-same-titles", "artist", "for",
     lambda found: {"titles": _listed(found[1])}),
    (r"only the name says that it is the same artist", "artist-name-only", "artist", "against", _none),
    (r"the barcode is the same", "album-same-barcode", "album", "for", _none),
    (r"artist, title, year and number of tracks are the same", "album-same-facts", "album", "for", _none),
    (r"the barcode is the same, and neither title nor artist is", "album-barcode-only", "album", "against",
     _none),
    (r"it has another barcode", "album-other-barcode", "album", "against", _none),
    (r"it is another edition", "album-other-edition", "album", "against", _none),
    (r"it was released in another year", "album-other-year", "album", "against", _none),
    (r"it has (\d+) tracks instead of (\d+)", "album-other-tracks", "album", "against",
     lambda found: {"tracks": [int(found[1]), int(found[2])]}),
    (r"too little is told of one of them", "album-untold", "album", "against", _none),
    (r"of an album by various artists only the barcode says which it is", "album-of-various", "album",
     "against", _none),
    (r"several albums are the same in this", "album-several", "album", "against", _none),
    (r"the channel is not the artist's", "channel-other", "artist", "against", _none),
    (r"the artist is not named", "artist-unnamed", "artist", "against", _none),
    (r"the performer is not named, and such works have many recordings", "performer-unnamed", "artist",
     "against", _none),
    (r"a guest is named whom the other does not have", "guest-other", "guests", "against", _none),
    (r"a guest is missing", "guest-missing", "guests", "against", _none),
    (r"the lengths differ", "length-differs", "length", "against", _none),
    (r"another recording scores as high", "rival-as-high", "rival", "against", _none),
    (r"nothing was found", "nothing-found", "search", "against", _none),
    (r"it is not in (.+), where you can add it", NOT_IN_CATALOGUE, "search", "against",
     lambda found: {"catalogue": found[1]}),
    (r"the search was refused: (.*)", "search-refused", "search", "open",
     lambda found: {"message": found[1]}),
    (r"the file names it", "named-by-file", "search", "for", _none),
    (r"the upload itself says what it is, in a label's words", "art-track", "store", "for", _none),
    (r"found before, for this recording", "found-before", "store", "for", _none),
    (r"your own choice", "own-choice", "person", "for", _none),
    (r"left out: you said that it does not exist there", "left-out", "person", "open", _none),
    (r"somebody replaced this match", "replaced-by-somebody", "person", "against", _none),
    (r"somebody chose it", "chosen-by-somebody", "person", "for", _none),
    (r"people chose it", "chosen-by-people", "person", "for", _none),
    (r"what was found before is no longer there", "target-gone", "store", "open", _none),
)  # fmt: skip
_COMPILED: Final = tuple(
    (re.compile(text), code, about, sign, params) for text, code, about, sign, params in _PATTERNS
)
CODES: Final = (*(entry[1] for entry in _PATTERNS), "other")
"""Every code there is."""


def read(text: str) -> Reason:
    """Give the code, subject and sign of a sentence."""
    for pattern, code, about, sign, params in _COMPILED:
        if (found := pattern.fullmatch(text)) is not None:
            return Reason(code, about, sign, text, params(found))
    return Reason("other", "other", "against", text)


def codes(texts: Iterable[str]) -> list[str]:
    """List the codes of sentences, each once."""
    return list(dict.fromkeys(read(text).code for text in texts))
