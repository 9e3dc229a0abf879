"""What to type into a provider's search."""

from musicconnect.matching.uploads import parse_upload
from musicconnect.providers.base import Track


def queries(source: Track, target_provider: str) -> list[str]:
    """Search queries for a track on a provider, best first."""
    if source.artists:
        artist, title = source.artists[0], source.title
    else:
        upload = parse_upload(source.title, source.channel, source.description)
        artist, title = upload.artist or "", upload.title or source.title
    plain = f"{artist} {title}".strip()
    found = [f"isrc:{source.isrc}"] if source.isrc and target_provider == "spotify" else []
    return [*found, plain]
