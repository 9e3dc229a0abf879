"""Read a file of an upload in batches, each of which becomes one transaction. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from musicconnect.files.errors import BudgetError, StepOverError, UnreadableError
from musicconnect.trends.imports.formats.base import CUT_OFF, DAMAGED, MALFORMED, ParseContext, Parsed
from musicconnect.trends.imports.formats.detection import DetectedFormat
from musicconnect.trends.imports.readers import record
from musicconnect.trends.imports.readers.record import Record
from musicconnect.trends.plays.model import Listen

BATCH_SIZE: Final = 10_000
MAX_FAILURES: Final = 100
_WANTED: Final[Mapping[str, type]] = {"json": dict, "rows": list, "html": str}


@dataclass(slots=True)
class Batch:
    """What was read since the last commit."""

    listens: list[Listen] = field(default_factory=list)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By bucket and reason."""
    failures: list[dict[str, Any]] = field(default_factory=list)
    offset: int = 0
    line: int = 0
    is_last: bool = False
    size: int = 0
    stopped: str = ""
    """Why reading ended before the file did, for the person."""
    is_over: bool = False
    """Whether that is because the upload may cost no more."""
    is_cut: bool = False
    """Whether the time of the step was over before the batch was full."""
    spent: dict[str, float] = field(default_factory=dict)
    """Of the budget of the upload, at the end of the batch."""

    def add(self, parsed: Sequence[Parsed], name: str, line: int) -> None:
        """Add what was parsed of one record."""
        for one in parsed:
            self.size += 1
            if isinstance(one, Listen):
                self.listens.append(one)
                continue
            self.refused[one] += 1
            if one.bucket == "failed" and len(self.failures) < MAX_FAILURES:
                self.failures.append({"file": name[:200], "line": line, "reason": one.reason})


def read_batches(
    source: Iterator[Record],
    found: DetectedFormat,
    context: ParseContext,
    name: str,
    *,
    offset: int,
    line: int,
) -> Iterator[Batch]:
    """Read a file in batches; the last one may be empty, and so may one that is cut."""
    parse = found.format.parse
    wanted = _WANTED[found.format.shape]
    batch = Batch()
    try:
        for one in source:
            value = one.value
            if isinstance(value, wanted):
                parsed = parse(value, context)
            else:
                parsed = (CUT_OFF,) if value is record.CUT_OFF else (MALFORMED,)
            if batch.size >= BATCH_SIZE and _ends_before(batch, parsed):
                batch.offset, batch.line = offset, line
                yield batch
                batch = Batch()
            line, _, offset = one
            batch.add(parsed, name, line)
    except BudgetError as error:
        batch.stopped, batch.is_over = str(error), True
        batch.line = line
    except UnreadableError as error:
        batch.add([DAMAGED], name, line + 1)
        batch.stopped = str(error)
        batch.line = line
    except StepOverError:
        batch.offset, batch.line, batch.is_cut = offset, line, True
        yield batch
        return
    batch.is_last = True
    yield batch


def _ends_before(batch: Batch, parsed: Sequence[Parsed]) -> bool:
    """Whether a full batch ends before this record. Repeats are decided within a minute: it stays whole."""
    if not batch.listens or batch.size >= 2 * BATCH_SIZE:
        return True
    last, first = batch.listens[-1], next((one for one in parsed if isinstance(one, Listen)), None)
    if first is None:
        return True
    if first.played_at == last.played_at:
        return False
    return first.precision_s == 1 or _minute(first) != _minute(last)


def _minute(listen: Listen) -> int:
    return (listen.played_at + (listen.ms_played or 0)) // 60_000
