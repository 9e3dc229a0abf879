"""What the messages about accounts say."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.core.mail.content import Block, Code, Content, Link, MailTemplate
from musicconnect.platform.status import Reader, quoted

_NOT_YOU: Final = "If it was not you, you need do nothing: without this mail nothing happens."


def _proof(params: Mapping[str, Any], reader: Reader, label: str) -> list[Block]:
    return [
        Link(label, params["url"]),
        "Or type this code in where you asked for it:",
        Code(params["code"]),
        f"Both are good once, until {reader.time(params['expires_at'])}.",
    ]


def _confirm_sign_up(params: Mapping[str, Any], reader: Reader) -> Content:
    return Content(
        "Confirm your address",
        [
            "Somebody, we hope you, is signing up at MusicConnect with this address.",
            *_proof(params, reader, "Confirm the address"),
            _NOT_YOU,
        ],
    )


def _address_taken(params: Mapping[str, Any], _: Reader) -> Content:
    return Content(
        "You have an account already",
        [
            "Somebody, perhaps you, wanted to use this address for a new account at MusicConnect, or for "
            "another one. It has an account, so nothing was changed.",
            "If it was you: sign in, or set a new password if you do not know it any more.",
            Link("Sign in", params["base_url"]),
            "If it was not you, you need do nothing. Whoever it was has not learnt that you have an account.",
        ],
    )


def _confirm_address(params: Mapping[str, Any], reader: Reader) -> Content:
    return Content(
        "Confirm your address",
        [
            "This address is to be the one of a MusicConnect account.",
            *_proof(params, reader, "Confirm the address"),
            _NOT_YOU,
        ],
    )


def _password_reset(params: Mapping[str, Any], reader: Reader) -> Content:
    return Content(
        "Set a new password",
        [
            "Somebody, we hope you, has forgotten the password of your MusicConnect account.",
            *_proof(params, reader, "Set a new password"),
            "A new password ends all sessions.",
            _NOT_YOU,
        ],
    )


def _sign_in_link(params: Mapping[str, Any], reader: Reader) -> Content:
    return Content(
        "Sign in to MusicConnect",
        [
            "Somebody, we hope you, wants to sign in to your account without a password.",
            *_proof(params, reader, "Sign in"),
            f"{_NOT_YOU} Give the code to nobody.",
        ],
    )


def _password_changed(params: Mapping[str, Any], reader: Reader) -> Content:
    return Content(
        "Your password was changed",
        [
            f"The password of your MusicConnect account was changed at {reader.time(params['at'])}. All "
            "other sessions have ended.",
            "If it was not you, set a new one now, by this address:",
            Link("Set a new password", f"{params['base_url']}/account/forgot"),
        ],
    )


def _passkey_added(params: Mapping[str, Any], reader: Reader) -> Content:
    return Content(
        "A passkey was added",
        [
            f"The passkey {quoted(params['name'])} lets into your MusicConnect account since "
            f"{reader.time(params['at'])}.",
            "If it was not you, delete it, and set a new password: that ends all other sessions.",
        ],
    )


def _address_left(params: Mapping[str, Any], reader: Reader) -> Content:
    return Content(
        "Your address was changed",
        [
            f"Your MusicConnect account has another address since {reader.time(params['at'])}. Nothing more "
            "is sent here.",
            "If it was not you, write to whoever runs this MusicConnect, from this address.",
        ],
    )


def _address_changed(params: Mapping[str, Any], reader: Reader) -> Content:
    return Content(
        "This is your address now",
        [f"Your MusicConnect account has this address since {reader.time(params['at'])}."],
    )


TEMPLATES: Final[dict[str, MailTemplate]] = {
    "confirm-sign-up": MailTemplate(_confirm_sign_up, to_unconfirmed=True),
    "address-taken": MailTemplate(_address_taken, to_unconfirmed=True),
    "confirm-address": MailTemplate(_confirm_address, to_unconfirmed=True),
    "password-reset": MailTemplate(_password_reset, to_unconfirmed=True),
    "sign-in-link": MailTemplate(_sign_in_link, to_unconfirmed=True),
    "password-changed": MailTemplate(_password_changed),
    "passkey-added": MailTemplate(_passkey_added),
    "address-left": MailTemplate(_address_left, to_unconfirmed=True),
    "address-changed": MailTemplate(_address_changed),
}
"""By code."""
