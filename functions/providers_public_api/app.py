# ruff: noqa: PLC0415
"""Pages that nobody signs in for: where else a track is, and playlists that their owners share.

They are HTML and no operations of the API, so what is registered here is not called ``api``: the description
leaves it out. Use cases are imported by the requests that need them.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.platform import database
from musicconnect.public_pages import answers
from musicconnect.public_pages.schemas import LinkQuery, ListQuery

pages = Api("Pages", error_response=answers.refusal)


@pages.get("/l", public=True)
def link_form(query: LinkQuery) -> Reply:
    """Ask for a link, or send the browser on to its page."""
    from musicconnect.public_pages import links

    return links.form(query.url)


@pages.get("/l/{provider}/{track_id}", public=True)
def show_link(provider: str, track_id: str, request: Request) -> Reply:
    """Show where else a track is."""
    from musicconnect.public_pages import links

    return links.show(database.shared(), provider, track_id, request)


@pages.get("/p/{slug}", public=True)
def show_playlist(slug: str, query: ListQuery, request: Request) -> Reply:
    """Show a playlist that its owner shares."""
    from musicconnect.public_pages import playlists

    return playlists.show(database.shared(), slug, query, request)


handler = pages.handle
