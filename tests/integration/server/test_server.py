"""A real server process: health, tokens, backup, an orderly end."""

from __future__ import annotations

import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.support.towpath_process import run, up
from towpath import errors
from towpath.app import parse_address


def test_health_answers_everybody_and_nothing_else_does(tmp_path: Path) -> None:
    """GET and HEAD of /healthz; all other paths ask for the token, those that do not exist as well."""
    with up(tmp_path) as server, httpx.Client(base_url=server.address) as client:
        assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok")
        assert client.head("/healthz").status_code == 200
        assert client.post("/healthz").status_code == 405
        for method, path in (
            ("POST", "/towpath/v1/backup"),
            ("GET", "/nowhere"),
            ("GET", "/healthz/"),
        ):
            answer = client.request(method, path)
            assert (answer.status_code, answer.json()) == (401, {"error": "no token provided"})
            assert answer.headers["www-authenticate"] == "Bearer"
        for wrong in ("Bearer x", "Bearer " + server.token + "x", "Bearer é"):
            answer = client.get("/nowhere", headers={b"Authorization": wrong.encode()})
            assert (answer.status_code, answer.json()) == (401, {"error": "invalid token"})
        for missing in ("Basic " + server.token, "Bearer", server.token):
            answer = client.get("/nowhere", headers={"Authorization": missing})
            assert answer.json() == {"error": "no token provided"}
        known = {"Authorization": f"bearer {server.token}"}
        assert client.get("/nowhere", headers=known).status_code == 404
        assert client.get("/towpath/v1/backup", headers=known).status_code == 405


def test_each_metric_is_described_and_each_that_is_described_is_there(tmp_path: Path) -> None:
    """In the page of the reference."""
    page = (Path(__file__).parents[3] / "docs/reference/metrics.md").read_text()
    described = set(re.findall(r"`((?:towpath|kargo|process)_[a-z_]+)`", page))
    with up(tmp_path) as server:
        known = {"Authorization": f"Bearer {server.token}"}
        text = httpx.get(f"{server.address}/metrics", headers=known).text
    told = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    assert set(told) == described
    assert 'towpath_held_bytes{of="bodies"} 0' in text
    assert 'towpath_interrupted_sources{controller="stage-controller"} 0' in text


def test_the_token_is_kept_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """A restart does not make another; a file that others can read is refused."""
    with up(tmp_path) as server:
        first, path = server.token, server.token_file
    assert path == tmp_path / "data" / "admin-token"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == first + "\n"
    with up(tmp_path) as server:
        assert server.token == first
    path.chmod(0o644)
    done = run(
        tmp_path, "up", "--data", tmp_path / "data", "--listen=127.0.0.1:0", "--listen-tls=none"
    )
    assert done.returncode == 1
    assert f"chmod 600 {path}" in done.stderr


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_orderly_when_asked(tmp_path: Path, stop: signal.Signals) -> None:
    """Exit code 0, the log folded into the database, the directory free for the next."""
    with up(tmp_path) as server:
        server.process.send_signal(stop)
        assert server.process.wait(30) == 0
    files = [path.name for path in (tmp_path / "data").iterdir() if path.is_file()]
    assert sorted(files) == [
        "account-key", "admin-password", "admin-token", "import-key", "lock", "login-key",
        "towpath.db",
    ]  # fmt: skip
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_backup_comes_through_the_running_server(tmp_path: Path) -> None:
    """And is refused without the token, for a file that exists, and when nobody listens."""
    with up(tmp_path) as server:
        reach = {"TOWPATH_SERVER": server.address, "TOWPATH_TOKEN": server.token}
        done = run(tmp_path, "backup", tmp_path / "b.db", **reach)
        assert done.returncode == 0, done.stderr
        assert re.search(r"[1-9][0-9]* objects at revision [1-9]", done.stdout)
        assert (tmp_path / "b.db").stat().st_mode & 0o777 == 0o600
        again = run(tmp_path, "backup", tmp_path / "b.db", **reach)
        wrong = run(tmp_path, "backup", tmp_path / "c.db", **(reach | {"TOWPATH_TOKEN": "x"}))
        used = run(tmp_path, "backup", tmp_path / "c.db", "--data", tmp_path / "data")
    gone = run(tmp_path, "backup", tmp_path / "c.db", **reach)
    for failed, words in (
        (again, "already"),
        (wrong, "invalid token"),
        (used, "in use by"),
        (gone, "no answer"),
    ):
        assert failed.returncode == 1
        assert words in failed.stderr
        assert len(failed.stderr.splitlines()) == 1
    assert not (tmp_path / "c.db").exists()
    restored = run(tmp_path, "restore", tmp_path / "b.db", "--data", tmp_path / "data")
    assert restored.returncode == 0, restored.stderr


def test_an_address_in_use_is_named(tmp_path: Path) -> None:
    """Before the data directory is touched."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run(tmp_path, "up", "--data", tmp_path / "data", "--listen", address)
    assert done.returncode == 1
    assert f"--listen {address}" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_addresses_are_read(text: str, expected: tuple[str, int]) -> None:
    """Host and port, IPv6 in brackets."""
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text", ["", "80", ":80", "a:", "a:b", "a:65536", "::1:80", "a:-1", "a:\uff18\uff10"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(errors.BadRequest, match="such as"):
        parse_address(text)
