"""Show strangers the counterparts of a track, as far as the match store knows them.

No provider is asked, so nobody's allowance is spent. A page shows what one service says; of the others it
has the addresses alone.
"""

from typing import Final

from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.core import rate_limits
from musicconnect.music import links
from musicconnect.music.links import Link, LinkError
from musicconnect.music.model import ItemType, ProviderName, Track
from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem
from musicconnect.providers import registry
from musicconnect.providers.match_store import service as match_store
from musicconnect.public_pages import answers, html
from musicconnect.public_pages.html import Place, Preview

CACHE_S: Final = 3600
"""What the store knows changes slowly."""
PATH: Final = "l"


def form(text: str | None) -> Reply:
    """Ask for a link, or send the browser on to the page of the one that was pasted. `Problem` 404, 422."""
    require_switch()
    if text is None or not text.strip():
        content = f"<h1>Where else is this track?</h1>\n{html.link_form()}"
        return answers.page(html.page("Where else is this track?", content), CACHE_S)
    try:
        link = links.parse(text)
    except LinkError as error:
        raise Problem(422, "no-link", "This link leads nowhere here", error.message) from None
    if link.type not in (ItemType.TRACK, ItemType.VIDEO):
        raise Problem(
            422, "no-track", "This is no link of a track", "Send the link of a single track or video."
        )
    return answers.redirect(html.address(PATH, link.provider, link.id))


def show(database: Database, provider: ProviderName, track_id: str, request: Request) -> Reply:
    """Show where the recording of a provider's track is, too.

    Raises:
        Problem: 404, this is no track's address; 429, too many pages.
    """
    require_switch()
    entry = registry.get(provider)
    link = _link(provider, track_id)
    asked = Track(provider=provider, id=link.id, title="")
    now = clock.now()
    places = [Place(service=entry.title, url=entry.address(entry.item_types[0], link.id))]
    facts: Track | None = None
    with database.transaction() as connection:
        rate_limits.consume_page(connection, rate_limits.source_of(request.source_ip), now)
        for name, other in registry.offered().items():
            if name == provider:
                continue
            match = match_store.find(connection, [asked], name, now).get(link.id)
            if match is None or match.target_id is None or not match.settled:
                continue
            facts = facts or match.source
            places.append(Place(service=other.title, url=other.address(other.item_types[0], match.target_id)))
    if len(places) == 1:
        return answers.missing(html.unknown_track(places[0]))
    title = facts.title if facts else f"A track at {entry.title}"
    artists = facts.artist_line if facts else ""
    services = _listed([place.service for place in places])
    preview = Preview(
        kind=html.TRACK_TYPE,
        title=f"{title} – {artists}" if artists else title,
        text=f"Listen at {services}.",
        url=request.base_url + html.address(PATH, provider, link.id),
        image=request.base_url + answers.CARD,
    )
    content = html.track(
        title,
        artists,
        facts.duration_ms if facts else None,
        places,
        Place(service=entry.attribution, url=places[0].url),
    )
    return answers.page(html.page(title, content, preview), CACHE_S)


def require_switch() -> None:
    """Refuse where the deployer has not switched these pages on. `Problem` 404, as of any other address."""
    if not config.has_link_pages():
        raise answers.nothing_here()


def _link(provider: ProviderName, track_id: str) -> Link:
    """Check an id by reading it as part of the provider's own address. `Problem` 404."""
    entry = registry.get(provider)
    try:
        link = links.parse(entry.address(entry.item_types[0], track_id))
    except LinkError:
        raise answers.nothing_here() from None
    if link.id != track_id or link.type is not entry.item_types[0]:
        raise answers.nothing_here()
    return link


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
