"""Schemathesis against a real server: it asks for whatever our OpenAPI document describes, and reads the answers by it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.support import described_world
from tests.support.towpath_process import up

ROOT: Final = Path(__file__).parents[2]
_SECONDS: Final = int(os.environ.get("TOWPATH_DESCRIBED_SECONDS", "150"))
"""Of each run; the phases that draw by chance go on until they are over."""
_FEWEST: Final = 20
"""Cases for each second: with fewer, something was waited for that should not have been."""
_CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
"""Not those that take a document for all that is refused: names, references and expressions have rules that no schema can say."""
_ENDLESS: Final = ("/stream", "/logs")
_GOING_ON: Final = ("watch", "follow")
"""Paths and parameters of answers that go on: whoever checks an answer needs its end."""


def _described(folder: Path) -> Path:
    """Write the document without what has no end."""
    document = json.loads((ROOT / "docs/reference/openapi.json").read_text("utf-8"))
    document["paths"] = {
        path: row for path, row in document["paths"].items() if not path.endswith(_ENDLESS)
    }
    for operation in (each for row in document["paths"].values() for each in row.values()):
        asked = operation.get("parameters", [])
        operation["parameters"] = [each for each in asked if each["name"] not in _GOING_ON]
    written = folder / "openapi.json"
    written.write_text(json.dumps(document))
    return written


@pytest.mark.soak
@pytest.mark.parametrize("who", ["admin", "kargo-viewer"])
def test_every_answer_is_as_the_document_has_it(tmp_path: Path, who: str) -> None:
    """No fault of the server's, no status, content type or body that the document does not have, and nobody without a token."""
    with up(tmp_path) as server:
        headers = {"Authorization": f"Bearer {server.token}"}
        with httpx.Client(base_url=server.address, headers=headers, timeout=60) as asking:
            names = described_world.make(asking)
            token = server.token if who == "admin" else described_world.token_of(asking, who)
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(_described(tmp_path))),
                *("--url", server.address, "--header", f"Authorization: Bearer {token}"),
                *("--checks", ",".join(_CHECKS)),
                *("--max-time", str(_SECONDS), "--request-timeout", "20", "--continue-on-failure"),
                *("--generation-database", "none", "--suppress-health-check", "all", "--no-color"),
                *("--warnings", "off"),
            ],
            cwd=tmp_path,  # where it keeps what it remembers
            env=os.environ
            | {
                "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
                "PYTHONPATH": str(ROOT),
                described_world.GIVEN: json.dumps(names),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=2 * _SECONDS + 120,
        )
        assert server.process.poll() is None
    told = ran.stdout + ran.stderr
    (tmp_path / "told").write_text(told)
    assert ran.returncode == 0, told[-20_000:]
    found = re.search(r"(\d+) generated", told)
    assert found, told[-2_000:]
    assert int(found.group(1)) > _FEWEST * _SECONDS
