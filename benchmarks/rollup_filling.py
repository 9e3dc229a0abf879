"""Fills trends.plays for the benchmark of the roll-up: quickly, and as plays lie in a grown table."""

from datetime import date, timedelta
from typing import Any

import psycopg

FIRST_DAY = date(2026, 10, 1)
DAYS = 30
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")


def make_people(owner: psycopg.Connection[Any], people: int) -> None:
    """People in four time zones, and the partition of the month."""
    owner.execute(
        """
        INSERT INTO core.users (email, password_hash, display_name, time_zone)
        SELECT 'person' || n || '@example.org', '', '', (%s::text[])[1 + n %% 4] FROM generate_series(1, %s) n
        """,
        [list(ZONES), people],
    )
    owner.execute("SELECT trends.make_partitions(%s, %s)", [FIRST_DAY, FIRST_DAY + timedelta(days=DAYS - 1)])
    owner.execute("ANALYZE core.users")


def fill(owner: psycopg.Connection[Any], *, already: int, plays: int, per_day: float, people: int) -> None:
    """Plays number ``already`` to ``plays``, in order of time; indexes are built afterwards."""
    partition = f"trends.plays_{FIRST_DAY:%Y_%m}"
    owner.execute(f"ALTER TABLE trends.plays DETACH PARTITION {partition}".encode())
    for (index,) in owner.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'f')",
        [partition],
    ).fetchall():
        owner.execute(f"ALTER TABLE {partition} DROP CONSTRAINT {index}".encode())
    for (index,) in owner.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass", [partition]
    ).fetchall():
        owner.execute(f"DROP INDEX {index}".encode())
    # A hundred tracks make a third of all plays; the rest is spread over fifty thousand.
    owner.execute(
        f"""
        INSERT INTO {partition} (user_id, played_at, track_key, artist_key, inserted_at, ms_played,
            duration_ms, ordinal, kind, source, provider, provider_track_id, title, artist, album)
        SELECT person, at, track, track / 12, at,
               CASE WHEN luck < .1 THEN NULL ELSE (30000 + luck * 200000)::int END, 215000, 0,
               CASE WHEN luck < .06 THEN 'skip' ELSE 'play' END, 'listenbrainz',
               CASE WHEN track % 5 = 0 THEN 'youtube' ELSE 'spotify' END, 'id' || lpad(track::text, 20, '0'),
               'The Song of Number ' || track, 'Artist of Number ' || track / 12, 'Album ' || track / 12
        FROM (
            SELECT 1 + floor(random() * {people})::bigint AS person,
                   '{FIRST_DAY}'::timestamp AT TIME ZONE 'UTC'
                       + floor(number / {per_day} * 86400000) * interval '1 ms' AS at,
                   floor(50000 * power(random(), 3))::bigint AS track, random() AS luck
            FROM generate_series({already}, {plays - 1}) number
        ) made
        """.encode()
    )
    last = FIRST_DAY + timedelta(days=31)
    # Two of the same person, track and millisecond: none or a handful in ten million.
    owner.execute(f"CREATE INDEX ON {partition} (user_id, played_at, track_key)".encode())
    owner.execute(
        f"""
        DELETE FROM {partition} a USING {partition} b
        WHERE a.user_id = b.user_id AND a.played_at = b.played_at AND a.track_key = b.track_key
          AND a.ctid > b.ctid
        """.encode()
    )
    owner.execute(f"DROP INDEX trends.plays_{FIRST_DAY:%Y_%m}_user_id_played_at_track_key_idx".encode())
    owner.execute(
        f"ALTER TABLE trends.plays ATTACH PARTITION {partition} "
        f"FOR VALUES FROM ('{FIRST_DAY} 00:00Z') TO ('{last.replace(day=1)} 00:00Z')".encode()
    )
    owner.execute(f"VACUUM ANALYZE {partition}".encode())
    owner.execute("CHECKPOINT")
