-- What all providers said is emptied in one look at a playlist. With one look for each, the first one marked the
-- playlist as done, and what the other side's provider had said was kept.
CREATE FUNCTION migrations.clear_facts(providers jsonb, at timestamptz, most integer)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = migrations, pg_temp
    AS $$
DECLARE
    due bigint[];
    perishable text[];
    one record;
BEGIN
    SELECT array_agg(f.name) INTO perishable FROM jsonb_to_recordset(providers) AS f(name text);
    SELECT array_agg(d.id) INTO due FROM (
        SELECT p.id FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
        WHERE p.keeps_facts
          AND p.created_at < (SELECT max(f.before) FROM jsonb_to_recordset(providers) AS f(before timestamptz))
          AND (p.facts_checked_at IS NULL OR p.facts_checked_at < at - interval '6 hours')
          AND (p.lease_until IS NULL OR p.lease_until <= at)
          AND EXISTS (
              SELECT FROM jsonb_to_recordset(providers) AS f(name text, before timestamptz)
              WHERE p.created_at < f.before
                AND (f.name IN (j.source_provider, j.target_provider)
                     OR j.source_provider = 'file' AND EXISTS (
                         SELECT FROM migrations.tracks t
                         WHERE t.playlist_migration_id = p.id AND t.source ->> 'provider' = f.name
                           AND t.source_fetched_at < f.before)))
        ORDER BY p.created_at LIMIT most FOR NO KEY UPDATE OF p SKIP LOCKED) d;
    IF due IS NULL THEN
        RETURN 0;
    END IF;

    FOR one IN
        SELECT * FROM jsonb_to_recordset(providers)
            AS f(name text, placeholder text, explanation text, before timestamptz)
    LOOP
        -- They hold what both sides said.
        DELETE FROM migrations.decisions d USING migrations.playlists p, migrations.jobs j
        WHERE d.playlist_migration_id = ANY (due) AND d.decided_at < one.before
          AND p.id = d.playlist_migration_id AND j.id = p.job_id
          AND (one.name IN (j.source_provider, j.target_provider)
               OR j.source_provider = 'file' AND EXISTS (
                   SELECT FROM migrations.tracks t
                   WHERE t.playlist_migration_id = p.id AND t.source ->> 'provider' = one.name));

        UPDATE migrations.tracks t
        SET target_title = NULL, target_artist = NULL, target = NULL, candidates = NULL, search = NULL,
            replaced = t.replaced - 'title' - 'artist'
        FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
        WHERE p.id = ANY (due) AND t.playlist_migration_id = p.id AND j.target_provider = one.name
          AND coalesce(t.target_fetched_at, t.created_at) < one.before
          AND (t.target_title IS NOT NULL OR t.target IS NOT NULL OR t.candidates IS NOT NULL
               OR t.search IS NOT NULL);

        -- Without its facts nobody can look for a track any more: what was not found stays so, and says why.
        UPDATE migrations.tracks t
        SET source_title = '', source_artist = '',
            source = jsonb_build_object('id', coalesce(t.source_track_id, ''), 'title', '')
                || CASE WHEN j.source_provider = 'file' THEN jsonb_build_object('provider', one.name)
                        ELSE '{}' END,
            source_fetched_at = NULL,
            status = CASE WHEN t.status = 'pending' THEN 'failed' ELSE t.status END,
            outcome = CASE WHEN t.status = 'matched' THEN t.outcome ELSE 'not_transferable' END,
            error_code = CASE WHEN t.status = 'matched' OR t.outcome = 'not_transferable' THEN t.error_code
                              ELSE 'details-expired' END,
            error_params = CASE WHEN t.status = 'matched' OR t.outcome = 'not_transferable' THEN t.error_params
                                ELSE jsonb_build_object('provider', one.name) END,
            error_message = CASE WHEN t.status = 'matched' OR t.outcome = 'not_transferable'
                                 THEN t.error_message ELSE one.explanation END
        FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
        WHERE p.id = ANY (due) AND t.playlist_migration_id = p.id
          AND (t.source_title <> '' OR t.source_artist <> '')
          AND (j.source_provider = one.name AND t.created_at < one.before
               OR j.source_provider = 'file' AND t.source ->> 'provider' = one.name
                  AND t.source_fetched_at < one.before);

        -- What is unfinished needs a name; the daily snapshots have today's.
        UPDATE migrations.playlists p
        SET source_name = CASE WHEN j.source_provider <> one.name THEN p.source_name
                               WHEN p.status IN ('pending', 'running') THEN coalesce(s.name, one.placeholder)
                               ELSE one.placeholder END,
            source_description = CASE WHEN j.source_provider = one.name THEN '' ELSE p.source_description END,
            target_name = CASE WHEN j.target_provider = one.name THEN NULL ELSE p.target_name END,
            target_read = CASE WHEN j.target_provider = one.name AND p.status IN ('completed', 'failed') THEN NULL
                               ELSE p.target_read END
        FROM migrations.playlists q JOIN migrations.jobs j ON j.id = q.job_id
        LEFT JOIN LATERAL (
            SELECT n.name FROM providers.playlist_snapshots n
            WHERE n.user_id = q.user_id AND n.provider_playlist_id = q.source_playlist_id
              AND n.last_synced_at >= one.before LIMIT 1) s ON true
        WHERE p.id = ANY (due) AND q.id = p.id AND p.created_at < one.before
          AND one.name IN (j.source_provider, j.target_provider);

        UPDATE migrations.jobs j
        SET status_message = regexp_replace(j.status_message, '“[^”]*”', one.placeholder, 'g'),
            status_params = regexp_replace(
                j.status_params::text, '("name": )"(\\.|[^"\\])*"', '\1null', 'g')::jsonb
        WHERE j.id IN (
                SELECT p.job_id FROM migrations.playlists p WHERE p.id = ANY (due) AND p.created_at < one.before)
          AND j.source_provider = one.name AND j.status IN ('completed', 'failed');
    END LOOP;

    UPDATE migrations.playlists p
    SET failed_count = c.failed, review_count = c.review
    FROM (
        SELECT t.playlist_migration_id AS id, count(*) FILTER (WHERE t.status = 'failed') AS failed,
               count(*) FILTER (WHERE t.outcome = 'needs_review') AS review
        FROM migrations.tracks t WHERE t.playlist_migration_id = ANY (due) GROUP BY 1) c
    WHERE p.id = c.id AND (p.failed_count, p.review_count) <> (c.failed, c.review);

    UPDATE migrations.playlists p
    SET facts_checked_at = at,
        keeps_facts = p.status IN ('pending', 'running') OR EXISTS (
            SELECT FROM migrations.tracks t
            WHERE t.playlist_migration_id = p.id
              AND (j.target_provider = ANY (perishable)
                   AND (t.target_title IS NOT NULL OR t.target IS NOT NULL OR t.candidates IS NOT NULL
                        OR t.search IS NOT NULL)
                   OR j.source_provider = ANY (perishable) AND t.source_title <> ''
                   OR t.source_fetched_at IS NOT NULL))
    FROM migrations.jobs j WHERE j.id = p.job_id AND p.id = ANY (due);
    RETURN cardinality(due);
END
$$;

GRANT CREATE ON SCHEMA migrations TO mc_lookup;
ALTER FUNCTION migrations.clear_facts(jsonb, timestamptz, integer) OWNER TO mc_lookup;
REVOKE CREATE ON SCHEMA migrations FROM mc_lookup;
REVOKE ALL ON FUNCTION migrations.clear_facts(jsonb, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION migrations.clear_facts(jsonb, timestamptz, integer) TO mc_maintenance;

-- What was marked as done too early is looked at once more: whose two sides both have limits.
UPDATE migrations.playlists p SET keeps_facts = true
FROM migrations.jobs j
WHERE j.id = p.job_id AND NOT p.keeps_facts
  AND j.source_provider IN ('youtube', 'tidal', 'listenbrainz')
  AND j.target_provider IN ('youtube', 'tidal', 'listenbrainz');
