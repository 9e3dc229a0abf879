import subprocess
import sys

from tests.support import ROOT

LAYER = ROOT / "layers" / "musicconnect"


def test_importing_the_package_loads_neither_fuzzy_matching_nor_transliteration():
    program = "import sys; import musicconnect.matching; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(LAYER)},
    ).stdout.split()
    assert "musicconnect.matching" in loaded
    assert not {"rapidfuzz", "anyascii", "pydantic", "psycopg", "boto3"} & set(loaded)
