-- One role per service that connects, one per narrower task. Roles belong to the whole server, so they may be there
-- already. Passwords are set by the deployment, from Secrets Manager. What a provider's service may do is a group
-- that nobody logs in as: functions serve one provider, all of them, or all people, as members.
DO $$
DECLARE
    service text;
BEGIN
    FOREACH service IN ARRAY ARRAY[
        'mc_core',          -- MusicConnect Core: accounts, sessions, service registry
        'mc_authorizer',    -- the authorizer: a session token's owner, nothing else
        'mc_providers',     -- functions that serve all providers: exactly the groups below
        'mc_search',        -- Unified Search Service
        'mc_migrations',    -- Playlist Migration Service
        'mc_exports',       -- Data Exports Service
        'mc_user_trends',   -- User Trends Service
        'mc_operator',      -- what operators do to accounts, invoked by IAM only
        'mc_notices',       -- what people are told, and webhooks
        'mc_dispatch',      -- wakes parked and forgotten work
        'mc_rollup',        -- draws the daily aggregates from everybody's plays
        'mc_trends',        -- shows the aggregates and a person their own plays; writes nothing
        'mc_play_poll',     -- asks Spotify what somebody played: User Trends Service and Spotify Core Service
        'mc_maintenance'   -- deletes in time: the provider services and User Trends, as one person at a time
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = service) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', service);
        END IF;
        -- RDS Proxy rejects `options=-c ...` on the connection, so time-outs live on the role.
        EXECUTE format('ALTER ROLE %I SET timezone = %L', service, 'UTC');
        EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', service, '25s');
        EXECUTE format('ALTER ROLE %I SET lock_timeout = %L', service, '10s');
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', service, '60s');
        -- A frozen environment keeps its connection for as long as Lambda keeps it; whoever wakes connects again.
        EXECUTE format('ALTER ROLE %I SET idle_session_timeout = %L', service, '10min');
    END LOOP;
    -- One day of everybody's plays is grouped in memory. Compiling plans costs more than it saves.
    ALTER ROLE mc_rollup SET work_mem = '64MB';
    ALTER ROLE mc_rollup SET jit = off;
    ALTER ROLE mc_trends SET jit = off;
    FOREACH service IN ARRAY ARRAY[
        'mc_spotify',       -- Spotify Core Service
        'mc_youtube',       -- YouTube Core Service
        'mc_tidal'          -- TIDAL Core Service
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = service) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', service);
        END IF;
    END LOOP;
    -- Owns the few functions that look across people, and sees what they need to. Nobody logs in as it.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mc_lookup') THEN
        CREATE ROLE mc_lookup NOLOGIN;
    END IF;
END
$$;
-- Giving a function to a new owner needs membership in it, and from PostgreSQL 16 on the creator of a role has
-- none that would do.
GRANT mc_lookup TO CURRENT_USER;
GRANT mc_spotify, mc_youtube, mc_tidal TO mc_providers;
GRANT mc_spotify, mc_user_trends TO mc_play_poll;
GRANT mc_spotify, mc_youtube, mc_tidal, mc_user_trends TO mc_maintenance;

CREATE SCHEMA core;
CREATE SCHEMA providers;
CREATE SCHEMA search;
CREATE SCHEMA migrations;
CREATE SCHEMA changes;
CREATE SCHEMA exports;
CREATE SCHEMA trends;

-- The person on whose behalf the transaction runs; null when nobody's.
CREATE FUNCTION core.current_user_id() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.user_id', true), '')::bigint;

-- Whether work may be sent to a worker: it is due, in nobody's hands, and its last message, if there was one, is
-- old enough to be lost. A message that only waits in a long queue comes twice then, which changes nothing.
CREATE FUNCTION core.is_claimable(
    due_at timestamptz, lease_until timestamptz, enqueued_at timestamptz, at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN due_at <= at AND (lease_until IS NULL OR lease_until < at)
        AND (enqueued_at IS NULL OR enqueued_at < due_at OR enqueued_at < at - interval '1 minute');

GRANT USAGE ON SCHEMA core TO mc_core, mc_authorizer, mc_spotify, mc_youtube, mc_tidal, mc_providers, mc_search,
    mc_migrations, mc_exports, mc_user_trends, mc_dispatch, mc_rollup, mc_trends, mc_lookup;
GRANT USAGE ON SCHEMA providers TO mc_core, mc_spotify, mc_youtube, mc_tidal, mc_providers, mc_search, mc_migrations,
    mc_exports, mc_user_trends, mc_dispatch, mc_lookup;
GRANT USAGE ON SCHEMA search TO mc_search, mc_maintenance, mc_lookup;
GRANT USAGE ON SCHEMA migrations TO mc_migrations, mc_providers, mc_dispatch, mc_maintenance, mc_lookup;
GRANT USAGE ON SCHEMA changes TO mc_migrations, mc_exports, mc_maintenance, mc_lookup;
GRANT USAGE ON SCHEMA exports TO mc_exports;
GRANT USAGE ON SCHEMA trends TO mc_user_trends, mc_migrations, mc_exports, mc_rollup, mc_trends, mc_lookup;
