-- Ids that open data (CC0) names for recordings: candidates to look up, no matches. Not what a provider's API told, so no
-- term of a provider limits how long it stays. Nothing in it is about a person. Loaded by `python -m tools.seed`.
CREATE TABLE providers.seeds (
    key         text NOT NULL,  -- normal form of a recording, or its ISRC
    provider    text NOT NULL,
    track_id    text NOT NULL,
    source      text NOT NULL CHECK (source IN ('discogs', 'musicbrainz')),
    duration_ms integer,        -- null: nobody says
    PRIMARY KEY (key, provider, track_id, source)
);
GRANT SELECT ON providers.seeds TO mc_migrations;

-- How far a dump was read: a load that was killed goes on behind the last part that is in the table.
CREATE TABLE providers.seed_loads (
    source      text NOT NULL CHECK (source IN ('discogs', 'musicbrainz')),
    dump        text NOT NULL,              -- the file's name, which has its date
    position    bigint NOT NULL DEFAULT 0,  -- bytes of the dump, unpacked
    read_count  bigint NOT NULL DEFAULT 0,  -- releases or recordings
    bad_count   bigint NOT NULL DEFAULT 0,  -- those that could not be read
    finished_at timestamptz,
    PRIMARY KEY (source, dump)
);
