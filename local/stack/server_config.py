"""What the stack tells the process that runs the functions."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """What the stack tells the server, as a JSON file."""

    template: str
    parameters: dict[str, str]
    """All but PublicUrl, which only the server can know."""
    public_url_parameter: bool
    """Whether the template has a parameter PublicUrl."""
    deployment: dict[str, Any]
    port: int
    """Of the gateway; 0 for any."""
    logs: str
    environment: dict[str, str]
    """Variables that every function gets besides those of the template."""
    shell: dict[str, str]
    """The environment that the stack was started in."""
    instances: int
    idle_seconds: float

    def save(self, path: Path) -> None:
        """Write the file; it can hold secrets of the template's parameters."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``save`` has written."""
        return cls(**json.loads(path.read_text()))
