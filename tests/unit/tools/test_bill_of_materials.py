"""The bill of materials that `make sbom` writes has every pinned package with its version and hashes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

PINS = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)


@pytest.mark.parametrize("part", ["layers/musicconnect", "functions/schema_migrate", "functions/web"])
def test_it_has_every_pinned_package(part: str, tmp_path: Path) -> None:
    requirements = ROOT / part / "requirements.txt"
    output = tmp_path / "bill.json"
    program = Path(sys.executable).parent / "cyclonedx-py"
    subprocess.run(
        [program, "requirements", requirements, "--output-reproducible", "--validate", "-o", output],
        check=True, capture_output=True,
    )  # fmt: skip
    bill = json.loads(output.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    found = {one["name"]: one["version"] for one in bill["components"]}
    assert found == dict(PINS.findall(requirements.read_text()))
    hashed = [reference for one in bill["components"] for reference in one["externalReferences"]]
    assert all(hash_["alg"] == "SHA-256" for one in hashed for hash_ in one.get("hashes", ()))
    assert any(one.get("hashes") for one in hashed)
