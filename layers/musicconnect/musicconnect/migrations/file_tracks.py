"""Tell what files say of tracks from what providers say. Pure.

What a file says of a track is nobody's word but its owner's: a file may call any id by any name. So nothing
that was found for it goes into the shared match store under a provider's id. It goes there under an id made
from what the file says, which leads to nothing else; then a second file with the same entry costs no search.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from musicconnect.music.model import Track
from musicconnect.providers.match_store.model import Finding
from musicconnect.providers.registry import FILE

PREFIX: Final = f"{FILE}:"


def anonymous_track(track: Track) -> Track:
    """Give a track an id that is made from its own words, and leads to nothing else."""
    said = [
        track.title, track.artists, track.channel, track.album, track.duration_ms, track.isrc, track.kind,
        track.explicit,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
    return replace(track, provider=FILE, id=PREFIX + digest)


def shareable(findings: Sequence[Finding]) -> list[Finding]:
    """Select what the match store may have of the findings about a file's tracks.

    Counterparts only: what was looked for in vain may be anything, and is nobody's business. What the file
    named itself was not looked for.
    """
    return [
        replace(finding, source=anonymous_track(finding.source))
        for finding in findings
        if finding.target is not None and finding.source.provider != finding.target_provider
    ]
