"""Which files an export has, and what stands in each. Pure: the same job always gives the same plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from musicconnect.exports.model import Job
from musicconnect.playlist_files.file_names import file_name
from musicconnect.playlist_files.model import Format
from musicconnect.playlist_files.writers import writer

type Kind = Literal[
    "playlist",
    "plays_csv",
    "plays_json",
    "pins_csv",
    "migrations_csv",
    "trends_csv",
    "table",
    "playlist_list",
    "manifest",
]
type Form = Literal["plain", "gzip", "zip"]

PLAYLIST_FORMATS: Final[dict[str, Format]] = {
    "playlists_csv": "csv",
    "playlists_json": "json",
    "playlists_xspf": "xspf",
    "playlists_jspf": "jspf",
    "playlists_m3u8": "m3u8",
}
CSV: Final = "text/csv; charset=utf-8"
JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
# Tables of the archive that go out as JSON lines, under the name of their file; see `tables`.
TABLES: Final = (
    "profile", "sessions", "personal_tokens", "app_approvals", "mail", "verifications", "passkeys",
    "linked_accounts", "migration_jobs", "migration_rules", "migration_decisions", "match_votes",
    "playlist_changes", "playlist_pairs", "pair_runs", "repair_schedules", "repairs", "name_reports",
    "shared_playlists",
    "search_history",
    "play_imports", "playlist_imports",
    "play_sharing", "now_playing", "feedback", "import_marks", "exports",
    "notices", "notice_settings", "webhooks", "webhook_deliveries", "operator_acts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StagedPlaylist:
    """A playlist that has been read, as far as the plan wants to know."""

    id: int
    provider: str
    name: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content, or the content of a file in a zip."""

    name: str
    kind: Kind
    format: str = ""
    """Of a playlist its format; of plays ``array`` or ``lines``; the name of a table."""
    playlist_id: int = 0
    """`StagedPlaylist.id`."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that the person is to get."""

    name: str
    mime_type: str
    form: Form
    documents: tuple[Document, ...]


def plan(job: Job, playlists: Sequence[StagedPlaylist]) -> list[PlannedFile]:
    """Plan the files of an export.

    Args:
        job: What was asked for.
        playlists: Those that were read, in their order; of no matter for exports without playlists.
    """
    day = f"{job.requested_at:%Y-%m-%d}"
    match job.export_type:
        case "history_csv":
            return [_single(job, f"musicconnect-history-{day}.csv", CSV, "plays_csv")]
        case "history_json":
            form = job.options["json"]
            extension, mime = ("json", JSON) if form == "array" else ("jsonl", LINES)
            return [_single(job, f"musicconnect-history-{day}.{extension}", mime, "plays_json", form)]
        case "pins_csv":
            return [_single(job, f"musicconnect-pins-{day}.csv", CSV, "pins_csv")]
        case "migrations_csv":
            return [_single(job, f"musicconnect-migrations-{day}.csv", CSV, "migrations_csv")]
        case "trends_csv":
            return [_single(job, f"musicconnect-trends-{day}.csv", CSV, "trends_csv")]
        case "account_archive":
            return [_zip(f"musicconnect-archive-{day}.zip", _archive(playlists))]
        case kind:
            return _playlist_files(
                job, PLAYLIST_FORMATS[kind], playlists, f"musicconnect-playlists-{day}.zip"
            )


def _single(job: Job, name: str, mime_type: str, kind: Kind, format_: str = "") -> PlannedFile:
    document = Document(name, kind, format_)
    if job.options["compression"] == "gzip":
        return PlannedFile(f"{name}.gz", "application/gzip", "gzip", (document,))
    return PlannedFile(name, mime_type, "plain", (document,))


def _zip(name: str, documents: Sequence[Document]) -> PlannedFile:
    return PlannedFile(name, "application/zip", "zip", tuple(documents))


def _playlist_files(
    job: Job, format_: Format, playlists: Sequence[StagedPlaylist], zip_name: str
) -> list[PlannedFile]:
    if format_ == "json" and job.options["json"] == "lines":
        format_ = "jsonl"
    if format_ == "csv" and job.options.get("columns") == "soundiiz":  # which older jobs do not have
        format_ = "soundiiz"
    bundle = job.options["bundle"]
    if bundle == "zip" or not playlists or (bundle == "auto" and len(playlists) > 1):
        return [_zip(zip_name, _playlist_documents(playlists, format_))]
    mime_type = writer(format_).mime_type
    return [
        PlannedFile(document.name.rpartition("/")[2], mime_type, "plain", (document,))
        for document in _playlist_documents(playlists, format_)
    ]


def _playlist_documents(
    playlists: Sequence[StagedPlaylist], format_: Format, folder: str = ""
) -> list[Document]:
    """One for each, under names that differ also where case does not count."""
    several = folder or len({one.provider for one in playlists}) > 1
    extension, taken, documents = writer(format_).extension, set[str](), []
    for one in playlists:
        where = f"{folder}{one.provider}/" if several else ""
        # Beside each other in one folder or not: files of several downloads may end in one.
        name = file_name(one.name, extension, taken)
        taken.add(name.lower())
        documents.append(Document(where + name, "playlist", format_, one.id))
    return documents


def _archive(playlists: Sequence[StagedPlaylist]) -> list[Document]:
    return [
        *(Document(f"account/{name}.jsonl", "table", name) for name in TABLES),
        Document("playlists/playlists.jsonl", "playlist_list"),
        *_playlist_documents(playlists, "json", "playlists/json/"),
        *_playlist_documents(playlists, "csv", "playlists/csv/"),
        Document("history/listens.jsonl", "plays_json", "lines"),
        Document("history/listens.csv", "plays_csv"),
        Document("pins.csv", "pins_csv"),
        Document("migrations.csv", "migrations_csv"),
        Document("trends.csv", "trends_csv"),
        Document("manifest.json", "manifest"),
    ]


def numbered(name: str, number: int) -> str:
    """The name of a document's ``number``-th file where one would be too large: ``listens-0002.jsonl``."""
    if number == 1:
        return name
    stem, _, extension = name.rpartition(".")
    return f"{stem}-{number:04}.{extension}"
