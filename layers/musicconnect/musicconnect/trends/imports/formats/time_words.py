"""Words of times in the languages of exporters: months, halves of the day, abbreviations of zones.

Names are compared without case and without a full stop. Sources: Unicode CLDR's abbreviated and full month
names; the abbreviations that exporters of the public forms write (docs/trends.md).
"""

from typing import Final

# One line a language, January to December; several names of a month are separated by a slash.
_MONTHS: Final = """
january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct november/nov december/dec
januar/jan/jän/jänner februar/feb märz/mär/mrz april/apr mai juni/jun juli/jul august/aug september/sep/sept oktober/okt november/nov dezember/dez
janvier/janv février/févr/fév mars avril/avr mai juin juillet/juil août septembre/sept octobre/oct novembre/nov décembre/déc
enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/sep/sept/setiembre/set octubre/oct noviembre/nov diciembre/dic
gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set ottobre/ott novembre/nov dicembre/dic
janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out novembro/nov dezembro/dez
januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep oktober/okt november/nov december/dec
styczeń/stycznia/sty luty/lutego/lut marzec/marca/mar kwiecień/kwietnia/kwi maj/maja czerwiec/czerwca/cze lipiec/lipca/lip sierpień/sierpnia/sie wrzesień/września/wrz październik/października/paź listopad/listopada/lis grudzień/grudnia/gru
январь/января/янв февраль/февраля/февр/фев март/марта/мар апрель/апреля/апр май/мая июнь/июня/июн июль/июля/июл август/августа/авг сентябрь/сентября/сент/сен октябрь/октября/окт ноябрь/ноября/нояб/ноя декабрь/декабря/дек
січень/січня/січ лютий/лютого/лют березень/березня/бер квітень/квітня/квіт травень/травня/трав червень/червня/черв липень/липня/лип серпень/серпня/серп вересень/вересня/вер жовтень/жовтня/жовт листопад/листопада/лист грудень/грудня/груд
ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki kasım/kas aralık/ara
januari/jan februari/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sep/sept oktober/okt november/nov december/dec
januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep/sept oktober/okt november/nov december/dec
januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep/sept oktober/okt november/nov desember/des
tammikuuta/tammik/tammi helmikuuta/helmik/helmi maaliskuuta/maalisk/maalis huhtikuuta/huhtik/huhti toukokuuta/toukok/touko kesäkuuta/kesäk/kesä heinäkuuta/heinäk/heinä elokuuta/elok/elo syyskuuta/syysk/syys lokakuuta/lokak/loka marraskuuta/marrask/marras joulukuuta/jouluk/joulu
ledna/led/leden února/úno/únor března/bře/březen dubna/dub/duben května/kvě/květen června/čvn/červen července/čvc/červenec srpna/srp/srpen září/zář října/říj/říjen listopadu/lis/listopad prosince/pro/prosinec
ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept octombrie/oct noiembrie/nov/noi decembrie/dec
január/jan február/febr/feb március/márc/már április/ápr május/máj június/jún július/júl augusztus/aug szeptember/szept október/okt november/nov december/dec
ιανουαρίου/ιαν φεβρουαρίου/φεβ μαρτίου/μαρ απριλίου/απρ μαΐου/μαΐ ιουνίου/ιουν ιουλίου/ιουλ αυγούστου/αυγ σεπτεμβρίου/σεπ οκτωβρίου/οκτ νοεμβρίου/νοε δεκεμβρίου/δεκ
januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt september/sep oktober/okt november/nov desember/des
gener/gen febrer/febr març abril/abr maig juny juliol/jul agost/ag setembre/set octubre/oct novembre/nov desembre/des
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
ינואר/ינו פברואר/פבר מרץ אפריל/אפר מאי יוני יולי אוגוסט/אוג ספטמבר/ספט אוקטובר/אוק נובמבר/נוב דצמבר/דצמ
มกราคม/ม.ค กุมภาพันธ์/ก.พ มีนาคม/มี.ค เมษายน/เม.ย พฤษภาคม/พ.ค มิถุนายน/มิ.ย กรกฎาคม/ก.ค สิงหาคม/ส.ค กันยายน/ก.ย ตุลาคม/ต.ค พฤศจิกายน/พ.ย ธันวาคม/ธ.ค
जनवरी/जन॰ फ़रवरी/फ़र॰ मार्च अप्रैल/अप्रै मई जून जुलाई/जुल अगस्त/अग सितंबर/सित अक्टूबर/अक्टू नवंबर/नव दिसंबर/दिस
"""  # noqa: E501 - a table


def _month_numbers() -> dict[str, int]:
    numbers: dict[str, int] = {}
    for language in _MONTHS.strip().splitlines():
        for number, names in enumerate(language.split(), 1):
            for name in names.split("/"):
                # Croatian and Czech disagree about "listopad"; the first language of the table wins.
                numbers.setdefault(name.casefold(), number)
    return numbers


MONTHS: Final = _month_numbers()

AM: Final = frozenset({
    "am", "a.m", "오전", "上午", "午前", "凌晨", "早上", "öö", "ص", "π.μ", "sa", "पूर्वाह्न", "a. m",
})  # fmt: skip
PM: Final = frozenset({
    "pm", "p.m", "오후", "下午", "午後", "中午", "晚上", "ös", "م", "μ.μ", "ch", "अपराह्न", "p. m",
})  # fmt: skip

# Minutes east of Greenwich. Where an abbreviation means several, all of them, the most used first.
ZONES: Final[dict[str, tuple[int, ...]]] = {
    "z": (0,), "utc": (0,), "gmt": (0,), "wez": (0,), "wet": (0,), "ut": (0,),
    "غرينتش": (0,), "协调世界时": (0,),
    "west": (60,),
    "wesz": (60,), "bst": (60, 360), "cet": (60,), "mez": (60,), "cest": (120,), "mesz": (120,),
    "eet": (120,), "oez": (120,), "eest": (180,), "oesz": (180,), "msk": (180,), "мск": (180,), "trt": (180,),
    "ist": (330, 60, 120), "idt": (180,), "sast": (120,), "wat": (60,), "cat": (120,), "eat": (180,),
    "gst": (240,), "pkt": (300,), "npt": (345,), "wib": (420,), "ict": (420,), "wita": (480,), "wit": (540,),
    "hkt": (480,), "sgt": (480,), "pht": (480,), "awst": (480,), "jst": (540,), "kst": (540,), "acst": (570,),
    "aest": (600,), "acdt": (630,), "aedt": (660,), "nzst": (720,), "nzdt": (780,),
    "est": (-300,), "edt": (-240,), "cst": (-360, 480), "cdt": (-300,), "mst": (-420,), "mdt": (-360,),
    "pst": (-480, 480), "pdt": (-420,), "akst": (-540,), "akdt": (-480,), "hst": (-600,), "ast": (-240, 180),
    "adt": (-180,), "nst": (-210,), "ndt": (-150,), "brt": (-180,), "brst": (-120,), "art": (-180,),
    "clt": (-240,), "clst": (-180,), "cot": (-300,), "pet": (-300,), "ect": (-300,), "uyt": (-180,),
    "vet": (-240,), "bot": (-240,),
}  # fmt: skip
