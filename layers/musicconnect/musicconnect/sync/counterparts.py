"""Find what a merge has to know of tracks: their counterparts, and whether missing ones still exist."""

from musicconnect.music.model import PLAYABLE, PlaylistItem, Track
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.providers.protocol import Client
from musicconnect.sync import matching
from musicconnect.sync.merge.matches import Matches
from musicconnect.sync.merge.settings import Mode
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES, PairState, SlotState
from musicconnect.sync.store import PairRow


def find(
    database: Database,
    row: PairRow,
    state: PairState,
    items: tuple[list[PlaylistItem], list[PlaylistItem]],
    clients: tuple[Client, Client],
) -> Matches:
    """Decide the counterparts of what no row knows yet, and ask after what is missing."""
    now, user_id = clock.now(), row.user_id
    counterparts: tuple[dict[str, str | None], dict[str, str | None]] = ({}, {})
    rules: tuple[dict[str, str | None], dict[str, str | None]] = ({}, {})
    for_review: set[tuple[int, str]] = set()
    not_in_catalogue: set[tuple[int, str]] = set()
    tracks = [
        {item.track.id: item.track for item in items[side] if item.track.id and item.track.kind in PLAYABLE}
        for side in SIDES
    ]
    for side in SIDES:
        if side == RIGHT and row.mode != Mode.TWO_WAY and state.has_base:
            continue  # Entries of the right side are looked up once, to pair what is there already.
        picked = {target for target in counterparts[1 - side].values() if target}
        known = {
            track_id
            for one in state.rows
            for track_id in (one.slots[side].track_id, *one.slots[side].aliases)
            # What an open catalogue lacked may have been added there.
            if track_id and not one.slots[1 - side].is_not_in_catalogue
        }
        new = [track for key, track in tracks[side].items() if key not in known and key not in picked]
        decided = matching.decide(database, user_id, new, clients[1 - side], now)
        counterparts[side].update(decided.targets)
        for_review |= {(side, track_id) for track_id in decided.for_review}
        not_in_catalogue |= {(side, track_id) for track_id in decided.not_in_catalogue}
        # A person may have decided since: of what lacks a counterpart, and of what has another one.
        shown = [
            Track(provider=row.sides[side][0], id=one.slots[side].track_id or "", title=one.title)
            for one in state.rows
            if one.slots[1 - side].state in (SlotState.NO_COUNTERPART, SlotState.OK)
            and one.slots[side].track_id
        ]
        rules[side].update(matching.rules_of(database, user_id, shown, row.sides[1 - side][0]))
        counterparts[side].update(rules[side])
    names = {
        (side, key): (track.title, track.artist_line) for side in SIDES for key, track in tracks[side].items()
    }
    return Matches(
        counterparts, frozenset(for_review), frozenset(not_in_catalogue), _dead(state, items, clients), rules,
        names,
    )  # fmt: skip


def _dead(
    state: PairState,
    items: tuple[list[PlaylistItem], list[PlaylistItem]],
    clients: tuple[Client, Client],
) -> tuple[frozenset[str], frozenset[str]]:
    """Ask whether missing tracks still exist: what a provider withdrew, nobody took out."""
    found: list[frozenset[str]] = []
    for side in SIDES:
        there = {item.track.id for item in items[side]}
        missing = [
            row.slots[side].track_id or ""
            for row in state.rows
            if row.slots[side].state is SlotState.OK and row.slots[side].track_id not in there
        ]
        client = clients[side]
        asked = [one for one in dict.fromkeys(missing) if one]
        # Where each costs a call of its own, some will do; the others are judged by the next looks.
        asked = asked[: 50 if client.limits.lookup_batch > 1 else 20]
        dead: set[str] = set()
        for start in range(0, len(asked), client.limits.lookup_batch):
            batch = asked[start : start + client.limits.lookup_batch]
            dead |= set(batch) - {track.id for track in client.tracks(batch)}
        found.append(frozenset(dead))
    return found[LEFT], found[RIGHT]
