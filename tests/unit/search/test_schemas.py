"""What a request to search or to resolve may hold, by the bounds of what answers it."""

import subprocess
import sys

from musicconnect.music import links
from musicconnect.search import schemas
from tests.support import ROOT


def test_links_may_be_as_long_as_what_reads_them_allows() -> None:
    assert schemas.MAX_LINK_LENGTH == links.MAX_LENGTH


def test_a_start_loads_no_use_case() -> None:
    """Neither catalogues nor the matcher: they come with the first request that asks for them."""
    program = "import sys; import search_api.app; print(*sorted(sys.modules))"
    path = f"{ROOT / 'functions'}:{ROOT / 'layers/musicconnect'}"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": path}, check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())
    assert "musicconnect.search.schemas" in loaded
    assert not loaded & {
        "musicconnect.search.service", "musicconnect.search.pins", "musicconnect.providers.registry",
        "musicconnect.music.model", "musicconnect.matching", "boto3", "urllib3",
    }  # fmt: skip
