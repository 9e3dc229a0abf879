"""How the providers' searches are asked, as their entries say."""

from musicconnect.providers import registry

SPOTIFY = registry.get("spotify").search
YOUTUBE = registry.get("youtube").search
