"""The same aggregates by hand: what somebody writes who has to draw them once and knows Postgres.

Plain ``INSERT ... SELECT ... GROUP BY`` into tables of the same shape, which are empty for what is drawn (the
1,000 buckets are deleted first). No marks, no locks, no look at what is there already.
"""

from typing import LiteralString

SCHEMA: LiteralString = """
DROP SCHEMA IF EXISTS by_hand CASCADE;
CREATE SCHEMA by_hand;
CREATE TABLE by_hand.user_daily (LIKE trends.user_daily INCLUDING ALL);
ALTER TABLE by_hand.user_daily ADD FOREIGN KEY (user_id) REFERENCES core.users ON DELETE CASCADE;
CREATE TABLE by_hand.track_daily (LIKE trends.track_daily INCLUDING ALL);
CREATE TABLE by_hand.global_daily (LIKE trends.global_daily INCLUDING ALL);
"""

_COUNTS: LiteralString = """
    count(*) FILTER (WHERE counts), count(DISTINCT track_key) FILTER (WHERE counts),
    count(DISTINCT artist_key) FILTER (WHERE counts),
    coalesce(sum(coalesce(ms_played, duration_ms)) FILTER (WHERE counts), 0),
    count(*) FILTER (WHERE counts AND ms_played IS NULL AND duration_ms IS NULL),
    count(*) FILTER (WHERE kind = 'skip'), count(*) FILTER (WHERE kind = 'start')
"""
_USER_DAILY: LiteralString = """
INSERT INTO by_hand.user_daily (user_id, date, provider, plays_count, unique_tracks, unique_artists,
    ms_listened, untimed_plays, skips_count, starts_count)
"""

PEOPLES_DAY: LiteralString = (
    _USER_DAILY
    + "SELECT user_id, day, provider, "
    + _COUNTS
    + """
FROM (
    SELECT p.*, (p.played_at AT TIME ZONE u.time_zone)::date AS day
    FROM trends.plays p JOIN core.users u ON u.id = p.user_id
    WHERE p.played_at >= %(day)s::timestamp AT TIME ZONE 'UTC' - interval '14 hours'
      AND p.played_at < %(day)s::timestamp AT TIME ZONE 'UTC' + interval '36 hours'
) played
WHERE day = %(day)s GROUP BY GROUPING SETS ((user_id, day, provider), (user_id, day))
"""
)

TRACKS: LiteralString = """
INSERT INTO by_hand.track_daily (date, provider, provider_track_id, title, artist, plays_count, unique_users)
SELECT %(day)s, provider, provider_track_id, min(title), min(artist), sum(plays), count(*)
FROM (
    SELECT provider, provider_track_id, user_id, min(title) AS title, min(artist) AS artist, count(*) AS plays
    FROM trends.plays
    WHERE counts AND played_at >= %(day)s::timestamp AT TIME ZONE 'UTC'
      AND played_at < (%(day)s::date + 1)::timestamp AT TIME ZONE 'UTC'
    GROUP BY provider, provider_track_id, user_id
) heard
GROUP BY provider, provider_track_id
"""

EVERYBODY: LiteralString = """
INSERT INTO by_hand.global_daily (date, total_users, total_plays, top_track_ids, top_artist_ids)
SELECT %(day)s, count(DISTINCT user_id), count(*),
    (SELECT json_agg(t ORDER BY plays DESC, users DESC, provider, id) FROM (
        SELECT provider, provider_track_id AS id, title, artist, plays_count AS plays, unique_users AS users
        FROM by_hand.track_daily WHERE date = %(day)s AND unique_users >= 5
        ORDER BY plays_count DESC, unique_users DESC, provider, provider_track_id LIMIT 50) t),
    (SELECT json_agg(a ORDER BY plays DESC, users DESC, id) FROM (
        SELECT 'key:' || lpad(to_hex(artist_key), 16, '0') AS id, min(artist) AS name, count(*) AS plays,
               count(DISTINCT user_id) AS users
        FROM trends.plays
        WHERE counts AND played_at >= %(day)s::timestamp AT TIME ZONE 'UTC'
          AND played_at < (%(day)s::date + 1)::timestamp AT TIME ZONE 'UTC'
        GROUP BY artist_key HAVING count(DISTINCT user_id) >= 5
        ORDER BY count(*) DESC, count(DISTINCT user_id) DESC, artist_key LIMIT 50) a)
FROM trends.plays
WHERE counts AND played_at >= %(day)s::timestamp AT TIME ZONE 'UTC'
  AND played_at < (%(day)s::date + 1)::timestamp AT TIME ZONE 'UTC'
"""

DELETE_BUCKETS: LiteralString = """
DELETE FROM by_hand.user_daily d USING unnest(%(users)s::bigint[], %(dates)s::date[]) AS b (user_id, date)
WHERE d.user_id = b.user_id AND d.date = b.date
"""

BUCKETS: LiteralString = (
    """
WITH bucket AS MATERIALIZED (
    SELECT b.user_id, b.date, b.date::timestamp AT TIME ZONE u.time_zone AS from_at,
           (b.date + 1)::timestamp AT TIME ZONE u.time_zone AS until_at
    FROM unnest(%(users)s::bigint[], %(dates)s::date[]) AS b (user_id, date)
    JOIN core.users u ON u.id = b.user_id
)
"""
    + _USER_DAILY
    + "SELECT user_id, day, provider, "
    + _COUNTS
    + """
FROM (
    SELECT b.date AS day, p.*
    FROM bucket b
    JOIN trends.plays p ON p.user_id = b.user_id AND p.played_at >= b.from_at AND p.played_at < b.until_at
) played
GROUP BY GROUPING SETS ((user_id, day, provider), (user_id, day))
"""
)
