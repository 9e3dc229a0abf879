-- Which channel is an artist's own, and what it lists: candidates that cost no search. Nothing in it is about a person.
CREATE TABLE providers.artist_channels (
    provider    text NOT NULL,
    channel_id  text NOT NULL,
    artist      text NOT NULL,                  -- key of the artist's name
    uploads     jsonb,                          -- [[id, title], ...], the newest first; null: it was not listed yet
    is_complete boolean NOT NULL DEFAULT true,  -- false: only the newest uploads were read
    fetched_at  timestamptz NOT NULL,           -- when the provider said so; YouTube's goes after 29 days
    PRIMARY KEY (provider, channel_id)
);
CREATE INDEX artist_channels_artist ON providers.artist_channels (provider, artist);
CREATE INDEX artist_channels_age ON providers.artist_channels (provider, fetched_at);
GRANT SELECT, INSERT, UPDATE ON providers.artist_channels TO mc_search, mc_migrations;
GRANT SELECT, DELETE ON providers.artist_channels TO mc_maintenance;
GRANT SELECT (provider, fetched_at) ON providers.artist_channels TO mc_lookup;

-- What named a track's counterpart: the person's rule, what was found before, the source itself, the artist's channel,
-- open data, or a search.
ALTER TABLE migrations.tracks ADD COLUMN found_by text
    CHECK (found_by IN ('rule', 'match_store', 'source', 'channel', 'seed', 'search'));

-- How many searches the open tracks will take; null: one each. Known once what needs none has been decided.
ALTER TABLE migrations.playlists ADD COLUMN searches_left integer;
GRANT SELECT (searches_left) ON migrations.playlists TO mc_lookup;

CREATE OR REPLACE FUNCTION migrations.work_ahead(target text)
    RETURNS TABLE (user_id bigint, job_id bigint, searches bigint, unwritten bigint, uncreated bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = migrations, pg_temp
    BEGIN ATOMIC
        SELECT p.user_id, p.job_id,
               sum(CASE WHEN j.is_rollback THEN 0
                   ELSE least(p.searches_left, greatest(0, p.track_count - p.matched_count - p.failed_count)) END),
               -- Taking out costs what writing costs; a dry run writes nothing.
               sum(CASE WHEN j.is_rollback THEN p.written_count WHEN j.dry_run THEN 0
                   ELSE greatest(0, p.track_count - p.failed_count - p.written_count) END),
               count(*) FILTER (WHERE p.target_playlist_id IS NULL AND NOT p.into_likes AND NOT j.dry_run)
        FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
        WHERE p.status IN ('pending', 'running') AND j.target_provider = target AND j.stop IS NULL
        GROUP BY p.user_id, p.job_id;
    END;

CREATE OR REPLACE FUNCTION core.retention_violations(
    at timestamptz, of_provider text, fresh_before timestamptz, left_before timestamptz)
    RETURNS TABLE (what text, found bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = core, pg_temp
    BEGIN ATOMIC
        SELECT 'snapshots', count(*) FROM providers.playlist_snapshots s
        JOIN providers.accounts a ON a.id = s.account_id
        WHERE a.provider = of_provider AND s.last_synced_at < fresh_before
        UNION ALL
        SELECT 'matches', count(*) FROM providers.match_store m
        WHERE m.fetched_at < fresh_before AND of_provider IN (m.source_provider, m.target_provider)
          AND (m.confirmed_by = 'score' OR m.target_id IS NULL OR m.target IS NOT NULL)
        UNION ALL
        SELECT 'pins', count(*) FROM search.pinned_items p
        WHERE p.provider = of_provider AND p.fetched_at < fresh_before AND p.title <> ''
        UNION ALL
        SELECT 'searches', count(*) FROM search.cache c WHERE c.provider = of_provider AND c.expires_at < fresh_before
        UNION ALL
        SELECT 'consents', count(*) FROM providers.accounts a
        WHERE a.provider = of_provider AND a.status <> 'consent_needed'
          AND a.checked_at < at - interval '30 days'
        UNION ALL
        SELECT 'accounts', count(*) FROM providers.accounts a
        WHERE a.provider = of_provider AND a.status = 'consent_needed'
          AND a.status_since < at - interval '31 days'
        UNION ALL
        SELECT 'unlinked_accounts', count(*) FROM providers.unlinked_accounts d
        WHERE d.provider = of_provider AND d.left_at < left_before
        UNION ALL
        SELECT 'pair_states', count(*) FROM sync.states s JOIN sync.pairs p ON p.id = s.pair_id
        WHERE of_provider IN (p.left_provider, p.right_provider) AND s.saved_at < fresh_before
        UNION ALL
        SELECT 'changes', count(*) FROM changes.sets c
        WHERE c.provider = of_provider AND c.created_at < fresh_before
        UNION ALL
        SELECT 'channels', count(*) FROM providers.artist_channels k
        WHERE k.provider = of_provider AND k.fetched_at < fresh_before;
    END;
