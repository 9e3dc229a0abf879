"""Plays by the hundred thousand, written by Postgres itself; also what the tests fill their tables with."""

import psycopg

FIRST = "2020-01-01 00:00:00+00"


def fill_plays(url: str, user_id: int, rows: int, *, first: str = FIRST, seconds: int = 200) -> None:
    """Give a person plays, one every so many seconds, some of them with all that makes CSV difficult.

    Args:
        url: The owner's.
        user_id: Whose they are.
        rows: How many.
        first: When they begin.
        seconds: Between two of them.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"""
            SELECT trends.make_partitions('{first}'::date,
                ('{first}'::timestamptz + {rows} * {seconds} * interval '1 second')::date)
            """.encode()
        )
        connection.execute(
            f"""
            INSERT INTO trends.plays (user_id, played_at, track_key, artist_key, inserted_at, ms_played,
                duration_ms, kind, source, provider, provider_track_id, title, artist, album)
            SELECT {user_id}, '{first}'::timestamptz + n * {seconds} * interval '1 second', n % 5000, n % 500,
                now(), CASE WHEN n % 7 = 0 THEN NULL ELSE 31000 + n % 200000 END, 240000, 'play',
                'spotify_extended',
                CASE n % 3 WHEN 0 THEN 'spotify' WHEN 1 THEN 'youtube' ELSE 'other' END,
                CASE WHEN n % 3 = 2 THEN 'key:' || lpad(to_hex(n % 5000), 16, '0') ELSE 'id' || n % 5000 END,
                CASE WHEN n % 9973 = 1 THEN E'two\\nlines' WHEN n % 997 = 2 THEN '=SUM(A1)'
                    WHEN n % 97 = 3 THEN 'says "no", twice' WHEN n % 11 = 4 THEN '愛 ' || n % 5000
                    ELSE 'Song number ' || n % 5000 END,
                'Artist ' || n % 500, CASE WHEN n % 5 = 0 THEN NULL ELSE 'Album ' || n % 900 END
            FROM generate_series(1, {rows}) n
            """.encode()
        )
        connection.execute("ANALYZE trends.plays")
