"""Decide, when a verification's mail is sent, what it says: in the mail worker, where nobody can watch."""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from psycopg import Connection

from musicconnect.core import store as core_store
from musicconnect.core.mail.store import MailRow
from musicconnect.core.verification import store
from musicconnect.platform import passwords, tokens

CODES = {
    "sign-up": "confirm-sign-up",
    "address": "confirm-address",
    "reset": "password-reset",
    "sign-in": "sign-in-link",
}
"""Template by kind of verification."""
PAGES = {"sign-up": "sign-up", "address": "address", "reset": "reset", "sign-in": "sign-in"}
"""Where the link leads, below ``/app/account``, by kind: pages of the console."""


def prepare(connection: Connection[Any], row: MailRow) -> tuple[str, Mapping[str, Any]] | None:
    """Give template and parameters of a verification's mail; None if nobody is to get one."""
    pending = store.get(connection, row.params["verification"])
    if pending is None:
        return None
    account = core_store.find_account(connection, pending.address, "")
    common = {"base_url": pending.base_url, "time_zone": pending.time_zone}
    if pending.kind in {"reset", "sign-in"}:
        if account is None or not account.is_active:
            return None
    elif account is not None and account.user_id != pending.user_id:
        return "address-taken", common
    token, code = tokens.new_token(), f"{secrets.randbelow(1_000_000):06}"
    store.set_secrets(connection, pending.id, tokens.token_hash(token), passwords.hash_password(code))
    page = PAGES[pending.kind]
    return CODES[pending.kind], {
        **common,
        # Behind the #, so that it stands in no log and in no Referer; opening the page does nothing yet,
        # since programs that look through mail open links, too.
        "url": f"{pending.base_url}/app/account/{page}#{quote(token)}",
        "code": code,
        "expires_at": pending.expires_at.isoformat(),
    }
