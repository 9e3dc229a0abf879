"""What a person does in the console, in their words; and what a test looks out for meanwhile."""

import itertools
import secrets
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Response, expect

from local.stack.stack import Stack

PASSWORD = "correct horse battery staple"
SLOW_MS = 60_000
"""How long a thing may take on a machine that has much else to do."""
_people = itertools.count()

expect.set_options(timeout=SLOW_MS)


@dataclass
class Watch:
    """Collects what must not happen: violations of the policy, uncaught errors, answers that are errors."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to listen."""
        self.page.on("pageerror", lambda error: self.troubles.append(f"uncaught: {error}"))
        self.page.on("console", self._said)
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            self.troubles.append(message.text)

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} {response.request.method} {response.url}")


@dataclass
class App:
    """The console in one browser."""

    page: Page
    stack: Stack
    is_phone: bool = False
    email: str = ""

    def open(self, path: str = "/") -> None:
        """Open an address of the console."""
        self.page.goto(path)

    def sign_up(self, name: str = "Noor Lindqvist-Abara") -> None:
        """Make an account, from the first page on."""
        self.email = f"noor-{next(_people)}-{secrets.token_hex(4)}@example.org"
        self.open()
        self.page.get_by_role("link", name="Make an account").first.click()
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_role("button", name="Make an account").click()
        self.heading("Link your services")

    def heading(self, text: str) -> None:
        """Wait for a page by its heading."""
        expect(self.page.get_by_role("heading", level=1, name=text)).to_be_visible()

    def consent(self, login: str = "ada", decision: str = "Agree") -> None:
        """Decide on a simulated service's consent page."""
        self.page.wait_for_url(lambda url: not url.startswith(self.stack.api_url))
        self.page.locator(f'input[name="login"][value="{login}"]').check()
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
