-- What is pasted may lead to playlists of several providers: a file makes a migration for each, none twice.
ALTER TABLE migrations.jobs DROP CONSTRAINT jobs_import_id_key;
ALTER TABLE migrations.jobs ADD UNIQUE (import_id, source_provider);

-- When its provider said what is known of a track that a file names by its link alone.
ALTER TABLE migrations.tracks ADD COLUMN source_fetched_at timestamptz;

-- As before, and what a provider said of links in a file goes with the account.
CREATE OR REPLACE FUNCTION providers.delete_account_data(person bigint, of_provider text, until timestamptz)
    RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = providers, pg_temp
    BEGIN ATOMIC
        WITH jobs AS (
            DELETE FROM migrations.jobs j
            WHERE j.user_id = person AND of_provider IN (j.source_provider, j.target_provider)
              AND j.created_at <= until
            RETURNING 1
        ), links AS (
            -- What it said of links in a file: the lines stay, which are the person's.
            UPDATE migrations.tracks t
            SET source_title = '', source_artist = '', source_fetched_at = NULL,
                source = jsonb_build_object('id', t.source_track_id, 'title', '', 'provider', of_provider)
            FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
            WHERE p.user_id = person AND p.id = t.playlist_migration_id AND j.source_provider = 'file'
              AND j.target_provider <> of_provider
              AND t.source ->> 'provider' = of_provider AND t.source_fetched_at <= until
            RETURNING 1
        ), rules AS (
            DELETE FROM migrations.rules r
            WHERE r.user_id = person AND of_provider IN (r.source_provider, r.target_provider)
              AND r.created_at <= until
            RETURNING 1
        ), changes AS (
            DELETE FROM changes.sets c
            WHERE c.user_id = person AND c.provider = of_provider AND c.created_at <= until
            RETURNING 1
        ), repairs AS (
            DELETE FROM sync.repairs r
            WHERE r.user_id = person AND r.provider = of_provider AND r.created_at <= until
            RETURNING 1
        ), states AS (
            DELETE FROM sync.states s USING sync.pairs p
            WHERE p.id = s.pair_id AND p.user_id = person AND of_provider IN (p.left_provider, p.right_provider)
              AND s.saved_at <= until
            RETURNING 1
        ), pins AS (
            DELETE FROM search.pinned_items p
            WHERE p.user_id = person AND p.provider = of_provider AND p.pinned_at <= until
            RETURNING 1)
        SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM links) + (SELECT count(*) FROM rules) + (SELECT count(*) FROM changes)
            + (SELECT count(*) FROM repairs) + (SELECT count(*) FROM states) + (SELECT count(*) FROM pins);
    END;

-- As before, and what a provider said of links in a file is kept no longer than what it said of playlists.
CREATE OR REPLACE FUNCTION migrations.clear_facts(
    of_provider text, placeholder text, explanation text, before timestamptz, at timestamptz, most integer)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = migrations, pg_temp
    AS $$
DECLARE
    due bigint[];
BEGIN
    SELECT array_agg(d.id) INTO due FROM (
        SELECT p.id FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
        WHERE p.keeps_facts AND p.created_at < before
          AND (p.facts_checked_at IS NULL OR p.facts_checked_at < at - interval '6 hours')
          AND (p.lease_until IS NULL OR p.lease_until <= at)
          AND (of_provider IN (j.source_provider, j.target_provider)
               OR j.source_provider = 'file' AND EXISTS (
                   SELECT FROM migrations.tracks t
                   WHERE t.playlist_migration_id = p.id AND t.source ->> 'provider' = of_provider
                     AND t.source_fetched_at < before))
        ORDER BY p.created_at LIMIT most FOR NO KEY UPDATE OF p SKIP LOCKED) d;
    IF due IS NULL THEN
        RETURN 0;
    END IF;

    -- They hold what both said.
    DELETE FROM migrations.decisions d WHERE d.playlist_migration_id = ANY (due) AND d.decided_at < before;

    UPDATE migrations.tracks t
    SET target_title = NULL, target_artist = NULL, target = NULL, candidates = NULL, search = NULL,
        replaced = t.replaced - 'title' - 'artist'
    FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
    WHERE p.id = ANY (due) AND t.playlist_migration_id = p.id AND j.target_provider = of_provider
      AND coalesce(t.target_fetched_at, t.created_at) < before
      AND (t.target_title IS NOT NULL OR t.target IS NOT NULL OR t.candidates IS NOT NULL
           OR t.search IS NOT NULL);

    -- Without its facts nobody can look for a track any more: what was not found stays so, and says why.
    UPDATE migrations.tracks t
    SET source_title = '', source_artist = '',
        source = jsonb_build_object('id', coalesce(t.source_track_id, ''), 'title', '')
            || CASE WHEN j.source_provider = 'file' THEN jsonb_build_object('provider', of_provider) ELSE '{}' END,
        source_fetched_at = NULL,
        status = CASE WHEN t.status = 'pending' THEN 'failed' ELSE t.status END,
        outcome = CASE WHEN t.status = 'matched' THEN t.outcome ELSE 'not_transferable' END,
        error_code = CASE WHEN t.status = 'matched' OR t.outcome = 'not_transferable' THEN t.error_code
                          ELSE 'details-expired' END,
        error_params = CASE WHEN t.status = 'matched' OR t.outcome = 'not_transferable' THEN t.error_params
                            ELSE jsonb_build_object('provider', of_provider) END,
        error_message = CASE WHEN t.status = 'matched' OR t.outcome = 'not_transferable' THEN t.error_message
                             ELSE explanation END
    FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
    WHERE p.id = ANY (due) AND t.playlist_migration_id = p.id AND (t.source_title <> '' OR t.source_artist <> '')
      AND (j.source_provider = of_provider AND t.created_at < before
           OR j.source_provider = 'file' AND t.source ->> 'provider' = of_provider AND t.source_fetched_at < before);

    UPDATE migrations.playlists p
    SET failed_count = c.failed, review_count = c.review
    FROM (
        SELECT t.playlist_migration_id AS id, count(*) FILTER (WHERE t.status = 'failed') AS failed,
               count(*) FILTER (WHERE t.outcome = 'needs_review') AS review
        FROM migrations.tracks t WHERE t.playlist_migration_id = ANY (due) GROUP BY 1) c
    WHERE p.id = c.id AND (p.failed_count, p.review_count) <> (c.failed, c.review);

    -- What is unfinished needs a name; the daily snapshots have today's.
    UPDATE migrations.playlists p
    SET source_name = CASE WHEN j.source_provider <> of_provider THEN p.source_name
                           WHEN p.status IN ('pending', 'running') THEN coalesce(s.name, placeholder)
                           ELSE placeholder END,
        source_description = CASE WHEN j.source_provider = of_provider THEN '' ELSE p.source_description END,
        target_name = CASE WHEN j.target_provider = of_provider THEN NULL ELSE p.target_name END,
        target_read = CASE WHEN j.target_provider = of_provider AND p.status IN ('completed', 'failed') THEN NULL
                           ELSE p.target_read END
    FROM migrations.playlists q JOIN migrations.jobs j ON j.id = q.job_id
    LEFT JOIN LATERAL (
        SELECT n.name FROM providers.playlist_snapshots n
        WHERE n.user_id = q.user_id AND n.provider_playlist_id = q.source_playlist_id
          AND n.last_synced_at >= before LIMIT 1) s ON true
    WHERE p.id = ANY (due) AND q.id = p.id;

    UPDATE migrations.jobs j
    SET status_message = regexp_replace(j.status_message, '“[^”]*”', placeholder, 'g'),
        status_params = regexp_replace(
            j.status_params::text, '("name": )"(\\.|[^"\\])*"', '\1null', 'g')::jsonb
    WHERE j.id IN (SELECT p.job_id FROM migrations.playlists p WHERE p.id = ANY (due))
      AND j.source_provider = of_provider AND j.status IN ('completed', 'failed');

    UPDATE migrations.playlists p
    SET facts_checked_at = at,
        keeps_facts = p.status IN ('pending', 'running') OR EXISTS (
            SELECT FROM migrations.tracks t
            WHERE t.playlist_migration_id = p.id
              AND (j.target_provider = of_provider
                   AND (t.target_title IS NOT NULL OR t.target IS NOT NULL OR t.candidates IS NOT NULL OR t.search IS NOT NULL)
                   OR j.source_provider = of_provider AND t.source_title <> ''
                   OR t.source_fetched_at IS NOT NULL))
    FROM migrations.jobs j WHERE j.id = p.job_id AND p.id = ANY (due);
    RETURN cardinality(due);
END
$$;
