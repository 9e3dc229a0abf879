"""Words that weigh little or nothing in a comparison, and words that say what kind of thing it is."""

from musicconnect.matching.normalization import canonical, is_number


def word_set(text: str) -> frozenset[str]:
    """Words written one after the other, as canonical words."""
    return frozenset(map(canonical, text.split()))


NOISE = word_set(
    """
    official officially oficial officiel officielle offiziell offizielles oficjalny ufficiale ufficiali
    resmi virallinen oficialni официальныи официальное официальная audio video videos music musik musique
    musica muzik muzika musicvideo videoclip videoklip clip clipe klip teledysk mv m v pv lyric lyrics
    lyrical letra letras legendado legendada legenda legendas tekst текст слова paroles testo testi
    songtext sozleri lirik kara visualizer visualiser visual visuals hd hq uhd 4k 8k 2k 1080p 720p 480p
    60fps fullhd full high quality definition best sound song track single album ep lp cd vinyl record
    records recording recordings release released new now premiere exclusive topic vevo channel tv youtube
    spotify soundcloud stream streaming free download mp3 mp4 mov avi wmv mpg mpeg flac hi fi hifi on
    screen the a an of by from in and for to feat with subtitulado subtitulada subtitulos subtitles
    subtitled subtitle sub subs espanol espanola english eng ingles kor korean jpn romaji rom han hangul
    translation traduzione traduccion traducao מילים הקליפ הרשמי קליפ רשמי הרשמית الرسمي كليب فيديو الكليب
    رسمي клип премьера клипа трека prod produced producer dir directed bonus deluxe expanded anniversary
    edition reissue collection ost soundtrack motion picture theme 45rpm 78rpm 33rpm rpm artwork static
    color colr restored upscaled ai widescreen reupload re upload complete only enhanced master hits hit
    320kbps 320 kbps kb classic oldies ncs copyright no not this is aka presents pres starring ac good
    great text cc side officialvideo officialmusicvideo officialaudio lyricvideo viral trending volume
    disc disk marks featured performance performed sings sing singing sang canta cantan cantano cantando singt
    chante plays playing played by por hdtv
    vhs dvd bluray film movie serie series opening
    ending op ed cm vdeo vid videolyric lyricsvideo avec met og cu
    """
)
"""Say nothing about which recording it is."""

STOP = word_set(
    """
    the a an of and to in on for is it at by with from my your you me i be le la les l un une de du des et
    en el los las y o e der die das ein eine den dem von im il lo gli di da del della os as um uma do no
    na och ett het een van s t so our his her their we us just hey oh ooh
    """
)
"""Weigh less than other words of a title."""

GENERIC = word_set(
    """
    and his her their the orchestra band trio quartet quintet sextet septet octet ensemble group cast star
    stars all chorus choir singers players duo boys girls brothers sisters feat with of a de y et und los
    las les le la der die project experience symphony philharmonic chamber st dj mc mr sr jr mister big
    original conductor combo foursome ensemble orquesta orchestre orchester orkester orkest cuarteto quarteto
    quartett quinteto quintett sexteto sextett septett oktett quatuor coro choeur chor conjunto grupo gruppe
    kapelle bigband soloists
    """
)
"""Words of artists' names that many of them share."""

CLASSICAL = word_set(
    """
    symphony symphonie sinfonia sonata sonate sonatina concerto allegro allegretto andante andantino
    adagio largo larghetto presto vivace moderato menuetto minuet menuet scherzo rondo finale maestoso
    cantabile op bwv kv hob hwv rv woo trv sv mwv act atto akt aria prelude preludes fugue fuga etude
    etudes nocturne nocturnes requiem cantata missa mass kyrie gloria credo sanctus agnus magnificat motet
    madrigal divertimento serenade suite partita overture ouverture quartet quintet quatuor lied lieder
    recitative recitativo canon ricercar toccata capriccio fantasia fantasie impromptu intermezzo
    variations bourree gigue gavotte sarabande courante allemande passacaglia chaconne nozze opera major
    minor dur moll
    """
)
"""Two of these in a title make it a classical work, whose composer is named like a performer."""

MONTHS = word_set(
    """
    january february march april june july august september october november december jan feb mar apr jun
    jul aug sep sept oct nov dec enero febrero marzo abril mayo junio julio agosto septiembre octubre
    noviembre diciembre januar februar marz mai juni juli oktober dezember
    """
)

GUESTS = word_set("feat with mit con avec med")
"""Words that introduce guests when they open a bracket."""

TIES = word_set(
    """
    from ost soundtrack film movie records recordings recording record release label album lp ep vinyl 45rpm
    78rpm 78s series serie anime opening ending theme netflix disney trilha filme pelicula aus du de
    lyrics lyric letra letras paroles testo subtitulado subtitulada traducida traducido traduccion legendado
    translation sub subs cc hd hq 4k prod produced producer dir directed director composed written
    """
)
"""Words of the part of a title that says where the recording comes from, or what the picture shows."""

COUNTED = frozenset(
    ("part", "no", "volume", "chapter", "act", "movement", "book", "take", "episode", "track", "parts")
)
"""Words before a number that makes another piece of the same name."""

CATALOGUES = frozenset(
    ("op", "bwv", "k", "hob", "hwv", "rv", "woo", "trv", "sv", "mwv", "d", "major", "minor", "flat", "sharp")
)
"""Words that accompany the numbers of classical works and are often left out."""


def weigh(word: str) -> float:
    """Weigh a word of a title."""
    return 0.3 if word in STOP or word.isdigit() else 1.0


def weigh_in_work(word: str) -> float:
    """Weigh a word of a classical work, where numbers are the name: opus, catalogue, movement."""
    return 1.2 if is_number(word) else 0.3 if word in STOP or word in CATALOGUES else 1.0
