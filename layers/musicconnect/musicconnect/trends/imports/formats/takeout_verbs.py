"""What Google Takeout writes around the title of a watched video, in the languages of an account. Pure.

Takeout's JSON puts the verb into the title ("Watched Low Tide", "Low Tide angesehen"). Which verbs a file has
is counted over its head: those of the table first, then what titles of several channels have in common, for
languages that the table does not know. An account whose language was changed has several.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

type Verb = tuple[str, str]
"""What stands before a title, and behind it."""

# Of watching; {} is the title.
_WATCHED: Final = """
    Watched {} | „{}“ angesehen | „{}" angesehen | "{}" angesehen | {} angesehen |
    Vous avez regardé la vidéo {} | Vous avez regardé {} | A regardé {} | Has visto el vídeo {} |
    Has visto el video {} | Has visto {} | Viste {} | Miraste {} | Hai guardato il video {} |
    Hai guardato {} | Hai visto {} | Você assistiu ao vídeo {} | Você assistiu a {} |
    Você assistiu {} | Assistiu ao vídeo {} | Assistiu a {} | Assistiu {} | Viu o vídeo {} | Viu {} |
    Visualizou {} | Je hebt {} bekeken | Je hebt naar {} gekeken | {} bekeken | Obejrzano film {} |
    Obejrzano: {} | Obejrzano {} | Obejrzałeś {} | Obejrzałaś {} | Вы посмотрели видео "{}" |
    Вы посмотрели видео «{}» | Вы посмотрели видео {} | Вы посмотрели {} | Смотрели {} |
    Просмотрено: {} | Просмотрено {} | Переглянуто: {} | Переглянуто {} | Ви переглянули відео "{}" |
    Ви переглянули {} | {} adlı videoyu izlediniz | {} videosunu izlediniz | {} izlendi |
    {} izlediniz | Anda menonton {} | Telah menonton {} | Ditonton {} | Menonton {} |
    Anda menonton video {} | Menonton video {} | Ditonton: {} | Đã xem {} | Bạn đã xem {} |
    คุณดู {} | ดู {} | รับชม {} | ดูแล้ว {} | 「{}」を視聴しました | {} を視聴しました |
    {}を視聴しました | {} を再生しました | {}을(를) 시청했습니다. | {}을(를) 시청했습니다 |
    {}을(를) 시청함 | {} 시청함 | {}을 시청했습니다. | {}를 시청했습니다. | 已觀看「{}」 |
    已觀看 {} | 已觀看{} | {} 已觀看 | 觀看了「{}」 | 觀看了 {} | 觀看了{} | 已观看“{}” | 已观看 {} |
    已观看{} | 观看了“{}” | 观看了 {} | 观看了{} | {} 观看过 | Zhlédnuto: {} | Zhlédnuto {} |
    Zhlédli jste video {} | Zhlédli jste {} | Pozreté: {} | Pozreli ste si video {} |
    Pozreli ste si {} | Du har tittat på {} | Tittade på {} | Du tittade på {} | Har tittat på {} |
    Du så {} | Du har set {} | Så {} | Du har sett på {} | Du har sett {} | Så på {} | Sett {} |
    Har set {} | Katsottu: {} | Katsottu {} | Katsoit videon {} | Katsoit {} | Megtekintve: {} |
    Megnézte: {} | Megtekintett videó: {} | Megtekintette: {} | Ați vizionat videoclipul {} |
    Ați vizionat {} | Ai vizionat {} | A vizionat {} | Έγινε προβολή του βίντεο {} |
    Έγινε προβολή: {} | Παρακολουθήσατε το {} | Παρακολουθήσατε {} | Гледахте {} | Изгледахте {} |
    Pogledano: {} | Gledali ste {} | Pogledali ste {} | תמת צפייה ב-{} | צפית ב-{} | צפית ב{} |
    تمت مشاهدة {} | شاهدت {} | لقد شاهدت {} | Has mirat {} | Heu vist {} | Heu mirat {} |
    Peržiūrėta: {} | Žiūrėjote {} | {} देखा | {} देखा गया | Menonton: {} | Pinanood ang {}
"""
# Of everything else that one's activity on YouTube lists. These are no starts.
_OTHER: Final = """
    Liked {} | Disliked {} | Viewed {} | Visited {} | Searched for {} | Saved {} | Subscribed to {} |
    Unsubscribed from {} | Answered {} | Commented on {} | Added {} | Voted on {} | Shared {} |
    Used {} | Played {} on Playables | Mag ich: {} | {} positiv bewertet | {} negativ bewertet |
    {} geliked | {} gesucht | {} besucht | {} abonniert | {} gespeichert | {} mag ich |
    {} gefällt mir | Gesucht nach: {} | {} aufgerufen | Umfrage beantwortet{} | Vous avez aimé {} |
    Vous n'avez pas aimé {} | Vous avez recherché {} | Vous avez consulté {} |
    Vous vous êtes abonné à {} | A aimé {} | Vous avez indiqué que vous aimez {} | Te ha gustado {} |
    Te gustó {} | No te ha gustado {} | Has buscado {} | Has visitado {} | Te has suscrito a {} |
    Buscaste {} | Indicaste que te gusta {} | Has indicado que te gusta {} | Ti è piaciuto {} |
    Hai messo Mi piace a {} | Hai cercato {} | Hai visitato {} | Gostou de {} | Você gostou de {} |
    Marcou como gostei {} | Marcou "Gostei" em {} | Pesquisou {} | Visitou {} | Curtiu {} |
    Você curtiu {} | Je vindt {} leuk | Je hebt {} leuk gevonden | {} leuk gevonden |
    Je hebt gezocht naar {} | Je hebt {} bezocht | Polubiono {} | Polubiono: {} | Wyszukano {} |
    Odwiedzono {} | Podoba Ci się {} | Вам понравилось видео {} | Вам понравилось {} |
    Понравилось {} | Вы искали {} | Вы посетили {} | Вы поставили отметку "Нравится" видео {} |
    Поставили лайк {} | {} beğenildi | {} adlı videoyu beğendiniz | {} arandı | {} ziyaret edildi |
    {} için arama yapıldı | Menyukai {} | Anda menyukai {} | Menelusuri {} | Đã thích {} |
    Đã tìm kiếm {} | Đã truy cập {} | ชอบ {} | คุณชอบ {} | ค้นหา {} | {} を高く評価しました |
    {}を高く評価しました | {} を低く評価しました | {}を低く評価しました | {} を検索しました |
    {}を検索しました | {} にアクセスしました | {}にアクセスしました | {}을(를) 좋아합니다. |
    {}에 좋아요 표시함 | {}을(를) 좋아함 | {}을(를) 검색했습니다. | {} 검색함 |
    {}을(를) 방문했습니다. | 喜歡 {} | 喜歡「{}」 | 已對「{}」按讚 | 喜欢 {} | 顶了 {} | 赞了 {} |
    搜尋了 {} | 搜索了 {} | 訪問了 {} | 访问了 {} | Gillade {} | Du gillade {} | Sökte efter {} |
    Besökte {} | Synes godt om {} | Du kunne godt lide {} | Likte {} | Du likte {} | Søgte efter {} |
    Søkte etter {} | Tykkäsit {} | Pidit videosta {} | Haettu: {} | Líbí se vám {} |
    Označeno jako Líbí se mi: {} | Vyhledáno: {} | Navštíveno: {} | Ți-a plăcut {} | Σας άρεσε {} |
    أعجبك {} | بحثت عن {} | T'ha agradat {}
"""


def _verbs(table: str) -> tuple[Verb, ...]:
    pairs = (one.strip().partition("{}") for one in table.replace("\n", " ").split("|"))
    return tuple((before, behind) for before, mark, behind in pairs if mark)


WATCHED: Final = _verbs(_WATCHED)
OTHER_ACTIVITY: Final = _verbs(_OTHER)

MIN_TITLES: Final = 5
"""Different titles, of `MIN_CHANNELS` channels at least, that are needed to learn what they share."""
MIN_CHANNELS: Final = 3
MIN_SHARE: Final = 0.4
"""Of the titles whose verb the table does not know: more share a verb than a word that songs begin with."""


def matches(title: str, verb: Verb) -> bool:
    """Whether a title is written with a verb, and something is left."""
    return len(title) > len(verb[0]) + len(verb[1]) and title.startswith(verb[0]) and title.endswith(verb[1])


def strip(title: str, verbs: Sequence[Verb]) -> str | None:
    """Give the title without the first of the verbs that it has; None if it has none."""
    for verb in verbs:
        if matches(title, verb):
            return title[len(verb[0]) : len(title) - len(verb[1])].strip()
    return None


def learn(titles: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Find the verbs of a file by some of its titles and their channels, the most frequent first.

    Gives pairs of lists, as JSON keeps them; `strip` takes them as tuples.
    """
    known: Counter[Verb] = Counter()
    unknown: dict[str, str] = {}
    for title, channel in set(titles):
        found = [verb for verb in WATCHED if matches(title, verb)]
        if found:
            # The longest one is meant: a shorter one leaves a part of it in the title.
            known[max(found, key=lambda verb: len(verb[0]) + len(verb[1]))] += 1
        elif not any(matches(title, verb) for verb in OTHER_ACTIVITY):
            unknown[title] = channel
    ordered: list[Verb] = []
    # Where a title fits two verbs, the file's own is meant: "Watched You angesehen" in a German file.
    for verb, count in known.most_common():
        # Quotes around a title are the verb's, unless hardly any title has them.
        longer = [one for one in known if _extends(one, verb) and 10 * known[one] >= count]
        ordered += [one for one in [*longer, verb] if one not in ordered]
    return [list(verb) for verb in [*ordered, *_common(unknown)]]


def _extends(longer: Verb, verb: Verb) -> bool:
    return longer != verb and longer[0].startswith(verb[0]) and longer[1].endswith(verb[1])


def _common(titles: dict[str, str]) -> list[Verb]:
    """Find what many titles of different channels begin and end with."""
    found: list[Verb] = []
    while len(titles) >= MIN_TITLES:
        verb = _shared(titles)
        if verb is None:
            break
        found.append(verb)
        titles = {title: channel for title, channel in titles.items() if not matches(title, verb)}
    return found


_BEFORE: Final = re.compile(r"[\s:\"«„“「]")
_BEHIND: Final = re.compile(r"[\s\"»”“」]")


def _shared(titles: dict[str, str]) -> Verb | None:
    before = _affix(titles, _BEFORE, from_end=False)
    rest = (
        {title: channel for title, channel in titles.items() if title.startswith(before)}
        if before
        else titles
    )
    behind = _affix(rest, _BEHIND, from_end=True)
    return (before, behind) if before or behind else None


def _affix(titles: dict[str, str], edge: re.Pattern[str], *, from_end: bool) -> str:
    """Find the longest beginning, or end, at the edge of a word that enough titles share."""
    channels: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for title, channel in titles.items():
        for found in (
            edge.finditer(title, 0, 80) if not from_end else edge.finditer(title, max(0, len(title) - 80))
        ):
            affix = title[found.start() :] if from_end else title[: found.end()]
            if len(affix) < len(title):
                counts[affix] += 1
                channels[affix].add(channel)
    enough = [
        affix
        for affix, count in counts.items()
        if count >= max(MIN_TITLES, MIN_SHARE * len(titles)) and len(channels[affix]) >= MIN_CHANNELS
    ]
    if not enough:
        return ""
    most = max(counts[affix] for affix in enough)
    return max((affix for affix in enough if counts[affix] >= 0.9 * most), key=len)


def titles_of(records: Iterable[Any]) -> Iterable[tuple[str, str]]:
    """Give titles and channels of rows that are still there."""
    for record in records:
        if not isinstance(record, dict) or not isinstance(title := record.get("title"), str):
            continue
        channels = record.get("subtitles")
        if isinstance(channels, list) and channels and isinstance(channels[0], dict):
            yield title, str(channels[0].get("url") or channels[0].get("name"))
