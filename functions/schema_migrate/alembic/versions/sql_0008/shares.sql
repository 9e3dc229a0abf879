-- A share is read again before what it holds has to go. Where that fails it pauses: it holds nothing of the provider's
-- then, and its address is kept for when its owner brings it up to date.
ALTER TABLE providers.shares
    ADD COLUMN paused_at    timestamptz,
    ADD COLUMN pause_code   text CHECK (pause_code IN ('account', 'playlist-gone', 'not-readable', 'not-read-in-time')),
    ADD COLUMN next_read_at timestamptz;  -- not to be read again by itself before then; null: as soon as it is due
CREATE POLICY own_refresh ON providers.shares TO mc_maintenance
    USING (user_id = (SELECT core.current_user_id())) WITH CHECK (user_id = (SELECT core.current_user_id()));
GRANT SELECT, UPDATE ON providers.shares TO mc_maintenance;
GRANT UPDATE (next_read_at) ON providers.shares TO mc_lookup;
GRANT SELECT (id, account_id, provider_playlist_id, name, is_public, is_own) ON providers.playlist_snapshots TO mc_lookup;
CREATE POLICY claim ON providers.shares FOR UPDATE TO mc_lookup USING (true);

-- Shares of a provider that are to be read again, the first to end first; each is claimed until it may be tried again.
CREATE FUNCTION providers.claim_due_shares(
    of_provider text, expires_before timestamptz, at timestamptz, again_at timestamptz, most integer)
    RETURNS TABLE (share_id bigint, user_id bigint, playlist_id bigint, provider text, provider_playlist_id text,
                   name text, is_public boolean, is_own boolean, is_usable boolean, expires_at timestamptz)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = providers, pg_temp
    BEGIN ATOMIC
        WITH due AS (
            SELECT s.id FROM providers.shares s
            WHERE s.provider = of_provider AND s.paused_at IS NULL AND s.expires_at <= expires_before
              AND (s.next_read_at IS NULL OR s.next_read_at <= at) AND core.is_active(s.user_id)
            ORDER BY s.expires_at LIMIT most FOR UPDATE SKIP LOCKED
        ), claimed AS (
            UPDATE providers.shares s SET next_read_at = again_at FROM due WHERE s.id = due.id RETURNING s.*)
        SELECT c.id, c.user_id, c.playlist_id, c.provider, n.provider_playlist_id, n.name, n.is_public, n.is_own,
               a.status <> 'consent_needed', c.expires_at
        FROM claimed c JOIN providers.playlist_snapshots n ON n.id = c.playlist_id
        JOIN providers.accounts a ON a.id = n.account_id
        ORDER BY c.expires_at;
    END;

CREATE OR REPLACE FUNCTION providers.find_shared_playlist(of_slug text, at timestamptz)
    RETURNS TABLE (provider text, name text, address text, shared_by text, entries jsonb, total integer,
                   left_out integer, read_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = providers, pg_temp
    BEGIN ATOMIC
        SELECT s.provider, s.name, s.address, s.shared_by, s.entries, s.total, s.left_out, s.read_at
        FROM providers.shares s
        WHERE s.slug = of_slug AND s.expires_at > at AND s.paused_at IS NULL AND core.is_active(s.user_id);
    END;

CREATE OR REPLACE FUNCTION providers.delete_expired_shares(at timestamptz, most integer) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = providers, pg_temp
    BEGIN ATOMIC
        WITH gone AS (
            -- Looked at again when it is deleted: its owner may have shared it anew meanwhile.
            DELETE FROM providers.shares d
            WHERE (d.paused_at IS NULL AND d.expires_at <= at OR d.paused_at <= at - interval '180 days')
              AND d.id IN (
                SELECT s.id FROM providers.shares s
                WHERE s.paused_at IS NULL AND s.expires_at <= at OR s.paused_at <= at - interval '180 days'
                ORDER BY s.expires_at LIMIT most)
            RETURNING 1)
        SELECT count(*) FROM gone;
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
        WHERE k.provider = of_provider AND k.fetched_at < fresh_before
        UNION ALL
        SELECT 'shares', count(*) FROM providers.shares h
        WHERE h.provider = of_provider AND h.read_at < fresh_before AND h.paused_at IS NULL;
    END;

GRANT CREATE ON SCHEMA providers TO mc_lookup;
ALTER FUNCTION providers.claim_due_shares(text, timestamptz, timestamptz, timestamptz, integer) OWNER TO mc_lookup;
REVOKE CREATE ON SCHEMA providers FROM mc_lookup;
REVOKE ALL ON FUNCTION providers.claim_due_shares(text, timestamptz, timestamptz, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION providers.claim_due_shares(text, timestamptz, timestamptz, timestamptz, integer)
    TO mc_maintenance;
