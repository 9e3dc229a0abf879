"""The check of import directions: the project holds to it, and it finds what does not."""

from pathlib import Path

import pytest

from tests.support import ROOT
from tools.checks import imports, requirements


def test_everything_in_the_project_points_the_right_way() -> None:
    assert imports.findings(ROOT) == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two functions and a layer of two packages."""
    for path in (
        "functions/core_api/app.py",
        "functions/web/app.py",
        "layers/musicconnect/musicconnect/core/store.py",
        "layers/musicconnect/musicconnect/matching/scoring.py",
    ):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('"""Nothing."""\n')
    return tmp_path


@pytest.mark.parametrize(
    ("path", "line", "finding"),
    [
        ("functions/core_api/app.py", "from web import app", "auth imports the function web"),
        ("functions/core_api/app.py", "import local.stack.stack", "deployed code imports local"),
        ("functions/core_api/app.py", "from tests.support import harness", "deployed code imports tests"),
        (
            "functions/core_api/app.py",
            "from musicconnect.core import store",
            "musicconnect.core.store is for musicconnect.core only",
        ),
        (
            "layers/musicconnect/musicconnect/api/app.py",
            "def f():\n    import core_api.app",
            "musicconnect imports the function auth",
        ),
        (
            "layers/musicconnect/musicconnect/api/app.py",
            "from benchmarks import report",
            "deployed code imports benchmarks",
        ),
        (
            "layers/musicconnect/musicconnect/providers/x.py",
            "from musicconnect.core.store import rows",
            "musicconnect.core.store.rows is for musicconnect.core only",
        ),
        (
            "layers/musicconnect/musicconnect/matching/scoring.py",
            "import psycopg",
            "musicconnect.matching is pure and may not import psycopg",
        ),
        (
            "layers/musicconnect/musicconnect/matching/scoring.py",
            "from musicconnect import clock",
            "musicconnect.matching is pure and may not import musicconnect.platform.clock",
        ),
        (
            "layers/musicconnect/musicconnect/matching/scoring.py",
            "from ..providers import registry",
            "musicconnect.matching is pure and may not import musicconnect.providers.registry",
        ),
    ],
)
def test_a_wrong_import_is_found(project: Path, path: str, line: str, finding: str) -> None:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{line}\n")
    number = 1 + line.count("\n")
    assert imports.findings(project) == [f"{path}:{number}: {finding}"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("functions/core_api/app.py", "from musicconnect.core import accounts"),
        ("functions/core_api/app.py", "from auth import helper"),
        ("functions/core_api/app.py", "import json, psycopg"),
        ("layers/musicconnect/musicconnect/core/accounts.py", "from musicconnect.core import store"),
        ("layers/musicconnect/musicconnect/core/accounts.py", "from . import store"),
        ("layers/musicconnect/musicconnect/matching/scoring.py", "import re, rapidfuzz, anyascii"),
        (
            "layers/musicconnect/musicconnect/matching/scoring.py",
            "from musicconnect.providers.protocol import Track",
        ),
        ("layers/musicconnect/musicconnect/matching/scoring.py", "from . import text"),
    ],
)
def test_a_right_import_is_left_alone(project: Path, path: str, line: str) -> None:
    (project / path).write_text(f"{line}\n")
    assert imports.findings(project) == []


def test_the_requirements_name_no_host() -> None:
    assert requirements.findings(ROOT) == []


HASH = f"    --hash=sha256:{'0' * 64}"


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://pypi.example.org/simple",
        "--find-links /somewhere",
        "-e .",
        "requests",
        "requests>=2",
        "requests @ https://files.example.org/requests.whl",
        "--trusted-host pypi.example.org",
    ],
)
def test_a_line_that_is_no_pinned_package_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements-dev.txt").write_text(f"idna==3.20 \\\n{HASH}\n{line}\n")
    assert requirements.findings(tmp_path) == [
        f"requirements-dev.txt:3: neither a pinned package nor a hash: {line}"
    ]


def test_markers_extras_and_comments_are_fine(tmp_path: Path) -> None:
    (tmp_path / "requirements-dev.txt").write_text(
        f"# made by make lock\ncffi==2.1.1 ; platform_python_implementation != 'PyPy' \\\n{HASH} \\\n{HASH}\n"
        f"moto[s3,sqs]==5.2.0 \\\n{HASH}\n"
    )
    assert requirements.findings(tmp_path) == []
