"""Keep two playlists of any two providers in step."""
