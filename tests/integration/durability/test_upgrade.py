"""What a former version left is opened by this one: migrations, seals, tokens, history, and a Promotion in the midst of its steps.

`tools/upgrade_fixture.py` made the data directories of `tests/fixtures/upgrade`, each with the version that it is named after.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import pytest

from tests.support.one_stage import PROJECT, STAGE, OneStage
from tests.support.towpath_process import run, up
from tests.support.waiting import until
from tools.upgrade_fixture import PASSWORD
from towpath.demo.loopback import Loopback
from towpath.store.sqlite import migration

if TYPE_CHECKING:
    from towpath.demo.loopback import Answer, Request

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/upgrade"
VERSIONS = sorted(path.name.removesuffix(".tar.gz") for path in FIXTURES.glob("*.tar.gz"))


def _unpacked(version: str, folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    """Return the data directory, the key file, and the note of what is there."""
    with tarfile.open(FIXTURES / f"{version}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    note: dict[str, Any] = json.loads((FIXTURES / f"{version}.json").read_text("utf-8"))
    return folder / "data", folder / "key", note


def _schema(database: Path) -> int:
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return migration.version_of(connection)
    finally:
        connection.close()


def test_there_is_something_to_open() -> None:
    """Else the tests below test nothing. None is made by this version's own schema alone."""
    assert VERSIONS
    notes = [json.loads((FIXTURES / f"{each}.json").read_text()) for each in VERSIONS]
    assert min(note["schema"] for note in notes) < len(migration.load())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_former_versions_data_goes_on(version: str, tmp_path: Path) -> None:
    """All that was there is, under the same uids; what ran goes on where it was; what is sealed opens."""
    data, key, note = _unpacked(version, tmp_path)
    assert _schema(data / "towpath.db") == note["schema"]
    token = (data / "admin-token").read_text().strip()
    asked: list[bytes] = []

    def respond(request: Request) -> Answer:
        asked.append(request.body)
        return 200, {"Content-Type": "application/json"}, b"{}"

    front = Loopback(respond)
    config = tmp_path / "config.yaml"
    config.write_text(
        f"egress: {{allow: ['127.0.0.1:9', '{front.url.removeprefix('http://')}']}}\n"
    )
    try:
        with up(tmp_path, config=config, data=data, TOWPATH_KEY_FILE=str(key)) as server:
            world = OneStage(server)
            assert server.token == token
            found = {path: world.ask("GET", path)["metadata"]["uid"] for path in note["uids"]}
            assert found == note["uids"]
            assert world.promotion(note["done"])["phase"] == "Succeeded"
            history = f"/towpath/v1/projects/{PROJECT}/stages/{STAGE}/history"
            assert len(world.ask("GET", history)["items"]) == note["history"]

            # The Promotion is in the midst of its steps: it knows what the first put out, and does not run it again.
            under_way = world.promotion(note["underWay"])
            assert under_way["phase"] == "Running"
            service = f"/api/v1/namespaces/{PROJECT}/configmaps/service"
            changed = world.request(
                "PATCH",
                service,
                {"data": {"url": front.url}},
                headers={"Content-Type": "application/merge-patch+json"},
            )
            assert changed.json()["data"]["umlaut"] == "Schlüssel"
            begun = under_way["stepExecutionMetadata"][0]
            status = world.reaches(note["underWay"], "Succeeded")
            assert status["stepExecutionMetadata"][0] == begun
            assert asked == [b"before the upgrade"]

            # What was sealed is opened with the key that sealed it, and masked on the way out.
            listed = world.ask("GET", f"/v1beta1/projects/{PROJECT}/generic-credentials")
            assert PASSWORD not in json.dumps(listed)
            again = world.promote(note["freight"])
            world.reaches(again, "Succeeded")
            assert len(asked) == 2
    finally:
        front.close()
    assert _schema(data / "towpath.db") == len(migration.load())
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert PASSWORD not in log
    if note["schema"] < len(migration.load()):
        [kept] = (data / "backups").iterdir()
        assert _schema(kept) == note["schema"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_copy_from_before_leads_back(version: str, tmp_path: Path) -> None:
    """A backup, a new key and a restore work on what was upgraded; without its key nothing is opened."""
    data, key, note = _unpacked(version, tmp_path)
    own = {"TOWPATH_KEY_FILE": str(key)}
    with up(tmp_path, data=data, TOWPATH_KEY_FILE=str(key)):
        pass
    rotated = run(tmp_path, "rotate-key", "--data", data, **own)
    assert rotated.returncode == 0, rotated.stderr
    made = run(tmp_path, "backup", tmp_path / "after.db", "--data", data, **own)
    assert made.returncode == 0, made.stderr
    other = run(tmp_path, "restore", tmp_path / "after.db", "--data", data)
    assert other.returncode == 1
    assert "key: it does not exist" in other.stderr
    done = run(tmp_path, "restore", tmp_path / "after.db", "--data", data, **own)
    assert done.returncode == 0, done.stderr
    with up(tmp_path, data=data, TOWPATH_KEY_FILE=str(key)) as server:
        assert OneStage(server).promotion(note["done"])["phase"] == "Succeeded"
        until(lambda: OneStage(server).promotion(note["underWay"]), lambda: "it is not there")
