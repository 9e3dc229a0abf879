"""The names by which titles tell in which language a song is sung."""

from musicconnect.matching.normalization import canonical

_NAMES = {
    "en": "english ingles anglais englische englisch inglese eng",
    "es": "spanish espanol espanola spanische spanisch spagnolo castellano",
    "fr": "french francais francaise franzosisch franzosische francese frances",
    "de": "german deutsch deutsche aleman allemand tedesco",
    "it": "italian italiano italiana italienisch italienische italien",
    "ja": "japanese japones japanisch japanische giapponese jp jpn",
    "ko": "korean coreano koreanisch koreanische kr kor",
    "zh": "chinese mandarin chino chinesisch cn",
    "yue": "cantonese",
    "pt": "portuguese portugues brasileiro brazilian portugiesisch",
    "ru": "russian ruso russisch russische rus",
    "nl": "dutch nederlands nederlandse hollandisch",
    "sv": "swedish svenska svensk schwedisch",
    "pl": "polish polska polski polskie polnisch",
    "ar": "arabic arabe arabisch",
    "he": "hebrew hebraisch",
    "hi": "hindi",
    "tr": "turkish turkce turco turkisch",
    "el": "greek griechisch",
    "hu": "hungarian magyar ungarisch",
    "cs": "czech tschechisch cesky",
    "fi": "finnish suomi finnisch suomeksi",
    "da": "danish dansk danisch",
    "no": "norwegian norsk norwegisch",
    "uk": "ukrainian ukrainisch",
    "th": "thai",
    "ta": "tamil",
    "te": "telugu",
    "kn": "kannada",
    "ml": "malayalam",
    "bn": "bengali",
    "mr": "marathi",
    "pa": "punjabi",
    "id": "indonesian",
    "tl": "tagalog filipino",
    "vi": "vietnamese",
    "ro": "romanian",
    "sr": "serbian",
    "hr": "croatian",
    "ca": "catalan",
    "eu": "basque",
    "ga": "gaelic irish",
    "cy": "welsh",
    "is": "icelandic",
    "la": "latin",
    "fa": "persian farsi",
    "zu": "zulu",
    "sw": "swahili",
}  # fmt: skip

LANGUAGES = {canonical(name): code for code, names in _NAMES.items() for name in names.split()}
"""Canonical word to the code of its language."""

SPELLED_OUT = frozenset(
    name for name in LANGUAGES if len(name) > 3 and name not in {"latin", "irish", "italien"}
)
"""Names that say the language of a recording when they stand alone: abbreviations are mostly of subtitles."""
