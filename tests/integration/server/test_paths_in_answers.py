"""Faults of the disk and of the database, driven through a real server's store: no answer names a path of the machine."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import apsw
import pytest

from tests.support.pipeline import PROJECT, project_document, running
from tests.support.serving import client
from towpath import errors
from towpath.store.sqlite import sqlite_errors

if TYPE_CHECKING:
    from pathlib import Path

_FAULTS = [
    apsw.FullError("database or disk is full"),
    apsw.ReadOnlyError("attempt to write a readonly database"),
    apsw.CorruptError("database disk image is malformed"),
    apsw.CantOpenError("unable to open database file"),
    apsw.BusyError("database is locked"),
    apsw.IOError("disk I/O error"),
    apsw.SQLError("Expression tree is too large (maximum depth 1000)"),
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/towpath.db"),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
]


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: type(fault).__name__)
async def test_what_goes_wrong_in_the_database_is_told_without_its_path(
    tmp_path: Path, fault: Exception
) -> None:
    """The operator reads the path, in the log and on the terminal; callers read what is wrong."""
    told = sqlite_errors.translate(fault, tmp_path / "towpath.db")
    assert str(tmp_path) in str(told)
    assert str(tmp_path) not in told.message
    assert "/data" not in told.message
    assert told.message[0] != ":"


@pytest.mark.parametrize("damage", ["truncated", "overwritten"])
async def test_damage_and_refusals_are_answered_without_a_path(tmp_path: Path, damage: str) -> None:
    """Over REST and over the Kubernetes API, lists, single objects and writes."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        for number in range(300):
            await world.store.create(_map(f"m{number}"), actor="test")
        await world.settled()
        path = next(tmp_path.rglob("towpath.db"))
        size = path.stat().st_size
        with path.open("r+b") as file:
            if damage == "truncated":
                file.truncate(4096)
            file.seek(4096 * 2)
            file.write(os.urandom(size - 4096 * 3))
        said = []
        async with client(world) as caller:
            for method, where in (
                ("GET", f"/api/v1/namespaces/{PROJECT}/configmaps?limit=500"),
                ("GET", f"/api/v1/namespaces/{PROJECT}/configmaps/m7"),
                ("GET", f"/v1beta1/projects/{PROJECT}/stages"),
                ("GET", f"/towpath/v1/projects/{PROJECT}/stages/x/history"),
                ("POST", "/v1beta1/resources"),
                ("POST", "/towpath/v1/backup"),
            ):
                answer = await caller.request(method, where, json=_map("n"))
                said.append((where, answer.status_code, answer.text[:300]))
        assert any(status >= 500 for _, status, _ in said)
        assert [each for each in said if str(tmp_path) in each[2] or "/tmp" in each[2]] == []


def _map(name: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": PROJECT}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {"x": "y" * 500},
    }


def test_an_error_says_its_place_to_the_operator_alone() -> None:
    """What answers are made of does not hold it."""
    error = errors.Unavailable("the disk is full", place="/data/towpath.db")
    assert (str(error), error.message) == ("/data/towpath.db: the disk is full", "the disk is full")
