"""Give what whoever has the address of a share may see, without what sharing itself needs."""

from musicconnect.providers.shares.store import SharedPlaylist, find_shared

__all__ = ["SharedPlaylist", "find_shared"]
