"""Name users for programs that know names only. Pure."""

import re
import unicodedata


def client_name(display_name: str, user_id: int) -> str:
    """Make a user's name in addresses: the display name without spaces, and the id, which makes it unique."""
    text = unicodedata.normalize("NFKC", display_name).casefold()
    slug = re.sub(r"[^\w]+", "-", text).strip("-_")
    return f"{slug or 'listener'}-{user_id}"
