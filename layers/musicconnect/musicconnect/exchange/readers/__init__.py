"""Files of playlists, read as streams."""
