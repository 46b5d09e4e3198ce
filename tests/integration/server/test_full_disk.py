"""A disk that takes nothing more: said by name, survived, and left behind within seconds once there is room.

The kernel refuses the process to let its files grow (RLIMIT_FSIZE): that works for every user and on every machine.
"""

from __future__ import annotations

import resource
import subprocess
from typing import TYPE_CHECKING

import httpx

from tests.support import towpath_process, waiting
from tests.support.towpath_process import COMMAND, environment

if TYPE_CHECKING:
    from pathlib import Path

_UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def _limit(process: subprocess.Popen[str], size: int) -> None:
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))


def _map(name: str, size: int) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": {"a": "x" * size},
    }


def test_a_full_disk_is_said_and_left_behind(tmp_path: Path) -> None:
    """`/readyz` and the log say so, `/healthz` does not mind; with room, everything is written again."""
    with towpath_process.up(tmp_path) as server:
        headers = {"Authorization": f"Bearer {server.token}"}
        with httpx.Client(base_url=server.address, headers=headers, timeout=30) as client:
            assert client.get("/readyz").text == "ok"
            wal = (tmp_path / "data" / "towpath.db-wal").stat().st_size
            _limit(server.process, wal)
            refused = client.post("/api/v1/namespaces/default/configmaps", json=_map("a", 900_000))
            assert refused.status_code == 503, refused.text
            unready = client.get("/readyz")
            assert unready.status_code == 503
            assert unready.text.startswith("the store cannot be written: the disk ")
            assert str(tmp_path) not in unready.text, "anybody may read it"
            assert client.get("/healthz").text == client.get("/livez").text == "ok"
            assert "towpath_store_writable 0" in client.get("/metrics").text
            assert "nothing can be written: " in (tmp_path / "log").read_text()
            _limit(server.process, resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)[1])
            waiting.until(
                lambda: server.process.poll() is None and client.get("/readyz").status_code == 200,
                lambda: "it is ready again",
            )
            written = client.post("/api/v1/namespaces/default/configmaps", json=_map("a", 900_000))
            assert written.status_code == 201, written.text
            assert "the store can be written again" in (tmp_path / "log").read_text()
            assert "towpath_store_writable 1" in client.get("/metrics").text


def test_starting_on_a_full_disk_names_the_cause(tmp_path: Path) -> None:
    """In one sentence, without a traceback; whether the data directory is new or not."""
    arguments = [*COMMAND, "up", f"--data={tmp_path / 'data'}", "--listen=127.0.0.1:0"]
    for _ in ("new", "there already"):
        ended = subprocess.run(
            [*arguments, "--listen-tls=none"],
            env=environment(tmp_path),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16, _UNLIMITED[1])),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ended.returncode == 1
        assert "disk" in ended.stderr or "File too large" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert str(tmp_path) in ended.stderr
        with towpath_process.up(tmp_path):
            pass  # with room it starts
