"""Links a test's person to a simulator the way a browser would: over the consent page's redirect."""

from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from tests.support.functions import Answer, Person

type Decision = Literal["approve", "deny"]


def link(
    person: Person,
    provider: str,
    access: str = "write",
    login: str = "ada",
    *,
    follows: bool = False,
    **consent: str,
) -> dict[str, Any]:
    """Link an account and give what the API tells about it.

    Args:
        person: Who is signed in.
        provider: ``spotify`` or ``youtube``.
        access: ``read`` or ``write``.
        login: Who consents, of the simulator's people.
        follows: Whether followed artists are asked for, too.
        consent: Further parameters of the consent page (YouTube: ``grant="youtube.readonly"``).
    """
    back = consented(person, provider, access, login, "approve", follows=follows, **consent)
    answer = complete(person, provider, back)
    assert answer.status == 200, answer.text
    account: dict[str, Any] = answer.json
    return account


def consented(
    person: Person,
    provider: str,
    access: str = "write",
    login: str = "ada",
    decision: Decision = "approve",
    return_url: str | None = None,
    *,
    follows: bool = False,
    **consent: str,
) -> dict[str, str]:
    """Begin to link, decide on the consent page, and give what comes back to the callback."""
    started = person.call(
        "POST",
        f"/v1/providers/{provider}/link",
        {"access": access, "return_url": return_url, "follows": follows},
    )
    assert started.status == 201, started.text
    if started.json["linked_by"] == "token":
        return _pasted(person, provider, started.json["state"], login, decision)
    url = f"{started.json['authorize_url']}&{urlencode({'login': login, 'decision': decision} | consent)}"
    redirect = requests.get(url, allow_redirects=False, timeout=10)
    assert redirect.status_code == 302, redirect.text
    back = urlsplit(redirect.headers["Location"])
    assert back.path == f"/v1/providers/{provider}/callback"
    carried = dict(parse_qsl(back.query))
    assert carried["state"] == started.json["state"]
    return carried


def _pasted(person: Person, provider: str, state: str, login: str, decision: Decision) -> dict[str, str]:
    """Do what a person does who is to paste a token: copy it from the page, or think better of it."""
    if decision == "deny":
        return {"state": state, "error": "access_denied"}
    simulator = person.harness.environment[f"{provider.upper()}_API_URL"]
    told = requests.post(f"{simulator}/_control/tokens", json={"user": login}, timeout=10)
    assert told.status_code == 200, told.text
    return {"state": state, "code": told.json()["token"]}


def complete(person: Person, provider: str, carried: dict[str, str]) -> Answer:
    """Send what came back to the callback, as its page says."""
    body = {name: carried[name] for name in ("code", "error", "state") if name in carried}
    return person.call("POST", f"/v1/providers/{provider}/link/complete", body)
