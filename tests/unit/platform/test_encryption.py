"""Passwords, tokens and encrypted values."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.platform import passwords
from musicconnect.platform import tokens as platform_tokens
from musicconnect.platform.encryption import DecryptionError, KeyRing

RING = KeyRing("k1", {"k1": "a secret of some length", "k0": "the secret before it"})


class TestPasswords:
    def test_uses_the_parameters_of_rfc_9106(self) -> None:
        hashed = passwords.hash_password("correct horse")

        assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert passwords.verify_password("correct horse", hashed)
        assert not passwords.verify_password("correct horse ", hashed)
        assert not passwords.needs_rehash(hashed)

    def test_never_makes_the_same_hash_twice(self, quick: None) -> None:
        assert passwords.hash_password("x") != passwords.hash_password("x")

    def test_verifies_hashes_with_other_parameters_and_knows_them(self, quick: None) -> None:
        """Made by the reference program: ``echo -n password | argon2 somesalt -t 2 -m 16 -p 4 -id``."""
        old = "$argon2id$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$GpZ3sK/oH9p7VIiV56G/64Zo/8GaUw434IimaPqxwCo"

        assert passwords.verify_password("password", old)
        assert passwords.needs_rehash(old)

    @pytest.mark.parametrize("broken", ["", "x", "$argon2id$v=19$m=1,t=1,p=1$", "$2b$12$abc"])
    def test_a_broken_hash_opens_nothing(self, broken: str) -> None:
        assert not passwords.verify_password("", broken)

    def test_the_decoy_costs_what_a_real_hash_costs_and_opens_nothing(self, quick: None) -> None:
        decoy, real = passwords.decoy_hash(), passwords.hash_password("x")

        assert decoy.split("$")[:4] == real.split("$")[:4]
        assert list(map(len, decoy.split("$"))) == list(map(len, real.split("$")))
        assert not passwords.verify_password("x", decoy)
        assert decoy != passwords.decoy_hash()


class TestTokens:
    def test_are_256_random_bits_safe_in_urls(self) -> None:
        tokens = {platform_tokens.new_token() for _ in range(1000)}

        assert len(tokens) == 1000
        assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {32}

    def test_are_kept_as_sha256(self) -> None:
        assert platform_tokens.token_hash("abc") == hashlib.sha256(b"abc").hexdigest()

    def test_challenge_of_rfc_7636_appendix_b(self) -> None:
        challenge = platform_tokens.code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

        assert challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


class TestSealing:
    @given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])), owner=st.text(alphabet="a:1é"))
    def test_gives_back_what_was_sealed(self, text: str, owner: str) -> None:
        encrypted = RING.encrypt(text, owner=owner)

        assert RING.decrypt(encrypted, owner=owner) == text
        assert RING.is_current(encrypted)

    def test_never_seals_alike(self) -> None:
        assert RING.encrypt("x", owner="a") != RING.encrypt("x", owner="a")

    def test_opens_for_its_owner_only(self) -> None:
        with pytest.raises(DecryptionError):
            RING.decrypt(RING.encrypt("x", owner="account:1"), owner="account:12")

    def test_opens_what_an_older_key_sealed_and_says_so(self) -> None:
        encrypted = KeyRing("k0", {"k0": "the secret before it"}).encrypt("x", owner="a")

        assert RING.decrypt(encrypted, owner="a") == "x"
        assert not RING.is_current(encrypted)

    def test_a_key_of_the_same_name_is_not_the_same_key(self) -> None:
        with pytest.raises(DecryptionError):
            KeyRing("k1", {"k1": "another secret"}).decrypt(RING.encrypt("x", owner="a"), owner="a")

    @pytest.mark.parametrize(
        "encrypted", ["", "k1", "k1.", "k1.!!!!", "k1.AAAA", "k9.AAAA", "x" * 50, "k1.\u00e9"]
    )
    def test_refuses_what_it_did_not_encrypt(self, encrypted: str) -> None:
        with pytest.raises(DecryptionError):
            RING.decrypt(encrypted, owner="a")

    def test_refuses_what_was_changed_anywhere(self) -> None:
        key, _, box = RING.encrypt("a token", owner="a").partition(".")
        raw = base64.urlsafe_b64decode(box)
        for place in range(len(raw)):
            changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
            with pytest.raises(DecryptionError):
                RING.decrypt(f"{key}.{base64.urlsafe_b64encode(changed).decode()}", owner="a")

    def test_a_ring_has_its_current_key(self) -> None:
        with pytest.raises(DecryptionError, match="k2"):
            KeyRing("k2", {"k1": "x"})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "ARGON2_ITERATIONS", 1)
    monkeypatch.setattr(passwords, "ARGON2_LANES", 1)
    monkeypatch.setattr(passwords, "ARGON2_MEMORY_KIB", 64)
