-- The latest check of each playlist, of one person.
CREATE INDEX repairs_playlist ON sync.repairs (user_id, provider, playlist_id, id);
