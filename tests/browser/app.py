"""What a person does in the console, in their words; and what a test looks out for meanwhile."""

import itertools
import re
import secrets
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, expect

from local.stack import mailbox
from local.stack.stack import Stack
from local.stack.wait import wait_until

PASSWORD = "correct horse battery staple"
SLOW_MS = 120_000
"""How long a thing may take on a machine that has much else to do."""
_people = itertools.count()

expect.set_options(timeout=SLOW_MS)


@dataclass
class Watch:
    """Collects what must not happen: violations of the policy, and errors that nobody caught."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to listen."""
        self.page.on("pageerror", lambda error: self.troubles.append(f"uncaught: {error}"))
        self.page.on("console", self._said)

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            self.troubles.append(message.text)


@dataclass(frozen=True)
class Person:
    """Somebody who has used it for a while."""

    email: str
    preview: int
    """A dry run that has ended."""
    move: int
    """A move that has ended."""
    track: int
    """A track that it wrote."""
    pair: int
    """A pair whose first run waits for a word."""
    run: int
    """That run."""
    playlist: int
    """One that is shared, and looked after."""
    webhook: int
    """One that is switched off."""


@dataclass
class App:
    """The console in one browser."""

    page: Page
    stack: Stack
    watch: Watch
    is_phone: bool = False
    is_dark: bool = False
    email: str = ""

    def open(self, path: str = "/") -> None:
        """Open an address of the console."""
        self.page.goto(path)

    def go(self, path: str) -> None:
        """Go to a screen as a link of the console does, without loading the page again."""
        self.page.evaluate(
            "to => { const link = document.createElement('a'); link.href = to; document.body.append(link);"
            " link.click(); link.remove(); }",
            path,
        )

    def sign_up(self, name: str = "Noor Lindqvist-Abara") -> None:
        """Make an account, from the first page on."""
        self.email = f"noor-{next(_people)}-{secrets.token_hex(4)}@example.org"
        self.open()
        self.page.get_by_role("link", name="Make an account").first.click()
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_role("button", name="Make an account").click()
        code = self.page.get_by_label("Six digits")
        expect(code.or_(self.page.get_by_role("heading", name="Link your services"))).to_be_visible()
        if code.count():  # where addresses are confirmed
            code.fill(self.mailed(r"\b(\d{6})\b"))
            self.page.get_by_role("button", name="Confirm and go on").click()
        self.heading("Link your services")

    def mailed(self, pattern: str) -> str:
        """Read in the last mail to this person, once it has come."""

        def found() -> str | None:
            texts = [one.text for one in mailbox.read(self.stack.aws_url) if one.to == self.email]
            match = re.search(pattern, texts[-1]) if texts else None
            return match[1] if match else None

        return wait_until(found, seconds=SLOW_MS / 1000, what=f"a mail to {self.email}")

    def sign_in_as(self, person: Person | str) -> None:
        """Sign in without the form, as somebody who has an account."""
        email = person if isinstance(person, str) else person.email
        body = {"email": email, "password": PASSWORD, "as_cookie": True}
        headers = {"Sec-Fetch-Site": "same-origin"}
        answer = self.page.request.post("/v1/auth/login", data=body, headers=headers)
        assert answer.status == 200, answer.text()

    def darken(self, is_dark: bool) -> None:
        """Let the person's system prefer dark colours, or light ones."""
        self.is_dark = is_dark
        self.page.emulate_media(color_scheme="dark" if is_dark else "light", reduced_motion="reduce")

    def settled(self) -> None:
        """Wait until nothing is on its way any more."""
        expect(self.page.locator(".late")).to_have_count(0)

    def heading(self, text: str) -> None:
        """Wait for a page by its heading."""
        expect(self.page.get_by_role("heading", level=1, name=text)).to_be_visible()

    @property
    def login(self) -> str:
        """Who agrees at the services; a day of YouTube is not long enough for one of them twice."""
        return "grace" if self.is_phone else "ada"

    def consent(self, decision: str = "Agree") -> None:
        """Decide on a simulated service's consent page."""
        self.page.wait_for_url(lambda url: not url.startswith(self.stack.api_url))
        self.page.locator(f'input[name="login"][value="{self.login}"]').check()
        self.page.get_by_role("button", name=decision, exact=True).click()
        self.page.wait_for_url(f"{self.stack.api_url}/**")

    def link_both(self) -> None:
        """Link Spotify and YouTube, from the page for that."""
        for service in ("Spotify", "YouTube"):
            self.page.get_by_role("button", name=f"Link {service}", exact=True).click()
            self.consent()
            self.heading("Link your services")
        expect(self.page.get_by_text("Linked", exact=True)).to_have_count(2)

    def section(self, name: str) -> None:
        """Go to an entry of the navigation."""
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()
