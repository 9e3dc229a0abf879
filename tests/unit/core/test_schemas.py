"""What the models take, beyond what the API's tests send."""

from zoneinfo import available_timezones

import pytest
from pydantic import ValidationError

from musicconnect.core.schemas import PasswordChange, ProfileChange, SignUp
from musicconnect.core.services import registry

PASSWORD = "correct horse battery"


def test_every_iana_zone_is_taken() -> None:
    odd = {"localtime", "posixrules", "Factory"}
    names = {name for name in available_timezones() if not name.startswith(("posix/", "right/"))} - odd
    assert len(names) > 400

    for name in names:
        assert ProfileChange(time_zone=name).time_zone == name


@pytest.mark.parametrize(
    "name", ["europe/berlin", "Europe/Berlin ", "UTC+1", "posix/UTC", "right/UTC", "Factory"]
)
def test_zones_are_named_exactly(name: str) -> None:
    if name.endswith(" "):  # surrounding space is no part of what was meant
        assert ProfileChange(time_zone=name).time_zone == name.strip()
    else:
        with pytest.raises(ValidationError):
            ProfileChange(time_zone=name)


@pytest.mark.parametrize("name", ["李", "עברית", "👩‍🎤", "O’Brien-Smith", "x" * 100])
def test_display_names_of_all_kinds(name: str) -> None:
    assert SignUp(email="a@example.org", password=PASSWORD, display_name=name).display_name == name


@pytest.mark.parametrize("name", ["a\tb", "a\u2028b", "a\x9bb", "\u0000"])
def test_display_names_of_one_line(name: str) -> None:
    with pytest.raises(ValidationError):
        SignUp(email="a@example.org", password=PASSWORD, display_name=name)


def test_passwords_may_have_the_longest_and_shortest_length() -> None:
    for length in (10, 200):
        PasswordChange(current_password="x", new_password=("pq8Zx" * 40)[:length])


def test_the_register_names_eight_services_once() -> None:
    services = registry("https://music.example")

    assert len({service.name for service in services}) == len(services) == 8
    assert all(service.is_active and service.description for service in services)
    for service in services:
        for route in service.routes:
            address = "https://music.example" + route.partition(" ")[2]
            assert address.startswith(service.base_url), (service.name, route)
    assert registry(None)[0].base_url == "/v1"
