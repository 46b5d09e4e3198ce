"""`towpath kubeconfig`: what it says, and which files it writes over."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from towpath.app import certificates, kubeconfig
from towpath.cli import main

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "https://127.0.0.1:8443"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory whose server has run."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "admin-token").write_text("t0ken\n")
    certificates.prepare(folder, [], now=datetime(2026, 1, 1, tzinfo=UTC))
    kubeconfig.note(folder, ADDRESS, is_own=False)
    return folder


def _run(data: Path, *options: str) -> int:
    return main.run(["kubeconfig", "--data", str(data), *options])


def _printed(
    capsys: pytest.CaptureFixture[str], data: Path, *options: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the kubeconfig that is printed, and its cluster."""
    assert _run(data, *options) == 0
    found: dict[str, Any] = yaml.safe_load(capsys.readouterr().out)
    return found, found["clusters"][0]["cluster"]


def test_it_names_server_authority_and_token(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one context, which is the current one."""
    found, cluster = _printed(capsys, data)
    assert found["apiVersion"] == "v1"
    assert found["kind"] == "Config"
    assert found["current-context"] == "towpath"
    assert found["contexts"] == [
        {"name": "towpath", "context": {"cluster": "towpath", "user": "towpath-admin"}}
    ]
    assert found["users"] == [{"name": "towpath-admin", "user": {"token": "t0ken"}}]
    assert cluster["server"] == ADDRESS
    authority = base64.b64decode(cluster["certificate-authority-data"])
    assert authority == (data / "tls/ca.crt").read_bytes()


def test_options_change_what_it_names(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Server, namespace, context."""
    options = ("--server", "https://towpath.example.com", "-n", "shop", "--context", "prod")
    found, cluster = _printed(capsys, data, *options)
    assert cluster["server"] == "https://towpath.example.com"
    assert found["current-context"] == "prod"
    assert found["contexts"][0] == {
        "name": "prod",
        "context": {"cluster": "prod", "user": "prod-admin", "namespace": "shop"},
    }


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://0.0.0.0:8443", "https://127.0.0.1:8443"),
        ("https://[::]:8443", "https://[::1]:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://towpath.example.com:1", "https://towpath.example.com:1"),
    ],
)
def test_every_address_is_one_of_this_machine(
    data: Path, capsys: pytest.CaptureFixture[str], address: str, expected: str
) -> None:
    """Nobody can connect to 0.0.0.0 by name."""
    kubeconfig.note(data, address, is_own=False)
    assert _printed(capsys, data)[1]["server"] == expected


def test_an_own_certificate_needs_no_authority_of_ours(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The system's authorities are trusted, or the one that is named."""
    kubeconfig.note(data, ADDRESS, is_own=True)
    assert "certificate-authority-data" not in _printed(capsys, data)[1]
    (tmp_path / "corporate.crt").write_text("PEM")
    cluster = _printed(capsys, data, "--certificate-authority", str(tmp_path / "corporate.crt"))[1]
    assert base64.b64decode(cluster["certificate-authority-data"]) == b"PEM"


def test_without_a_server_it_says_how_to_start_one(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where none has run, and where the last one had no TLS."""
    assert _run(data / "nowhere") == 1
    assert "towpath up --data" in capsys.readouterr().err
    kubeconfig.note(data, "", is_own=False)
    assert _run(data) == 1
    assert "--listen-tls" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--server", "http://x"], "https://"),
        (["--merge"], "--output"),
        (["--merge", "--force", "--output", "x"], "--force"),
        (["--certificate-authority", "none.crt"], "none.crt: no such file"),
    ],
)
def test_what_makes_no_sense_is_told(
    data: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    """In one line."""
    assert _run(data, *options) == 1
    told = capsys.readouterr()
    assert words in told.err
    assert len(told.err.splitlines()) == 1
    assert not told.out


def test_damaged_files_are_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not with a traceback."""
    (data / "tls" / kubeconfig.SERVED).write_text("{}")
    assert _run(data) == 1
    assert str(data) in capsys.readouterr().err


def test_only_files_of_its_own_are_written_over(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With mode 0600; others only by force."""
    file = tmp_path / "kc"
    assert _run(data, "-o", str(file)) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert _run(data, "-o", str(file), "--context", "other") == 0
    assert yaml.safe_load(file.read_text())["current-context"] == "other"
    file.write_text("kind: Config\n")
    capsys.readouterr()
    assert _run(data, "-o", str(file)) == 1
    assert "--merge" in capsys.readouterr().err
    assert file.read_text() == "kind: Config\n"
    assert _run(data, "-o", str(file), "--force") == 0
    assert yaml.safe_load(file.read_text())["current-context"] == "towpath"


def test_merging_keeps_what_others_have(data: Path, tmp_path: Path) -> None:
    """Entries of the same names are replaced, once; a link stays a link."""
    real, file = tmp_path / "real", tmp_path / "config"
    file.symlink_to(real)
    real.write_text("""
apiVersion: v1
kind: Config
current-context: kind
preferences: {}
clusters:
- name: towpath
  cluster: {server: "https://old"}
- name: kind
  cluster: {server: "https://kind:6443", insecure-skip-tls-verify: true}
users:
- name: kind
  user: {exec: {command: get-token, env: [{name: UNTIL, value: 2026-01-01}]}}
""")
    for _ in range(2):
        assert _run(data, "-o", str(file), "--merge") == 0
    assert file.is_symlink()
    found = yaml.load(real.read_text(), Loader=yaml.BaseLoader)
    assert found["current-context"] == "towpath"
    assert found["preferences"] == {}
    assert [entry["name"] for entry in found["clusters"]] == ["kind", "towpath"]
    assert found["clusters"][0]["cluster"]["insecure-skip-tls-verify"] == "true"
    assert found["clusters"][1]["cluster"]["server"] == ADDRESS
    assert [entry["name"] for entry in found["users"]] == ["kind", "towpath-admin"]
    assert found["users"][0]["user"]["exec"]["env"] == [{"name": "UNTIL", "value": "2026-01-01"}]
    assert [entry["name"] for entry in found["contexts"]] == ["towpath"]


@pytest.mark.parametrize("text", [None, "", "# nothing\n"], ids=["none", "empty", "a comment"])
def test_merging_into_nothing_makes_the_file(data: Path, tmp_path: Path, text: str | None) -> None:
    """As when there is no ~/.kube/config yet, or nothing in it."""
    if text is not None:
        (tmp_path / "config").write_text(text)
    assert _run(data, "-o", str(tmp_path / "config"), "--merge") == 0
    assert yaml.safe_load((tmp_path / "config").read_text())["current-context"] == "towpath"


@pytest.mark.parametrize(
    "text",
    ["- a\n", "kind: Pod\n", "clusters: x\n", "users: [1]\n", "a: b\n---\nc: d\n", "a: ["],
)
def test_nothing_is_merged_into_what_is_no_kubeconfig(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """The file stays as it is."""
    file = tmp_path / "config"
    file.write_text(text)
    assert _run(data, "-o", str(file), "--merge") == 1
    assert str(file) in capsys.readouterr().err
    assert file.read_text() == text
