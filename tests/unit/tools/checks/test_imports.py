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


CORE = "layers/musicconnect/musicconnect/core/accounts.py"


@pytest.mark.parametrize(
    ("path", "line", "finding"),
    [
        ("functions/core_api/app.py", "from web import app", "core_api imports the function web"),
        ("functions/core_api/app.py", "import local.stack.stack", "deployed code imports local"),
        ("functions/core_api/app.py", "from tests.support import oauth", "deployed code imports tests"),
        (CORE, "from benchmarks import report", "deployed code imports benchmarks"),
        (CORE, "def f():\n    import core_api.app", "musicconnect imports the function core_api"),
        (
            "functions/core_api/app.py",
            "from musicconnect.core import store",
            "musicconnect.core.store is for musicconnect.core only",
        ),
        (
            CORE,
            "from musicconnect.providers.accounts.store import rows",
            "musicconnect.providers.accounts.store.rows is for musicconnect.providers only",
        ),
        (
            CORE,
            "from ..exports.playlists import staging_store",
            "musicconnect.exports.playlists.staging_store is for musicconnect.exports only",
        ),
    ],
)
def test_a_wrong_import_is_found(project: Path, path: str, line: str, finding: str) -> None:
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text(f"{line}\n")
    number = 1 + line.count("\n")
    assert imports.findings(project) == [f"{path}:{number}: {finding}"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("functions/core_api/app.py", "from musicconnect.core import accounts"),
        ("functions/core_api/app.py", "from core_api import helper"),
        ("functions/core_api/app.py", "import json, psycopg"),
        (CORE, "from musicconnect.core import store"),
        (CORE, "from musicconnect.core.tokens.store import find_token"),
        (CORE, "from . import store"),
        (CORE, "from musicconnect.providers.match_store import service"),
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
