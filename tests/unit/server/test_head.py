"""HEAD: what GET answers, without the body, on every path that answers GET."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import client
from towpath.server.application import ENDPOINTS

if TYPE_CHECKING:
    from pathlib import Path

_STAGES = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/stages"
_NAMES = {"project": PROJECT, "name": "dev", "stage": "dev"}
_PATHS = (
    "/healthz",
    "/livez",
    "/readyz",
    "/version",
    "/api",
    "/apis",
    "/openapi/v3",
    "/api/v1/namespaces",
    _STAGES,
    f"{_STAGES}/dev",
    f"{_STAGES}/none",
    f"{_STAGES}/dev/status",
    *sorted(
        {
            re.sub(r"\{(\w+)[^}]*\}", lambda found: _NAMES.get(found[1], "none"), endpoint.path)
            for endpoint in ENDPOINTS
            if endpoint.method == "GET"
        }
    ),
)


async def test_head_answers_as_get_does(tmp_path: Path) -> None:
    """Status, type and length are those of GET; so are the rights that are asked for."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        await world.settled()
        async with client(world) as asking:
            for path in _PATHS:
                asked, got = await asking.head(path), await asking.get(path)
                assert asked.status_code == got.status_code, path
                assert asked.status_code != 405, path
                assert asked.content == b"", path
                assert asked.headers.get("content-type") == got.headers.get("content-type"), path
        async with client(world, token="") as stranger:
            assert (await stranger.head(_STAGES)).status_code == 401
            assert (await stranger.head("/readyz")).status_code == 200


@pytest.mark.parametrize(
    "path", [f"{_STAGES}?watch=1", f"/v1beta1/projects/{PROJECT}/stages?watch=true"]
)
async def test_a_watch_has_no_head(tmp_path: Path, path: str) -> None:
    """It would be open for ever with nothing to send."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        async with client(world) as asking:
            assert (await asking.head(path)).status_code == 405
