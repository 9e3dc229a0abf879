"""Given a text of any program's, in whatever encoding, then it comes as UTF-8 with LF or CR LF."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.files import encodings
from tests.unit.files.packing import contents, opened

TABLE = "Title,Artist\nBömb,Motörhead\nHoppípolla,Sigur Rós\nÜber,Größe\n"


def text_of(data: bytes) -> str:
    return contents(data)[""].decode()


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "mac_roman"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    wanted = TABLE if end == "\r" else TABLE.replace("\n", end)
    assert text_of(TABLE.replace("\n", end).encode(encoding)) == wanted


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Земфира - Хочешь?\nКино - Группа крови\nСплин - Выхода нет\n"),
        ("shift_jis", "宇多田ヒカル - 桜流し\n椎名林檎 - 丸の内サディスティック\n"),
        ("shift_jis", "椎名林檎 - 歌舞伎町の女王\n"),
        ("euc_jp", "椎名林檎 - 歌舞伎町の女王\n"),
        ("euc_jp", "宇多田ヒカル - 桜流し\n椎名林檎 - 丸の内サディスティック\n"),
        ("cp949", "아이유 - 좋은 날\n방탄소년단 - 봄날\n이문세 - 광화문 연가\n"),
        ("cp1250", "Paweł Łąka - Źródło życia\nEwa - Że\n"),
        ("iso8859-2", "Paweł Łąka - Źródło ciszy i światła\nEwa - Mała\n"),
        ("cp1254", "Sezen Aksu - Şarkı Söylemek Lazım\nBarış - Gülpembe\n"),
        ("cp1252", "Sigur Rós - Ágætis byrjun\nÞrjár - Ýmis ráð\n"),
        ("cp1253", "Χάρις Αλεξίου - Οδός Νεφέλης\nΓιώργος Νταλάρας - Τα λόγια και τα χρόνια\n"),
    ],
)
def test_other_languages_in_the_encodings_of_old_players(encoding: str, text: str) -> None:
    assert text_of(("#EXTM3U\n" + text * 3).encode(encoding)) == "#EXTM3U\n" + text * 3


def test_lines_of_a_file_may_be_of_different_encodings() -> None:
    assert (
        text_of("Motörhead\n".encode() + "Björk\n".encode("cp1252") + b"plain\n")
        == "Motörhead\nBjörk\nplain\n"
    )
    late = b"plain\n" * 100_000 + "Björk\n".encode("cp1252")
    assert text_of(late[len(late) - 300_000 :]).endswith("plain\nBjörk\n")


def test_in_a_long_line_only_what_is_no_utf_8_is_taken_for_something_else() -> None:
    line = "ö" * 5_000 + " "
    assert text_of(line.encode() + "ä".encode("cp1252") + line.encode()) == f"{line}ä{line}"


def test_an_xml_document_says_what_it_is() -> None:
    document = '<?xml version="1.0" encoding="{}"?>\n<a>Größe Ł</a>'
    assert text_of(document.format("ISO-8859-2").replace("ö", "ö").encode("iso8859-2")).endswith(
        "<a>Größe Ł</a>"
    )
    # What it says is not true of these.
    assert text_of(document.format("UTF-16").encode()).endswith("<a>Größe Ł</a>")
    assert text_of(document.format("no-such-thing").encode()).endswith("<a>Größe Ł</a>")


def test_a_return_within_a_cell_stays_where_lines_end_otherwise() -> None:
    assert text_of(b'a,"b\rc"\nd,e\n') == 'a,"b\rc"\nd,e\n'


@pytest.mark.parametrize(
    ("data", "is_binary"), [(b"a\x00b,c" + b"x" * 200, False), (b"\x00\x01\x02", True), (b"", False)]
)
def test_a_sign_that_no_text_has_makes_no_binary(data: bytes, is_binary: bool) -> None:
    with opened(data) as upload:
        assert upload.members[0].form.is_binary is is_binary


@given(st.binary(max_size=300), st.sampled_from([1, 2, 3, 7, 262_144]))
def test_any_bytes_give_valid_text_and_valid_text_stays(data: bytes, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "CHUNK_BYTES", chunk)
        # As something that is an archive, a file may be damaged.
        with opened(b"x" + data) as upload:
            for member in upload.members:
                with member.open_text() as stream:
                    stream.read().decode()


@given(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\x00\ufeff"), max_size=100),
    st.integers(1, 9),
)
def test_utf_8_is_not_changed(text: str, chunk: int) -> None:
    data = b"x" + text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "CHUNK_BYTES", chunk)
        assert contents(data)[""] == data


def test_a_list_of_a_players_says_what_it_is() -> None:
    assert text_of("#EXTM3U\n#EXTENC: windows-1251\nЯ\n".encode("cp1251")).endswith("\nЯ\n")
    assert text_of("#EXTM3U\n#EXTENC: windows-1251\nЯ - ö\n".encode()).endswith("\nЯ - ö\n")
