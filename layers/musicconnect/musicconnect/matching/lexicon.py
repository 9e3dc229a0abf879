"""The words by which titles tell versions apart, and the words that tell nothing.

Phrases are written as people write them and brought to canonical words when the module is loaded. Several
languages stand side by side: a Spanish upload says ``en vivo`` where an English one says ``live``.
"""

from collections.abc import Iterable
from enum import IntFlag

from musicconnect.matching.text import clean, words


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


_PHRASES: dict[Fact, str] = {
    Fact.LIVE: """live, live at, live from, live in, in concert, concert, concierto, koncert, konzert, en concert,
        unplugged, live session, session, sessions, bbc session, tiny desk, on stage, en vivo, envivo, en directo,
        directo, ao vivo, aovivo, dal vivo, en public, na zywo, naživo, canlı, canli, canlı performans, konser,
        live performance, performing live, performs live, performed live, performance live, perform, performs,
        performed, performing, concert version, on tour, world tour, tour, at the, rehearsal, rehearsals,
        soundcheck, busking, street performance, festival, fest, at glastonbury, live lounge, tv show, tv live,
        tv performance, late night, stadium, arena, ライブ, ライヴ, 生演奏, 現場, 现场, 演唱會, 演唱会, 라이브,
        콘서트, концерт, живое, вживую, лайв, на концерте, выступление, לייב, הופעה, בהופעה, אנפלאגד, בלייב,
        حفلة, حفل, مباشر, live version, concerto dal vivo, liveauftritt, livekonzert, live video, livestream,
        first take, kexp, nrk, colors show, encore""",
    Fact.FOOTAGE: "official live video, official live performance, live music video",
    Fact.ACOUSTIC: """acoustic, acoustics, acoustic version, akustik, akustisch, acustico, acustica, acoustique,
        stripped, stripped down, unplugged version, אקוסטי, акустика, 어쿠스틱, アコースティック""",
    Fact.REMIX: """remix, remixed, remixes, mix, club mix, dub, dub mix, dub version, bootleg, flip, rework,
        reworked, refix, vip, vip mix, house mix, dance mix, megamix, remezcla, リミックス, 리믹스, ремикс, רמיקס,
        ريمكس, remixed by, reprise, disco mix, radio mix, mixed by, drill version, phonk, amapiano version,
        metal version, rock version, reggae version, jazz version, country version, trap version, techno version,
        house version, punk version""",
    Fact.EDIT: "edit, edited, re edit, reedit, edit version, short edit, cut, tv size, short version, tv version",
    Fact.RADIO_EDIT: "radio edit, radio version, single edit, radio cut, 7 inch edit",
    Fact.EXTENDED: """extended, extended mix, extended version, extended remix, long version, 12 inch, 12 mix,
        12 version, maxi, maxi version, maxi single, full length version, uncut, extended edit, xl version""",
    Fact.DEMO: """demo, demos, demo version, early version, work tape, rough mix, home recording, sketch,
        original demo, демо, デモ, 데모, first version, pre production""",
    Fact.INSTRUMENTAL: """instrumental, instrumentals, instrumental version, off vocal, without vocals, no vocals,
        vocals removed, vocal removed, no lead vocals, minus, type beat, beat, インスト, インストゥルメンタル, 伴奏,
        反주, 반주, инструментал, минус, אינסטרומנטלי, instrumentale, instrumentaal, mr removed, inst""",
    Fact.KARAOKE: """karaoke, karaoke version, karaokê, караоке, カラオケ, 노래방, 卡拉ok, ktv, קריוקי, كاريوكي,
        backing track, backing tracks, minus one, playback, sing along version, in the style of, made famous by,
        made popular by, originally performed by, as made famous, sing a long, singalong, instrumental karaoke,
        videoke, backingtrack, jam track, lower key, higher key, play back, sing off""",
    Fact.COVER: """cover, covers, covered, covered by, cover by, cover version, cover song, coverversion, tribute,
        tribute to, tributo, hommage, homenaje, a tribute, cover band, tribute band, ai cover, guitarcover,
        pianocover, drumcover, basscover, кавер, カバー, 커버, 翻唱, קאבר, 歌ってみた, 弾いてみた, 叩いてみた,
        cover de, cover dari, version by, sung by, played by, recreated, remake, impersonator, lookalike, coverby,
        in style of, street version, audition, auditions, the voice, x factor, idol, got talent, school of rock,
        my version of, my cover, female version, male version, gender swap, plays the""",
    Fact.SPED_UP: """sped up, speed up, spedup, speedup, fast version, faster, 1 25 speed, 1 5 speed, speed song,
        pitched, pitched up, high pitch, chipmunk, chipmunks version, tiktok version""",
    Fact.SLOWED: """slowed, slowed down, slowed reverb, slow version, slowed and reverb, slower, chopped and screwed,
        screwed, super slowed, daycore, pitched down, low pitch""",
    Fact.NIGHTCORE: "nightcore, night core, ナイトコア, найткор",
    Fact.EIGHT_D: "8d, 8d audio, 16d, 9d, 3d audio, 8daudio, 360 audio, spatial audio, binaural, 432hz, 432 hz, 528hz",
    Fact.EFFECTS: """bass boosted, bassboosted, bass boost, reverb, reverbed, lofi, lo fi, 8bit, 8 bit, chiptune,
        vaporwave, music box, オルゴール, lullaby, lullaby version, midi, in another room, empty arena, distorted,
        underwater, earrape, autotune, vocoded, 16 bit, synthwave version, hz""",
    Fact.REMASTER: """remaster, remastered, remasters, digitally remastered, digital remaster, digital remastered,
        remastered version, remastering, re mastered, remasterizado, remasterizada, remasterisé, remasterise,
        2 remaster, 24 bit, hi res, new stereo mix, rimasterizzato, リマスター, リマスタリング, ремастер""",
    Fact.RERECORDED: """re recorded, rerecorded, re recording, rerecording, new recording, new version, re record,
        re recorded version, newly recorded, 2nd version, regrabado, nueva version, neuaufnahme,
        neue version, anniversary version""",
    Fact.MONO: "mono, mono version, mono mix, monaural",
    Fact.STEREO: "stereo, stereo version, stereo mix, true stereo, stereo remaster",
    Fact.EXPLICIT: "explicit, explicit version, dirty, uncensored, dirty version, explicit audio",
    Fact.CLEAN: "clean, clean version, censored, radio clean, clean edit, clean audio, clean lyrics",
    Fact.FULL_ALBUM: """full album, full ep, full lp, full concert, full show, full movie, full score, full opera,
        complete album, album completo, disco completo, full soundtrack, playlist, compilation, best of,
        greatest hits, nonstop, non stop, dj mix, dj set, mixtape, top hits, all songs, full cd, discography,
        album sampler, sampler, full live, album stream, ganzes album, полный альбом, álbum completo, and others,
        and many others, full performance, complete, grandes exitos, full version album, song sampler, mixed set""",
    Fact.MEDLEY: "medley, potpourri, pot pourri, メドレー, 메들리, 串燒, попурри, mélange, suite medley",
    Fact.MASHUP: "mashup, mash up, mashups, blend, megamashup, мэшап, vs",
    Fact.REACTION: """reaction, reactions, react, reacts, reacting, first time hearing, first listen, review,
        explained, analysis, breakdown, interview, podcast, commentary, documentary, meaning, ranked, ranking,
        リアクション, 리액션, реакция, talks about, speaks, unboxing, vlog, listening to, lyrics meaning, news""",
    Fact.TUTORIAL: """tutorial, tutorials, lesson, lessons, how to play, how to sing, chords, chord, tabs, tab,
        with tabs, with tab, play along, playalong, sheet music, cifra, aula, learn, synthesia, drumless, drum cam,
        partitura, partition, noten, karaoke chords, teaches, teach, lekcja, урок, разбор, easy piano, backing,
        how it was made, guitar lesson, masterclass, drum tab, bass tab, apprendre, aprender, come suonare,
        fingerstyle, solo score, exercise, workout, ringtone, score animation, score""",
    Fact.TRAILER: """trailer, teaser, preview, snippet, promo, promo video, behind the scenes, making of, making,
        the making, bande annonce, out now, coming soon, sneak peek, clip from, sample, excerpt, excerpts,
        highlights, spot, commercial, advert, tv spot, premiere teaser, 예고, 予告, ticket, bloopers""",
    Fact.A_CAPPELLA: """acapella, a cappella, acappella, a capella, accapella, vocals only, isolated vocals, only vocals,
        vocal only, studio acapella, isolated, stems, multitrack""",
    Fact.ARRANGEMENT: """piano, guitar, violin, ukulele, cello, flute, saxophone, sax, drum, drums, bass, harp, marimba,
        kalimba, accordion, string quartet, strings, organ, harmonica, trumpet, clarinet, banjo, orchestral,
        orchestral version, symphonic, marching band, brass band, orchestra version, piano version, piano solo,
        guitar solo, solo piano, piano cover, guitar cover, string version, arranged, arr, transcription, choir,
        piano duo, duet, dueto, duetto, quartet, ピアノ, 피아노, 钢琴, 鋼琴, пианино, фортепиано, гитара, ギター, keyboard,
        handpan, theremin, bagpipes, vocal coach, choir version, otamatone, beatbox, reprise version""",
    Fact.ALTERNATE: """alternate, alternate take, alternative take, alternate version, alternative version,
        alt version, outtake, outtakes, take 1, take 2, take 3, take 4, take 5, take 6, take 7, take 8, tk1, tk2,
        alternate mix, unreleased, previously unissued version, false start, 78rpm version, different version,
        early take, unreleased version, single mix alternate, alternative mix, remake version, b side version""",
    Fact.PARODY: "parody, parodie, parodia, paródia, weird version, lyrical adaption, in real life, misheard, but",
    Fact.LOOP: """1 hour, 10 hours, 2 hours, 3 hours, 1 hora, 1 h, loop, looped, 1hour, hour loop, 1 hour loop,
        on repeat, 10 hour, 30 minutes, hours, 1시간, 時間耐久, 1 час""",
    Fact.DANCE: """dance practice, choreography, dance cover, zumba, dance video, dance tutorial, dance performance,
        just dance, line dance, 안무, 踊ってみた, coreografia, choreo, amv, fancam, dance version, tiktok dance,
        gameplay, compilation video, reupload edit""",
    Fact.LANGUAGE: """spanish version, english version, japanese version, german version, french version,
        italian version, korean version, chinese version, portuguese version, russian version, en espanol,
        en español, in english, in spanish, in french, in italian, in german, auf deutsch, en francais, en anglais,
        em portugues, in japanese, in korean, version espanol, version en espanol, version francaise, sung in,
        dutch version, swedish version, polish version, arabic version, hebrew version, hindi version, spanglish,
        en ingles, en italiano, mandarin version, cantonese version, tamil version, telugu version, jp version,
        kr version, eng version, cn version, jpn version, 日本語, 日本語版, 日文版, 英語版, 중국어, 일본어, 영어,
        русская версия, на русском, türkçe, turkce, deutsche version, in italiano, englische version""",
    Fact.ORIGINAL: """original mix, original version, album version, lp version, single version, studio version,
        main version, original single version, album mix, single mix, original recording, original audio,
        version originale, original album version, version album, full version, official version, video version,
        version originale, versión original, original, standard version, original studio version,
        studio recording, original radio version, japan version, us version, uk version, studio, final version,
        lyric version, lyrics version, audio version, clip version, movie version, soundtrack version,
        original soundtrack version, digital version, music video version, mv version, cd version,
        deluxe version, bonus version, vinyl version, hq version, hd version, album edit""",
    Fact.OTHER_VERSION: "version, versión, versio, wersja, версия, גרסת, גרסה, バージョン, 버전, nightmare version, edition",
}  # fmt: skip

HARD = (
    Fact.LIVE | Fact.ACOUSTIC | Fact.REMIX | Fact.EDIT | Fact.RADIO_EDIT | Fact.EXTENDED | Fact.DEMO
    | Fact.INSTRUMENTAL | Fact.KARAOKE | Fact.COVER | Fact.SPED_UP | Fact.SLOWED | Fact.NIGHTCORE | Fact.EIGHT_D
    | Fact.EFFECTS | Fact.RERECORDED | Fact.LANGUAGE | Fact.FULL_ALBUM | Fact.MEDLEY | Fact.MASHUP | Fact.REACTION
    | Fact.TUTORIAL | Fact.TRAILER | Fact.A_CAPPELLA | Fact.ARRANGEMENT | Fact.ALTERNATE | Fact.PARODY | Fact.LOOP
    | Fact.DANCE | Fact.OTHER_VERSION
)  # fmt: skip
"""On one side only, any of these makes it another recording, or one that nobody may pick silently."""

SOFT = Fact.MONO | Fact.CLEAN | Fact.FOOTAGE
"""On one side only, these count against a pair without ruling it out."""

_NOISE = """official, officially, oficial, officiel, officielle, offiziell, offizielles, oficjalny, ufficiale,
    resmi, virallinen, oficiální, официальный, официальное, официальная, audio, video, videos, music, musik, musique, musica,
    musicvideo, videoclip, videoklip, clip, clipe, klip, teledysk, mv, m v, m/v, pv, lyric, lyrics, lyrical, letra,
    letras, legendado, tekst, текст, слова, paroles, testo, songtext, sozleri, sözleri, lirik, liriche, kara,
    visualizer, visualiser, visual, visuals, hd, hq, uhd, 4k, 8k, 2k, 1080p, 720p, 480p, 60fps, fullhd, full, high,
    quality, definition, best, sound, song, track, single, album, ep, lp, cd, vinyl, record, records, recording,
    recordings, remastered, remaster, release, released, new, now, premiere, exclusive, topic, vevo, channel, tv,
    youtube, spotify, soundcloud, stream, streaming, free, download, mp3, mp4, mov, avi, wmv, mpg, mpeg, flac, hi fi,
    hifi, with, on, screen, the, a, an, of, by, from, in, and, for, to, feat, subtitulado, subtitulos, subtitles,
    subtitled, subtitle, sub, subs, español, espanol, english, eng, ingles, kor, korean, jpn, romaji, rom, han,
    hangul, translation, traduzione, traduccion, tradução, 가사, 歌詞, 歌词, 動態歌詞, 动态歌词, 字幕, 뮤직비디오, 뮤비, 公式,
    高音質, 完整版, 官方, 官方版, mileym, מילים, הקליפ, הרשמי, קליפ, רשמי, کلیپ, الرسمي, كليب, فيديو, الكليب, رسمي,
    клип, премьера, премьера клипа, премьера трека, prod, produced, producer, prod by, dir, directed, bonus,
    deluxe, expanded, anniversary, edition, reissue, collection, version, original, ost, o s t, soundtrack, motion,
    picture, theme, stereo, 45rpm, 78rpm, 33rpm, rpm, cover art, artwork, static, color, colour, restored,
    upscaled, ai, widescreen, reupload, re upload, complete, intro, only, enhanced, master, hits, hit, 320kbps,
    320, kbps, kb, classic, oldies, ncs, copyright, no, not, pseudo, this, is, my, aka, presents, pres, starring,
    ag, ac, ver, good, great, version oficial, video oficial, legendas, subtitulada, legenda, testi, text, ufficiali, cc,
    side, b, officialvideo, officialmusicvideo, officialaudio, lyricvideo, oficialmusic, tiktok, viral, trending,
    vol, volume, disc, disk, taken, featured, performance, performed, video clip, hdtv, vhs, dvd, bluray, 16mm, film,
    movie, serie, series, tv series, game, anime, opening, ending, op, ed, 主題歌, tie up, cm, demi"""

_STOP = """the, a, an, of, and, to, in, on, for, is, it, at, by, with, from, my, your, you, me, i, be, le, la, les,
    l, un, une, de, du, des, et, en, el, los, las, y, o, e, der, die, das, ein, eine, den, dem, von, im, il, lo, gli,
    i, di, da, del, della, o, os, as, um, uma, do, no, na, och, i, en, ett, het, een, van"""


def _split(text: str) -> Iterable[tuple[str, ...]]:
    for phrase in text.split(","):
        found = tuple(words(clean(phrase.strip())))
        if found:
            yield found


def _index() -> dict[str, list[tuple[tuple[str, ...], Fact]]]:
    """Phrases by their first word, the longest first."""
    index: dict[str, dict[tuple[str, ...], Fact]] = {}
    for fact, text in _PHRASES.items():
        for phrase in _split(text):
            index.setdefault(phrase[0], {})[phrase] = fact
    return {
        first: sorted(phrases.items(), key=lambda item: -len(item[0])) for first, phrases in index.items()
    }


PHRASES_BY_FIRST_WORD = _index()
FIRST_WORDS = frozenset(PHRASES_BY_FIRST_WORD)
NOISE = frozenset(word for phrase in _split(_NOISE) for word in phrase)
STOP = frozenset(word for phrase in _split(_STOP) for word in phrase)
