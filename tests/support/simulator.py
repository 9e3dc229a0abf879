"""A running simulator of a provider, over its control endpoints."""

from dataclasses import dataclass
from typing import Any

import requests


@dataclass(frozen=True)
class Simulator:
    """A simulator's control endpoint."""

    url: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self) -> "Simulator":
        """Make it as just started."""
        self.control("POST", "/reset")
        return self

    def set_clock_offset(self, seconds: float) -> None:
        """Make it so many seconds later than the suite's clock says."""
        self.control("PUT", "/clock", {"offset_seconds": seconds})

    def fault(self, endpoint: str, **fault: Any) -> None:
        """Arm one fault; ``ready_made`` stands for the field ``as``."""
        if "ready_made" in fault:
            fault["as"] = fault.pop("ready_made")
        self.control("POST", "/faults", {"endpoint": endpoint, **fault})

    def settings(self, **settings: Any) -> None:
        self.control("PUT", "/settings", settings)

    def quota(self, **limits: Any) -> None:
        self.control("PUT", "/quota", limits)

    def calls(self) -> dict[str, int]:
        """Calls so far by endpoint, consent page and token endpoint included."""
        found: dict[str, int] = self.control("GET", "/calls")["by_endpoint"]
        return found

    def clear_calls(self) -> None:
        self.control("DELETE", "/calls")

    def truth(self, playlist_id: str) -> list[Any]:
        """The ids that are really in a playlist."""
        items = self.control("GET", f"/playlists/{playlist_id}/items")["items"]
        return [item["id"] for item in items]

    def playlist(self, login: str = "ada", **playlist: Any) -> str:
        made: str = self.control("POST", f"/users/{login}/playlists", playlist)["id"]
        return made
