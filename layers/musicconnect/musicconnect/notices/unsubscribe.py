"""End a kind of mail by one click, without signing in (RFC 8058).

The link says whose mail of which kind it ends, and is signed, so that nobody can end another's. It holds for
good: whoever finds an old mail ends it all the same, and nothing but mail can be ended by it.
"""

from typing import Final
from urllib.parse import urlencode

from musicconnect.api.responses import Reply
from musicconnect.notices import service, status_text, store
from musicconnect.notices.codes import KINDS, Choice
from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.problems import Problem

DAILY: Final = "daily"
"""Instead of a kind: the digest, with all kinds that are in it."""
PATH: Final = "/v1/notices/unsubscribe"
_PAGE: Final = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head>
<body><h1>{title}</h1>
{content}
</body></html>
"""
_FORM: Final = """\
<p>No more mail of this kind: {what}. Your list in MusicConnect goes on.</p>
<form method="post"><button>Unsubscribe</button></form>"""
_DONE: Final = (
    "<p>You get no more mail of this kind: {what}. You can switch it on again in your settings.</p>"
)
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def url(ring: KeyRing, user_id: int, code: str) -> str | None:
    """Make the link that ends a kind of mail of a person's; None where the API's address is not known."""
    base = config.public_url()
    if base is None:
        return None
    text = f"{user_id}.{code}"
    return f"{base}{PATH}?{urlencode({'token': f'{text}.{ring.sign(text, purpose=PATH)}'})}"


def page(token: str) -> Reply:
    """Ask whether the mail is to be ended: programs that look at links must not end it. `Problem` 404."""
    _, code = _read(token)
    return _reply("Unsubscribe", _FORM.format(what=_what(code)))


def end(database: Database, token: str) -> Reply:
    """End the mail; done twice, or for a person who is gone, it is the same.

    Raises:
        Problem: 404 if the link is not one of ours.
    """
    user_id, code = _read(token)
    at = clock.now()
    with database.transaction(user_id) as connection:
        if service.is_there(connection, user_id):
            chosen = service.choices(connection, user_id)
            ended = (
                [one for one, choice in chosen.items() if choice.mail == "daily"] if code == DAILY else [code]
            )
            for one in ended:
                if not KINDS[one].is_fixed:
                    store.save_choice(connection, user_id, one, Choice("none", chosen[one].webhook), at)
            if code == DAILY:
                store.clear_digest(connection, user_id)
    return _reply("Unsubscribed", _DONE.format(what=_what(code)))


def _what(code: str) -> str:
    return "the daily digest" if code == DAILY else f"“{status_text.TITLES[code]}”"


def _read(token: str) -> tuple[int, str]:
    user_id, _, rest = token.partition(".")
    code, _, signature = rest.partition(".")
    is_ours = KeyRing.from_environment().is_signed(f"{user_id}.{code}", signature, purpose=PATH)
    if not is_ours or not (code == DAILY or code in KINDS):
        detail = "Take the link of the mail as it is, or sign in and change your settings."
        raise Problem(404, "not-found", "Not found", detail)
    return int(user_id), code


def _reply(title: str, content: str) -> Reply:
    body = _PAGE.format(title=title, content=content)
    return Reply(body, 200, dict(_HEADERS), "text/html; charset=utf-8")
