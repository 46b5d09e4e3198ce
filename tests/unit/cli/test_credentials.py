"""`create credentials` and `creds explain`: what is sent, what is asked for, what is refused before it."""

from __future__ import annotations

import io
import os
import pty
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import towpath_process
from towpath.cli.kept import creds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

RESOURCES = "/v1beta1/resources"
HTTPS = "https://git.example/acme/app.git"
SSH = "git@git.example:acme/app.git"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n"


def _made(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.bodies("POST")[-1]
    return found


@pytest.fixture
def takes(api: Api) -> Api:
    """A server that makes what it is sent."""
    made = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "deploy", "namespace": "shop"},
    }
    api.answer("POST", RESOURCES, (201, {"results": [{"createdResourceManifest": made}]}))
    return api


def _stdin(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_a_password_comes_from_standard_input(
    takes: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the line end that echo adds; it is nowhere in what is printed."""
    _stdin(monkeypatch, b"s3cret \n")
    told = call(
        *("create", "credentials", "deploy", "--repo-url", HTTPS, "--username", "bot"),
        *("--password-stdin", "--description", "of the bot"),
    )
    assert (told.code, told.lines) == (0, ["secret/deploy created"])
    assert f"towpath creds explain {HTTPS} --type git -p shop" in told.err
    assert "s3cret" not in told.out + told.err
    assert _made(takes) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "deploy",
            "namespace": "shop",
            "labels": {"kargo.akuity.io/cred-type": "git"},
            "annotations": {"kargo.akuity.io/description": "of the bot"},
        },
        "stringData": {"repoURL": HTTPS, "username": "bot", "password": "s3cret "},
    }


def test_shared_ones_with_a_pattern(
    takes: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the namespace of all Projects, without any of them."""
    monkeypatch.delenv("TOWPATH_PROJECT")
    _stdin(monkeypatch, b"s3cret")
    told = call(
        *("create", "credentials", "images", "--shared", "--type", "image", "--regex"),
        *("--repo-url", "^ghcr.io/", "--username", "bot", "--password-stdin"),
    )
    assert told.code == 0, told.err
    made = _made(takes)
    assert made["metadata"]["namespace"] == "kargo-shared-resources"
    assert made["stringData"]["repoURLIsRegex"] == "true"


def test_an_ssh_key_comes_from_a_file(takes: Api, call: Call, tmp_path: Path) -> None:
    """With the keys of the server; without them it is said that the server will be refused."""
    key, hosts = tmp_path / "key", tmp_path / "hosts"
    key.write_text(KEY)
    hosts.write_text("git.example ssh-ed25519 AAAA\n")
    arguments = ["create", "credentials", "deploy", "--repo-url", SSH]
    arguments += ["--ssh-private-key-file", str(key)]
    told = call(*arguments, "--known-hosts-file", hosts)
    assert told.code == 0, told.err
    assert "warning" not in told.err
    assert _made(takes)["stringData"] == {
        "repoURL": SSH,
        "sshPrivateKey": KEY,
        "knownHosts": "git.example ssh-ed25519 AAAA\n",
    }
    assert "ssh-keyscan" in call(*arguments).err
    key.write_text("ssh-ed25519 AAAA me")
    assert "that is the public half" in call(*arguments).err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--repo-url", "http://git.example/a", "--username", "x"], "not sent over plain HTTP"),
        (["--repo-url", "https://ghcr.io/a", "--type", "image"], "write ghcr.io/a"),
        (["--repo-url", SSH, "--username", "x"], "git over SSH takes a key"),
        (["--repo-url", HTTPS, "--ssh-private-key-file", "k"], "an SSH key is for git over SSH"),
        (["--repo-url", SSH, "--ssh-private-key-file", "/nowhere"], "No such file"),
        (["--repo-url", SSH, "--ssh-private-key-file", "k", "--username", "x"], "not both"),
        (["--repo-url", HTTPS, "--known-hosts-file", "k"], "goes with --ssh-private-key-file"),
        (["--repo-url", "^x", "--regex", "--username", "x"], "--regex needs --type"),
        (["--repo-url", HTTPS, "--username", "x"], "--password-stdin"),
        (["--repo-url", HTTPS, "--password-stdin"], "give --username"),
        (["--repo-url", HTTPS, "--username", "x", "--password-stdin"], "the password is empty"),
        (["--username", "x"], "--repo-url"),
    ],
)
def test_what_would_never_serve_is_refused_with_what_to_write(
    api: Api, call: Call, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """Before anything is sent."""
    _stdin(monkeypatch, b"\n")
    told = call("create", "credentials", "deploy", *arguments)
    assert told.code == 1
    assert said in told.err
    assert not api.asked


def test_on_a_terminal_user_and_password_are_asked_for(takes: Api) -> None:
    """A real terminal; the password is not shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*towpath_process.COMMAND, "create", "credentials", "deploy", "--repo-url", HTTPS],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""

    def until(text: bytes) -> None:
        nonlocal shown
        while text not in shown:
            shown += os.read(ours, 4096)

    until(b"User name: ")
    os.write(ours, b"bot\n")
    until(b"Password or token: ")
    os.write(ours, b"s3cret\n")
    until(b"secret/deploy created")
    assert process.wait(60) == 0
    os.close(ours)
    assert b"s3cret" not in shown
    assert _made(takes)["stringData"]["password"] == "s3cret"


def test_create_says_what_it_makes(api: Api, call: Call) -> None:
    """Other kinds come from manifests; options stand behind the name."""
    told = call("create", "stage", "x")
    assert told.code == 1
    assert "there are: project, credentials" in told.err
    assert "did you mean credentials? " in call("create", "credental", "x").err
    told = call("create", "-f", "x", "project", "y")
    assert "give either --filename, or `project NAME`" in told.err
    assert not api.asked


@pytest.mark.parametrize(
    ("url", "type_"),
    [
        (HTTPS, "git"),
        (SSH, "git"),
        ("ssh://git@git.example/x", "git"),
        ("oci://ghcr.io/charts/app", "helm"),
        ("ghcr.io/acme/app", "image"),
        ("127.0.0.1:5000/app", "image"),
        ("app@sha256", "image"),
    ],
)
def test_what_is_at_an_address(url: str, type_: str) -> None:
    """By how it begins."""
    assert creds.type_of(url) == type_


def test_explain(api: Api, call: Call) -> None:
    """The one that serves first, then the others, each with its reason."""
    path = "/towpath/v1/projects/shop/credentials/explain"
    mine = {"namespace": "shop", "name": "a", "serves": True, "reason": "same address"}
    other = {"namespace": "kargo-shared-resources", "name": "", "serves": False, "reason": "no"}
    answer = {"url": HTTPS, "type": "git", "comparedAs": "https://git.example/acme/app"}
    api.answer(
        "GET",
        path,
        {**answer, "serves": mine, "secrets": [mine, other], "leftOut": 1200},
        {**answer, "serves": None, "secrets": [], "leftOut": 0},
    )
    assert call("creds", "explain", HTTPS).lines == [
        f"git repository {HTTPS} (compared as https://git.example/acme/app)",
        "Secret shop/a serves it: same address",
        "",
        "Others do not:",
        "  (one of kargo-shared-resources)   no",
        "  and 1,200 more",
    ]
    assert api.asked[-1].query == {"url": [HTTPS], "type": ["git"]}
    told = call("creds", "explain", "ghcr.io/x")
    assert told.lines[1] == "No Secret serves it: access is anonymous."
    assert "towpath create credentials NAME -p shop --type git" in told.lines[-1]
    assert api.asked[-1].query["type"] == ["image"]


def test_the_servers_own_identity_is_told_of(api: Api, call: Call) -> None:
    """Where the repository is in a registry of a cloud."""
    answer: dict[str, Any] = {
        "url": "gcr.io/x",
        "type": "image",
        "comparedAs": "gcr.io/x",
        "secrets": [],
    }
    answer |= {"serves": None, "leftOut": 0}
    ours = {"cloud": "gcp", "serves": True, "reason": "no Secret matches"}
    api.answer(
        "GET",
        "/towpath/v1/projects/shop/credentials/explain",
        {**answer, "identity": ours},
        {**answer, "identity": ours | {"serves": False, "reason": "it has none"}},
    )
    assert call("creds", "explain", "gcr.io/x").lines[1:3] == [
        "No Secret serves it.",
        "The server's identity at gcp serves it: no Secret matches",
    ]
    assert call("creds", "explain", "gcr.io/x").lines[1:3] == [
        "No Secret serves it: access is anonymous.",
        "The server's identity at gcp does not serve it: it has none",
    ]
