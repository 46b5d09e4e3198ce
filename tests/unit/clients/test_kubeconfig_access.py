"""Kubeconfigs: what is read of them, and what is refused, with the field and the remedy."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from towpath.clients.argocd import kubeconfig
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from pathlib import Path


def document(
    cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a kubeconfig with two contexts."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "prod",
        "contexts": [
            {"name": "prod", "context": {"cluster": "c", "user": "u", "namespace": "team"}},
            {"name": "other", "context": {"cluster": "d"}},
        ],
        "clusters": [
            {"name": "c", "cluster": {"server": "https://c.example.com:6443/", **(cluster or {})}},
            {"name": "d", "cluster": {"server": "https://d.example.com"}},
        ],
        "users": [{"name": "u", "user": user or {}}],
    }


def read(given: dict[str, Any], context: str = "", folder: Path | None = None) -> Any:
    """Return what is read of it."""
    return kubeconfig.read(json.dumps(given).encode(), context, source="Secret x", folder=folder)


def test_a_context_says_where_and_who() -> None:
    """The current one, or the one that is named."""
    pem = base64.b64encode(b"PEM").decode()
    found = read(
        document(
            {
                "certificate-authority-data": pem,
                "tls-server-name": "inner",
                "proxy-url": "http://p:3128",
            },
            {"token": " secret ", "client-certificate-data": pem, "client-key-data": pem},
        )
    )
    assert (found.server, found.namespace, found.proxy) == (
        "https://c.example.com:6443",
        "team",
        "http://p:3128",
    )
    assert (found.tls.authority, found.tls.server_name, found.tls.key) == (b"PEM", "inner", b"PEM")
    assert found.bearer.token == "secret"
    assert "secret" not in repr(found)
    other = read(document(), "other")
    assert (other.server, other.bearer.token) == ("https://d.example.com", "")


def test_files_are_read_beside_the_kubeconfig(tmp_path: Path) -> None:
    """Relative paths begin at its folder; a token in a file is left there, as it is renewed."""
    (tmp_path / "ca.pem").write_bytes(b"PEM")
    path = tmp_path / "config"
    given = document({"certificate-authority": "ca.pem"}, {"tokenFile": "token"})
    path.write_text(json.dumps(given))
    found = kubeconfig.from_file(path, "", source="kubeconfig k")
    assert found.tls.authority == b"PEM"
    assert found.bearer.token_file == tmp_path / "token"


def test_paths_of_the_server_are_for_its_operator(tmp_path: Path) -> None:
    """Messages are told to others, too: they name the setting."""
    path = tmp_path / "config"
    with pytest.raises(BadRequest, match=r"k: it cannot be read: No such file") as caught:
        kubeconfig.from_file(path, "", source="k")
    assert (str(tmp_path) in caught.value.message, caught.value.place) == (False, str(path))
    path.write_text(json.dumps(document({"certificate-authority": "gone.pem"})))
    with pytest.raises(
        BadRequest, match="certificate-authority: the file cannot be read"
    ) as caught:
        kubeconfig.from_file(path, "", source="k")
    assert (str(tmp_path) in caught.value.message, caught.value.place) == (
        False,
        str(tmp_path / "gone.pem"),
    )


def test_a_plugin_is_taken_with_its_environment(tmp_path: Path) -> None:
    """A command with a slash begins at the folder; one without is looked for in PATH."""
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "./login",
        "args": ["-x"],
        "env": [{"name": "A", "value": "b"}],
        "provideClusterInfo": True,
    }
    found = read(document(user={"exec": plugin}), folder=tmp_path).bearer.plugin
    assert found.argv == (str(tmp_path / "login"), "-x")
    assert found.environment == (("A", "b"),)
    assert json.loads(found.cluster)["server"] == "https://c.example.com:6443/"


@pytest.mark.parametrize(
    ("cluster", "user", "said"),
    [
        ({"certificate-authority": "ca.pem"}, {}, "may name no files"),
        ({}, {"tokenFile": "/etc/passwd"}, "may name no files"),
        ({}, {"client-certificate": "/etc/passwd"}, "may name no files"),
        ({}, {"exec": {"command": "id"}}, "may name no files and no programs"),
    ],
)
def test_a_secret_reaches_nothing_of_this_machine(
    cluster: dict[str, Any], user: dict[str, Any], said: str
) -> None:
    """Whoever may write a Secret must not read files here, nor run programs."""
    with pytest.raises(BadRequest, match=said):
        read(document(cluster, user))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "no kubeconfig"),
        ({"current-context": ""}, "no current-context"),
        (
            {"current-context": "gone", "contexts": [{"name": "prod"}]},
            "no context 'gone'; there is .prod.",
        ),
        (document({"server": 3}), "server must be a text"),
        (document({"server": "ftp://x"}), "is not http"),
        (document({"server": "https://x?y=1"}), "is not http"),
        (document({"server": "https://u:p@x"}), "is not http"),
        (document({"certificate-authority-data": "%"}), "no base64"),
        (
            document({"certificate-authority-data": "UEVN", "insecure-skip-tls-verify": True}),
            "contradict",
        ),
        (document(user={"client-certificate-data": "UEVN"}), "belong together"),
        (
            document(user={"auth-provider": {"name": "gcp"}}),
            "auth-provider: Kubernetes takes that no more",
        ),
    ],
)
def test_what_is_wrong_is_named(given: Any, said: str) -> None:
    """With the source and the field."""
    with pytest.raises(BadRequest, match=said) as caught:
        read(given)
    assert str(caught.value).startswith("Secret x: ")


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        ("login", "must be an object"),
        ({"command": "login"}, "apiVersion"),
        ({"apiVersion": "client.authentication.k8s.io/v1"}, "command is missing"),
        (
            {
                "apiVersion": "client.authentication.k8s.io/v1",
                "command": "x",
                "interactiveMode": "Always",
            },
            "nobody sits here",
        ),
    ],
)
def test_a_plugin_that_cannot_be_run_is_named(plugin: Any, said: str, tmp_path: Path) -> None:
    """Before anything is run."""
    with pytest.raises(BadRequest, match=said):
        read(document(user={"exec": plugin}), folder=tmp_path)


def test_a_pod_reaches_its_own_cluster(tmp_path: Path) -> None:
    """By the token that is renewed in a file; outside of a Pod that is said."""
    with pytest.raises(BadRequest, match="no Pod with a ServiceAccount"):
        kubeconfig.in_cluster(tmp_path)
    (tmp_path / "ca.crt").write_bytes(b"PEM")
    found = kubeconfig.in_cluster(tmp_path)
    assert found.server == "https://kubernetes.default.svc"
    assert found.bearer.token_file == tmp_path / "token"
