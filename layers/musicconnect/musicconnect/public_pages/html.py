"""Write pages for strangers: plain HTML that needs no script. Pure.

Every text that a person or a service gave is escaped; nothing else writes into a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote

ASSETS: Final = "/docs/"
"""Where the console's function serves the style and the picture of these pages."""
LIST_TYPE: Final = "music.playlist"
TRACK_TYPE: Final = "music.song"

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · MusicConnect</title>
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="{assets}public.css">
<link rel="icon" href="{assets}favicon.png">
{open_graph}</head>
<body>
<header><a class="logo" href="/">MusicConnect</a></header>
<main>
{content}
</main>
<footer>Titles as the services give them; every line leads there.</footer>
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What programs show of a page where somebody sends its address (OpenGraph)."""

    kind: str
    title: str
    text: str
    url: str
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a shared list; without a title only that there is something, or nothing."""

    title: str | None
    artists: str = ""
    duration_ms: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A way to another view of the same page."""

    title: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service has something."""

    service: str
    url: str


def page(title: str, content: str, preview: Preview | None = None) -> str:
    """Write a page around its content, which is HTML."""
    tags = "" if preview is None else _open_graph(preview)
    return _PAGE.format(title=escape(title), content=content, open_graph=tags, assets=ASSETS)


def message(title: str, text: str, *, has_form: bool = False) -> str:
    """Write a page that says why there is nothing else, and what to do."""
    return page(title, f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>\n{link_form() if has_form else ''}")


def link_form() -> str:
    """Write the field for a link."""
    return (
        '<form action="/l" method="get"><label for="url">Link of a track</label> '
        '<input id="url" name="url" inputmode="url" required maxlength="2000" autocomplete="off"> '
        "<button>Find it elsewhere</button></form>"
    )


def track(
    title: str, artists: str, duration_ms: int | None, places: Sequence[Place], attribution: Place
) -> str:
    """Write what one service says about a track, and where others have the same recording."""
    about = " · ".join(part for part in (_name(artists), length(duration_ms)) if part)
    ways = "".join(f"<li>{_button(place, 'Listen at')}</li>" for place in places)
    return (
        f'{picture(title)}<h1>{_name(title)}</h1>\n<p class="soft">{about}</p>\n'
        f'<ul class="ways">{ways}</ul>\n{source(attribution)}\n{link_form()}'
    )


def unknown_track(place: Place) -> str:
    """Write that nobody has looked for a track elsewhere."""
    title = "Nothing is known of this track yet"
    content = (
        f"<h1>{title}</h1>\n<p>Nobody here has looked for it at another service.</p>\n"
        f"{_button(place, 'Listen at')}\n{link_form()}"
    )
    return page(title, content)


def playlist(
    name: str,
    about: str,
    views: Sequence[View],
    lines: Sequence[Line],
    *,
    first: int,
    missing: str,
    more: Sequence[View],
    whole: Place | None,
    attribution: Place,
) -> str:
    """Write a page of a shared list, as one service has it.

    Args:
        name: Of the playlist.
        about: Whose it is, how long, and from when.
        views: The same list at each service.
        lines: Of this page.
        first: Number of the first line, from 1.
        missing: What a line says that has nothing.
        more: Pages before and behind this one.
        whole: Where the playlist itself is; None: nowhere that strangers get to.
        attribution: Whose content this is.
    """
    tabs = "".join(_link(view) for view in views)
    rows = "".join(_row(line, missing) for line in lines)
    pages = f'<nav aria-label="Pages">{"".join(map(_link, more))}</nav>' if more else ""
    opening = f"<p>{_button(whole, 'Open the playlist at')}</p>" if whole else ""
    return (
        f'{picture(name)}<h1>{_name(name)}</h1>\n<p class="soft">{escape(about)}</p>\n'
        f'<nav class="tabs" aria-label="Services">{tabs}</nav>\n{opening}\n'
        f'<ol start="{first}">{rows}</ol>\n{pages}\n{source(attribution)}'
    )


def source(place: Place) -> str:
    """Write whose content a page shows, with the link that has to go with it."""
    return (
        f'<p class="small"><a href="{escape(place.url)}" rel="noopener noreferrer">'
        f"{escape(place.service)}</a></p>"
    )


def length(duration_ms: int | None) -> str:
    """Write a length as minutes and seconds."""
    if duration_ms is None:
        return ""
    seconds = round(duration_ms / 1000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def picture(text: str) -> str:
    """Draw a tile out of a name: no cover of anybody's."""
    mark = sum(map(ord, text))
    circles = "".join(
        f'<circle cx="{8 + mark % 25}" cy="{8 + mark // 25 % 25}" r="{radius}"/>' for radius in (8, 17, 26)
    )
    return (
        f'<svg class="tile k{mark % 6}" viewBox="0 0 40 40" aria-hidden="true">'
        f'<rect width="40" height="40"/>{circles}</svg>'
    )


def address(*parts: str) -> str:
    """Build the path of a page out of what stands between its slashes."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def _name(text: str) -> str:
    """Write a name that somebody gave, whatever way its script runs."""
    return f"<bdi>{escape(text)}</bdi>" if text else ""


def _button(place: Place, verb: str) -> str:
    return (
        f'<a class="button" href="{escape(place.url)}" rel="noopener noreferrer">'
        f"{verb} {escape(place.service)}</a>"
    )


def _link(view: View) -> str:
    current = ' aria-current="page"' if view.is_current else ""
    return f'<a href="{escape(view.url)}"{current}>{escape(view.title)}</a> '


def _row(line: Line, missing: str) -> str:
    if line.title is None:
        return f'<li class="soft">{escape(missing)}</li>'
    about = " · ".join(part for part in (_name(line.artists), length(line.duration_ms)) if part)
    title = _name(line.title)
    if line.url is not None:
        title = f'<a href="{escape(line.url)}" rel="noopener noreferrer">{title}</a>'
    return f"<li>{title}<small>{about}</small></li>" if about else f"<li>{title}</li>"


def _open_graph(preview: Preview) -> str:
    tags = {
        "og:type": preview.kind,
        "og:site_name": "MusicConnect",
        "og:title": preview.title,
        "og:description": preview.text,
        "og:url": preview.url,
        "og:image": preview.image,
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "MusicConnect",
    }
    return "".join(f'<meta property="{name}" content="{escape(text)}">\n' for name, text in tags.items())
