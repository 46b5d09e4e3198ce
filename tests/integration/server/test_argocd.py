"""A real server with connections to Argo CD: from its configuration and as objects, one of them to nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support import argocd_thread, towpath_process
from tests.support.argocd_standin import application
from tests.support.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.argocd_thread import ThreadedArgoCD
    from tests.support.towpath_process import Running


def kubeconfig(url: str, token: str) -> dict[str, Any]:
    """Return a kubeconfig for a stand-in."""
    return {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": token}}],
    }


def told(server: Running) -> dict[str, dict[str, Any]]:
    """Return what the server says of its connections, by name."""
    known = {"Authorization": f"Bearer {server.token}"}
    answer = httpx.get(f"{server.address}/towpath/v1/argocd", headers=known)
    return {each["name"]: each for each in answer.json()["items"]}


def states(server: Running) -> dict[str, tuple[str, int]]:
    """Return state and number of Applications of each."""
    return {name: (each["state"], each["applications"]) for name, each in told(server).items()}


def configuration(folder: Path, argocd: ThreadedArgoCD) -> Path:
    """Return a file with a connection of each kind, and one to nowhere."""
    installation = argocd.installation
    for name, url in (("prod", installation.kubernetes.url), ("nowhere", "http://127.0.0.1:1")):
        (folder / name).write_text(json.dumps(kubeconfig(url, installation.token)))
    (folder / "token").write_text(installation.token)
    rest = {"server": installation.rest.url, "tokenFile": str(folder / "token")}
    wanted = {
        "prod": {
            "projects": ["*"],
            "default": True,
            "kubernetes": {"kubeconfig": str(folder / "prod")},
        },
        "rest": {"projects": ["shop"], "rest": rest},
        "nowhere": {"projects": ["*"], "kubernetes": {"kubeconfig": str(folder / "nowhere")}},
        "missing": {"projects": ["*"], "kubernetes": {"kubeconfig": str(folder / "missing")}},
    }
    file = folder / "towpath.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "argocd": {"connections": wanted},
                "egress": {"allow": [installation.rest.url.removeprefix("http://")]},
            }
        )
    )
    return file


def test_a_server_has_its_connections_whatever_becomes_of_some(tmp_path: Path) -> None:
    """It is ready though one leads nowhere and one has no file; those that work do; one that is applied comes at once."""
    with argocd_thread.serving(tmp_path / "argocd") as argocd:
        for name in ("web", "db"):
            argocd.put(application(name))
        file = configuration(tmp_path, argocd)
        with towpath_process.up(tmp_path, config=file) as server:
            assert httpx.get(f"{server.address}/readyz").text == "ok"
            until(
                lambda: (
                    {each for each, (state, _) in states(server).items() if state == "Connected"}
                    == {"prod", "rest"}
                ),
                lambda: str(told(server)),
            )
            until(lambda: states(server)["nowhere"][0] == "Down", lambda: str(told(server)))
            found = told(server)
            assert found["prod"]["applications"] == found["rest"]["applications"] == 2
            assert "cannot be reached" in found["nowhere"]["error"]
            assert (
                "missing.kubernetes.kubeconfig of the configuration: it cannot be read"
                in found["missing"]["error"]
            )
            assert str(tmp_path) not in json.dumps(found)
            assert f"{tmp_path}/missing" in (tmp_path / "log").read_text()
            assert argocd.installation.token not in json.dumps(found)
            assert httpx.get(f"{server.address}/readyz").text == "ok"

            objects = tmp_path / "objects.yaml"
            objects.write_text(
                yaml.safe_dump_all(
                    [
                        {
                            "apiVersion": "v1",
                            "kind": "Secret",
                            "metadata": {
                                "name": "eu",
                                "namespace": "kargo-system-resources",
                                "labels": {"kargo.akuity.io/cred-type": "argocd"},
                            },
                            "stringData": {
                                "server": argocd.installation.rest.url,
                                "token": argocd.installation.token,
                            },
                        },
                        {
                            "apiVersion": "towpath.dev/v1alpha1",
                            "kind": "ArgoCDConnection",
                            "metadata": {"name": "eu"},
                            "spec": {"projects": ["*"], "rest": {"secretRef": {"name": "eu"}}},
                        },
                    ]
                )
            )
            client = {"TOWPATH_SERVER": server.address, "TOWPATH_TOKEN": server.token}
            applied = towpath_process.run(tmp_path, "apply", "-f", objects, **client)
            assert applied.returncode == 0, applied.stderr
            assert "argocdconnection.towpath.dev/eu created" in applied.stdout
            until(lambda: states(server).get("eu") == ("Connected", 2), lambda: str(told(server)))
            argocd.put(application("new"))
            until(
                lambda: {states(server)[each][1] for each in ("prod", "rest", "eu")} == {3},
                lambda: str(told(server)),
            )
            table = towpath_process.run(tmp_path, "get", "argocd", **client).stdout
            assert [line.split()[:3] for line in table.splitlines()[1:]] == [
                ["eu", "rest", "Connected"],
                ["missing", "kubernetes", "Down"],
                ["nowhere", "kubernetes", "Down"],
                ["prod", "kubernetes", "Connected"],
                ["rest", "rest", "Connected"],
            ]
            shown = towpath_process.run(tmp_path, "get", "argocdconnections", **client).stdout
            assert shown.splitlines()[1].split()[:2] == ["eu", "True"]
            deleted = towpath_process.run(tmp_path, "delete", "argocdconnection", "eu", **client)
            assert deleted.returncode == 0, deleted.stderr
            until(lambda: "eu" not in states(server), lambda: str(told(server)))
        with towpath_process.up(tmp_path, config=file) as server:  # and it starts with them again
            until(lambda: states(server)["prod"] == ("Connected", 3), lambda: str(told(server)))
