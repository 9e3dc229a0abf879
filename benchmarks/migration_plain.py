"""A plain script that searches for one track after the other: what the engine is measured against."""

import json
import sys
import time

import requests

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(number: int) -> str:
    """A made-up word, another for every number."""
    text = ""
    for _ in range(5):
        number, rest = divmod(number, 26)
        text += _LETTERS[rest] + "aeiou"[rest % 5]
    return text.capitalize()


def main() -> None:
    """Print the ms that one search takes."""
    url, provider, count, token = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    fixed: dict[str, str | int] = (
        {"type": "track", "limit": 10}
        if provider == "spotify"
        else {"part": "snippet", "type": "video", "maxResults": 10}
    )
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    started = time.perf_counter()
    for number in range(count):
        query = f"{word(7919 * number)} {word(104729 * number + 13)}"
        answer = session.get(f"{url}/search", params={"q": query, **fixed}, timeout=10)
        answer.raise_for_status()
        answer.json()
    print(json.dumps({"ms": (time.perf_counter() - started) / count * 1e3}))


if __name__ == "__main__":
    main()
