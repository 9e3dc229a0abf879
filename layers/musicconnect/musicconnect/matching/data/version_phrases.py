"""The phrases by which titles tell versions apart.

Several languages stand side by side: a Spanish upload says ``en vivo`` where an English one says ``live``.
Phrases are written in lower case and without accents, so that loading costs little more than splitting; other
scripts are marks apart on loading.
"""

from collections.abc import Iterator
from enum import IntFlag

from musicconnect.matching.data.languages import LANGUAGES
from musicconnect.matching.normalization import canonical, words


class Fact(IntFlag):
    """What a title says about which version of the song it is."""

    LIVE = 1 << 0
    ACOUSTIC = 1 << 1
    REMIX = 1 << 2
    EDIT = 1 << 3
    RADIO_EDIT = 1 << 4
    EXTENDED = 1 << 5
    DEMO = 1 << 6
    INSTRUMENTAL = 1 << 7
    KARAOKE = 1 << 8
    COVER = 1 << 9
    SPED_UP = 1 << 10
    SLOWED = 1 << 11
    NIGHTCORE = 1 << 12
    EIGHT_D = 1 << 13
    EFFECTS = 1 << 14
    """Bass boosted, reverb, lo-fi, 8-bit: the recording put through something."""
    REMASTER = 1 << 15
    RERECORDED = 1 << 16
    MONO = 1 << 17
    STEREO = 1 << 18
    EXPLICIT = 1 << 19
    CLEAN = 1 << 20
    LANGUAGE = 1 << 21
    FULL_ALBUM = 1 << 22
    MEDLEY = 1 << 23
    MASHUP = 1 << 24
    REACTION = 1 << 25
    TUTORIAL = 1 << 26
    TRAILER = 1 << 27
    A_CAPPELLA = 1 << 28
    ARRANGEMENT = 1 << 29
    """Somebody plays it on the piano, the ukulele, with an orchestra."""
    ALTERNATE = 1 << 30
    """Another take of the same session."""
    PARODY = 1 << 31
    LOOP = 1 << 32
    DANCE = 1 << 33
    OTHER_VERSION = 1 << 34
    """``Something Version`` with a something that no rule knows."""
    ORIGINAL = 1 << 35
    """``Original Mix``, ``Album Version``: the plain recording, said aloud."""
    FOOTAGE = 1 << 36
    """``Official Live Video``: pictures of a stage, often under the studio recording."""
    DATED = 1 << 37
    """A full date, as bootleggers and broadcasters put in their titles."""


HARD = (
    Fact.LIVE | Fact.ACOUSTIC | Fact.REMIX | Fact.EDIT | Fact.RADIO_EDIT | Fact.EXTENDED | Fact.DEMO
    | Fact.INSTRUMENTAL | Fact.KARAOKE | Fact.COVER | Fact.SPED_UP | Fact.SLOWED | Fact.NIGHTCORE
    | Fact.EIGHT_D | Fact.EFFECTS | Fact.RERECORDED | Fact.LANGUAGE | Fact.FULL_ALBUM | Fact.MEDLEY
    | Fact.MASHUP | Fact.REACTION | Fact.TUTORIAL | Fact.TRAILER | Fact.A_CAPPELLA | Fact.ARRANGEMENT
    | Fact.ALTERNATE | Fact.PARODY | Fact.LOOP | Fact.DANCE | Fact.OTHER_VERSION | Fact.DATED
)  # fmt: skip
"""On one side only, any of these makes it another recording, or one that nobody may pick silently."""

SOFT = Fact.MONO | Fact.CLEAN | Fact.FOOTAGE
"""On one side only, these count against a pair without ruling it out. What is in neither set (remasters,
stereo, explicit, ``original mix``) is the same recording."""

NAMED = Fact.REMIX | Fact.EDIT | Fact.OTHER_VERSION
"""These carry a name in front: whose remix, which version."""

_PHRASES: dict[Fact, str] = {
    Fact.LIVE: """
        live, live at, live from, live in, live on, in concert, concert, concierto, koncert, konzert,
        en concert, unplugged, live session, session, sessions, tiny desk, on stage, en vivo, envivo,
        en directo, directo, ao vivo, aovivo, dal vivo, en public, na zywo, canli, canli performans,
        konser, perform, performs, performing, live performance, live version, concert version, on tour,
        world tour, rehearsal, rehearsals, soundcheck, festival, live lounge, livestream, liveauftritt,
        livekonzert, first take, recorded at, recorded live, award, awards, show, show case, showcase,
        tv show, late night, late show, tonight show, music bank, m countdown, mcountdown, inkigayo,
        인기가요, 뮤직뱅크, top of the pops, top of pops, totp, snl, saturday night live, kexp, npr,
        big weekend, radio 1, bbc radio, tv performance, tv special, tv appearance, vocal performance,
        awards show, half time,
        halftime, super bowl, arena, stadium, amphitheater, halftime show, world tour, talk show, grammys,
        showcase stage, comeback stage, first stage, debut stage, special stage, stage mix, busking,
        performance video version, sbs, mbc, kbs, arirang, mnet, fan meeting,
        무대, 直播, ライブ, ライヴ, 生演奏, 現場, 现场, 演唱會, 演唱会, 라이브, 콘서트,
        концерт, концерте, живое выступление, вживую, лаив, לייב, בלייב, הופעה, בהופעה, אנפלאגד, حفله, حفل
    """,
    Fact.FOOTAGE: "official live video, official live performance, live music video",
    Fact.ACOUSTIC: """
        acoustic, acoustics, accoustic, acoustic version, akustik, akustisch, acustico, acustica,
        acoustique, stripped, stripped down, אקוסטי, акустика, 어쿠스틱, アコースティック
    """,
    Fact.REMIX: """
        remix, remixed, remixes, remixed by, mix, club mix, dub, dub mix, dub version, instrumental mix,
        club version, dance version, bootleg, flip,
        rework, reworked, refix, vip, vip mix, house mix, dance mix, disco mix, mixed by,
        remezcla, リミックス, 리믹스, ремикс, רמיקס, ريمكس
    """,
    Fact.EDIT: """
        edit, re edit, reedit, edit version, short edit, tv size, short version, tv version,
        seven inch, 7inch, 7inch version, 7inch mix, 7inch remix, 7inch edit, 7inch single
    """,
    Fact.RADIO_EDIT: """
        radio edit, radio mix, radio version, single edit, radio cut, uk radio edit, us radio edit
    """,
    Fact.EXTENDED: """
        extended, extended mix, extended version, extended remix, extended edit, long version, twelve inch,
        twelve mix, twelve version, twelve single,
        twelve inch version, twelve inch mix, 12inch, 12inch version, 12inch mix, 12inch remix, 12inch edit,
        12inch single, 12inch extended, 12inch dub, maxi, maxi version, maxi single, full length version,
        uncut
    """,
    Fact.DEMO: """
        demo, demos, demo version, early version, work tape, rough mix, home recording, original demo,
        демо, デモ, 데모
    """,
    Fact.INSTRUMENTAL: """
        instrumental, instrumentals, instrumental version, instrumentale, instrumentaal, inst, off vocal,
        without vocals, no vocals, vocals removed, vocal removed, no lead vocals, type beat, インスト,
        インストゥルメンタル, 伴奏, 반주, инструментал, אינסטרומנטלי
    """,
    Fact.KARAOKE: """
        karaoke, karaoke version, караоке, カラオケ, 노래방, 卡拉 ok, ktv, קריוקי, كاريوكي, минус,
        backing track, backing tracks, backingtrack, minus one, playback, play back, singalong, sing along,
        sing a long, in the style of, in style of, made famous by, made popular by, as made famous,
        originally performed by, videoke, jam track
    """,
    Fact.COVER: """
        cover, covers, covered, covered by, cover by, cover version, cover song, coverversion, coverby,
        tribute, tribute to, tributo, homenaje, cover band, tribute band, ai cover, guitarcover,
        pianocover, drumcover, basscover, кавер, カバー, 커버, 翻唱, קאבר, 歌ってみた, 弾いてみた,
        叩いてみた, version by, sung by, played by, as performed by, performed by, audition, auditions,
        the voice, x factor, american idol, got talent, gender swap, impersonator, remake,
        reimagined, re imagined
    """,
    Fact.SPED_UP: """
        sped up, speed up, spedup, speedup, fast version, faster, 25 speed, five speed, pitched up,
        high pitch, chipmunk, chipmunks version, tiktok version
    """,
    Fact.SLOWED: """
        slowed, slowed down, slow version, slower, chopped and screwed, screwed, daycore, pitched down
    """,
    Fact.NIGHTCORE: "nightcore, night core, ナイトコア, наиткор",
    Fact.EIGHT_D: "8d, 16d, 9d, 3d audio, 360 audio, spatial audio, binaural, 432hz, 432 hz, 528hz, 528 hz",
    Fact.EFFECTS: """
        bass boosted, bassboosted, bass boost, reverb, reverbed, lofi, lo fi, 8bit, eight bit, 16 bit,
        chiptune, vaporwave, music box, オルゴール, lullaby, lullaby version, midi, earrape, hz
    """,
    Fact.REMASTER: """
        remaster, remastered, remasters, digitally remastered, digital remaster, digital remastered,
        remastered version, remastering, re mastered, re mastered digital version, re mastered version,
        remasterizado, remasterizada, remasterise, rimasterizzato, リマスター, ремастер, hd remaster,
        new stereo mix
    """,
    Fact.RERECORDED: """
        re recorded, rerecorded, re recording, rerecording, new recording, new version, re record,
        rerecord, re recorded version, newly recorded, regrabado, nueva version, neuaufnahme, neue version,
        anniversary version
    """,
    Fact.MONO: "mono, mono version, mono mix, monaural",
    Fact.STEREO: "stereo, stereo version, stereo mix, true stereo, stereo remaster",
    Fact.EXPLICIT: "explicit, explicit version, dirty, uncensored, dirty version, explicit audio",
    Fact.CLEAN: """
        clean, clean version, censored, radio clean, clean edit, clean audio,
        clean lyrics, edited, edited version, edited for content, clean radio edit, bleeped, family friendly
    """,
    Fact.FULL_ALBUM: """
        full album, full ep, full lp, full concert, full show, full movie, full opera, complete album,
        album completo, disco completo, full soundtrack, playlist, compilation, best of, greatest hits,
        nonstop, non stop, dj mix, dj set, mixtape, full cd, discography, album sampler, sampler,
        song sampler, ganzes album, полныи альбом, and many others, grandes exitos, album preview
    """,
    Fact.MEDLEY: "medley, potpourri, pot pourri, メドレー, 메들리, 串燒, попурри",
    Fact.MASHUP: "mashup, mash up, mashups, мэшап",
    Fact.REACTION: """
        reaction, reactions, react, reacts, reacting, react to, first time hearing, first listen, review,
        explained, analysis, interview, podcast, commentary, documentary, リアクション, 리액션, реакция,
        unboxing, vlog, lyrics meaning
    """,
    Fact.TUTORIAL: """
        tutorial, tutorials, lesson, lessons, how to play, how to sing, chords, chord, tabs, tab,
        with tabs, with tab, play along, playalong, sheet music, cifra, aula, synthesia, drumless,
        drum cam, easy piano, урок, разбор, masterclass, fingerstyle, come suonare, vocal coach,
        guitar lesson
    """,
    Fact.TRAILER: """
        trailer, teaser, preview, snippet, promo, behind the scenes, making of, the making of,
        bande annonce, excerpt, excerpts, commercial, advert, bloopers, ringtone, 예고, 予告
    """,
    Fact.A_CAPPELLA: """
        acapella, a cappella, acappella, a capella, accapella, vocals only, isolated vocals, only vocals,
        vocal only, studio acapella, stems, multitrack
    """,
    Fact.ARRANGEMENT: """
        piano, guitar, violin, ukulele, cello, flute, saxophone, sax, drum, drums, marimba, kalimba,
        accordion, string quartet, harmonica, trumpet, clarinet, banjo, orchestral, orchestral version,
        symphonic, marching band, brass band, orchestra version, piano version, piano solo, guitar solo,
        solo piano, string version, arranged, arr, transcription, piano duo, choir version, ピアノ, 피아노,
        钢琴, 鋼琴, пианино, фортепиано, гитара, ギター, handpan, theremin, bagpipes, otamatone, beatbox
    """,
    Fact.ALTERNATE: """
        alternate, alternate take, alternative take, alternate version, alternative version, alt version,
        outtake, outtakes, alternate mix, alternative mix, unreleased, false start, 78rpm version,
        different version,
        early take, unreleased version
    """,
    Fact.PARODY: "parody, parody of, parodie, parodia, lyrical adaption of, misheard",
    Fact.LOOP: """
        1 hour, 10 hours, 2 hours, 3 hours, 1 hora, loop, looped, 1hour, hour loop, on repeat, 10 hour
    """,
    Fact.DANCE: """
        dance practice, choreography, dance cover, zumba, dance tutorial, line dance, 안무, 踊ってみた,
        coreografia, amv, fancam, gameplay
    """,
    Fact.ORIGINAL: """
        original mix, original version, album version, lp version, single version, studio version,
        main version, original single version, album mix, single mix, original recording, original audio,
        version originale, original album version, version album, full version, official version,
        video version, version original, original, standard version, original studio version,
        studio recording, studio, final version, lyric version, lyrics version, audio version,
        clip version, movie version, album edit, soundtrack version, original soundtrack version,
        digital version, music video version, mv version, cd version, deluxe version, bonus version,
        vinyl version, hq version, hd version, video edit
    """,
    Fact.OTHER_VERSION: """
        version, versio, wersja, версия, גרסת, גרסה, バージョン, 버전, duet, dueto, duetto, reprise
    """,
    # Phrases of these scripts that say nothing: they are recognised as a whole, and count as explained.
    Fact(0): """
        가사, 歌詞, 歌词, 動態歌詞, 动态歌词, 字幕, 뮤직비디오, 뮤비, 公式, 高音質, 完整版, 官方, 官方版,
        主題歌, 主题曲, 主題曲, 中文字幕, 한글, 번역, 和訳, 日本語字幕, ミュージックビデオ, ビデオ, フル
    """,
}  # fmt: skip


def _spell(phrase: str) -> tuple[str, ...]:
    return tuple(map(canonical, phrase.split())) if phrase.isascii() else tuple(words(phrase))


def _phrases() -> Iterator[tuple[tuple[str, ...], Fact]]:
    for fact, text in _PHRASES.items():
        for phrase in text.split(","):
            yield _spell(phrase.strip()), fact
    for number in range(1, 41):
        yield _spell(f"take {number}"), Fact.ALTERNATE
        yield (f"tk{number}",), Fact.ALTERNATE
    for language in LANGUAGES:
        yield _spell(f"{language} version"), Fact.LANGUAGE
        yield _spell(f"version {language}"), Fact.LANGUAGE
        for before in ("in", "en", "em", "auf"):
            for phrase in (
                f"{before} {language}",
                f"version {before} {language}",
                f"sung {before} {language}",
            ):
                yield _spell(phrase), Fact.LANGUAGE


def _index() -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """Phrases by their first word, the longest first. Plain integers, since flags are slow to add up."""
    index: dict[str, dict[tuple[str, ...], int]] = {}
    for phrase, fact in _phrases():
        index.setdefault(phrase[0], {})[phrase] = int(fact)
    return {
        first: sorted(phrases.items(), key=lambda item: -len(item[0])) for first, phrases in index.items()
    }


PHRASES_BY_FIRST_WORD = _index()
FIRST_WORDS = frozenset(PHRASES_BY_FIRST_WORD)
PHRASES = {phrase: meaning for phrases in PHRASES_BY_FIRST_WORD.values() for phrase, meaning in phrases}
SIZES_BY_FIRST_WORD = {
    first: tuple(dict.fromkeys(len(phrase) for phrase, _ in phrases))
    for first, phrases in PHRASES_BY_FIRST_WORD.items()
}
"""How many words the phrases have that begin with a word, the longest first."""
SECOND_WORDS = {
    first: frozenset()
    if any(len(phrase) == 1 for phrase, _ in phrases)
    else frozenset(phrase[1] for phrase, _ in phrases)
    for first, phrases in PHRASES_BY_FIRST_WORD.items()
}
"""The second words of the phrases that begin with a word; none where the word is a phrase by itself."""
