"""Makes the data directory that the test of upgrades opens: `python -m tools.upgrade_fixture SOURCE`.

`SOURCE` is a checkout of the version that is to have made it. That version's server runs, is given a Project with a bit of
everything, and is stopped while a Promotion is in the midst of its steps. What it leaves, its key file with it, becomes
`tests/fixtures/upgrade/VERSION.tar.gz`, beside a note of what was there.

    git worktree add ../last v0.1.0
    .venv/bin/python -m tools.upgrade_fixture ../last
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

import apsw

from tests.support import towpath_process, waiting
from tests.support.one_stage import PROJECT, STAGE, OneStage
from towpath.store.sqlite import migration

FOLDER: Final = Path(__file__).resolve().parents[1] / "tests/fixtures/upgrade"
PASSWORD: Final = "pa55-of-the-upgrade"
_KEPT: Final = ("towpath.db", "admin-token", "account-key")
_NOWHERE: Final = "http://127.0.0.1:9/"
STEPS: Final[list[dict[str, Any]]] = [
    {"uses": "compose-output", "as": "first", "config": {"said": "before the upgrade"}},
    {
        "uses": "http",
        "as": "asks",
        "retry": {"errorThreshold": 100_000},
        "config": {
            "method": "POST",
            "url": "${{ configMap('service').url }}",
            "body": "${{ outputs.first.said }}",
        },
    },
    {"uses": "compose-output", "as": "last", "config": {"said": "${{ outputs.first.said }}"}},
]


def main(source: str) -> int:
    """Make it. Returns the exit code."""
    code = Path(source).resolve() / "src"
    if not (code / "towpath").is_dir():
        print(f"{source}: it is no checkout of Towpath", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="towpath-upgrade-") as name:
        folder = Path(name)
        version = towpath_process.run(folder, "version", PYTHONPATH=str(code)).stdout.split()[-1]
        config = folder / "config.yaml"
        config.write_text("egress: {allow: ['127.0.0.1:9']}\n")
        with towpath_process.up(folder, config=config, PYTHONPATH=str(code)) as server:
            note = _populate(OneStage(server))
        database = folder / "data/towpath.db"
        connection = apsw.Connection(str(database))
        connection.execute("VACUUM")
        note["schema"] = migration.version_of(connection)
        connection.close()
        FOLDER.mkdir(parents=True, exist_ok=True)
        packed = FOLDER / f"{version}.tar.gz"
        with tarfile.open(packed, "w:gz") as archive:
            for each in _KEPT:
                archive.add(folder / "data" / each, f"data/{each}", filter=_anonymous)
            archive.add(folder / "keys/key", "key", filter=_anonymous)
        (FOLDER / f"{version}.json").write_text(json.dumps(note, indent=2) + "\n", "utf-8")
        print(
            f"{os.path.relpath(packed)}: {packed.stat().st_size:,} bytes, schema {note['schema']}"
        )
    return 0


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def _populate(world: OneStage) -> dict[str, Any]:
    """Fill a server; return what the test is to find."""
    freight = world.make([STEPS[0]])
    for document in (
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "service", "namespace": PROJECT},
            "data": {"url": _NOWHERE, "umlaut": "Schlüssel"},
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": "login",
                "namespace": PROJECT,
                "labels": {"kargo.akuity.io/cred-type": "git"},
            },
            "stringData": {
                "repoURL": "https://git.example.com/shop.git",
                "username": "robot",
                "password": PASSWORD,
            },
        },
    ):
        world.ask("POST", "/v1beta1/resources", document)
    done = world.promote(freight)
    world.reaches(done, "Succeeded")
    path = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/stages/{STAGE}"
    changed = world.request(
        "PATCH",
        path,
        {"spec": {"promotionTemplate": {"spec": {"steps": STEPS}}}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    changed.raise_for_status()
    under_way = world.promote(freight)

    def has_tried() -> bool:
        steps = world.promotion(under_way).get("stepExecutionMetadata") or []
        return len(steps) == 2 and bool(steps[1].get("errorCount"))

    waiting.until(has_tried, lambda: json.dumps(world.promotion(under_way)))
    paths = (
        f"/v1beta1/projects/{PROJECT}/stages/{STAGE}",
        f"/v1beta1/projects/{PROJECT}/warehouses/main",
        f"/v1beta1/projects/{PROJECT}/promotions/{done}",
        f"/v1beta1/projects/{PROJECT}/freight/{freight}",
        f"/api/v1/namespaces/{PROJECT}/configmaps/service",
    )
    return {
        "freight": freight,
        "done": done,
        "underWay": under_way,
        "uids": {each: world.ask("GET", each)["metadata"]["uid"] for each in paths},
        "history": len(
            world.ask("GET", f"/towpath/v1/projects/{PROJECT}/stages/{STAGE}/history")["items"]
        ),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
