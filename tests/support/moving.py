"""Projects that move between servers of their own: a Project with a little past, and what a server knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support import towpath_process, waiting

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.towpath_process import Running

PROJECT = "shop"
VALUE = "s3cr3tCANARYvalue91"
_API = "kargo.akuity.io/v1alpha1"


def _object(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": kind,
        "metadata": {"name": name, "namespace": PROJECT},
        **more,
    }


def documents(freight: int = 1) -> list[dict[str, Any]]:
    """Return the Project: a Stage that takes what is new by itself, one that does not, so much Freight, a credential."""
    origin = {"kind": "Warehouse", "name": "main"}
    image = "registry.example/app"
    step = {"uses": "compose-output", "config": {"done": "yes"}}
    spec = {
        "requestedFreight": [{"origin": origin, "sources": {"direct": True}}],
        "promotionTemplate": {"spec": {"steps": [step]}},
    }
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "repo",
            "namespace": PROJECT,
            "labels": {"kargo.akuity.io/cred-type": "image"},
        },
        "stringData": {"repoURL": image, "username": "u", "password": VALUE},
    }
    policies = [{"stageSelector": {"name": "test"}, "autoPromotionEnabled": True}]
    subscribed = {"subscriptions": [{"image": {"repoURL": image}}]}
    return [
        {"apiVersion": _API, "kind": "Project", "metadata": {"name": PROJECT}},
        _object("ProjectConfig", PROJECT, spec={"promotionPolicies": policies}),
        _object("Warehouse", "main", spec={**subscribed, "freightCreationPolicy": "Manual"}),
        _object("Stage", "test", spec=spec),
        _object("Stage", "prod", spec=spec),
        secret,
        *(
            _object(
                "Freight", "x", origin=origin, images=[{"repoURL": image, "tag": f"1.{number}.0"}]
            )
            for number in range(freight)
        ),
    ]


def client(server: Running) -> httpx.Client:
    """Return a client of a server, as its administrator."""
    headers = {"Authorization": f"Bearer {server.token}"}
    return httpx.Client(base_url=server.address, headers=headers, timeout=60)


def cli(folder: Path, server: Running, *arguments: str, **more: str) -> Any:
    """Run a command against a server."""
    where = {"TOWPATH_SERVER": server.address, "TOWPATH_TOKEN": server.token}
    return towpath_process.run(folder, *arguments, **where, **more)


def filled(folder: Path, server: Running, freight: int = 1) -> None:
    """Make the Project on a server, and return once `test` holds Freight."""
    file = folder / "project.yaml"
    file.write_text(yaml.safe_dump_all(documents(freight)))
    done = cli(folder, server, "apply", "-f", str(file))
    assert done.returncode == 0, done.stderr
    with client(server) as asking:
        waiting.until(lambda: len(promoted(asking)) >= 1 and _ended(asking), lambda: "a Promotion")


def _ended(asking: httpx.Client) -> bool:
    stage = asking.get(f"/v1beta1/projects/{PROJECT}/stages/test").json()
    status = stage.get("status") or {}
    history = status.get("freightHistory") or [{}]
    return not status.get("currentPromotion") and bool(history[0].get("verificationHistory"))


def promoted(asking: httpx.Client) -> list[tuple[str, str]]:
    """Return the Promotions of the Project with how they ended."""
    items = asking.get(f"/v1beta1/projects/{PROJECT}/promotions").json().get("items") or []
    return sorted(
        (each["metadata"]["name"], (each.get("status") or {}).get("phase", "")) for each in items
    )


def told(asking: httpx.Client) -> list[Any]:
    """Return what history tells of the Project."""
    stays = [
        asking.get(f"/towpath/v1/projects/{PROJECT}/stages/{stage}/history").json()
        for stage in ("test", "prod")
    ]
    lines = asking.get(f"/towpath/v1/history?project={PROJECT}").json()["items"]
    return [*stays, lines]


def there(asking: httpx.Client) -> bool:
    """Whether the Project, or anything of it, is on a server."""
    paths = (
        f"/api/v1/namespaces/{PROJECT}",
        f"/v1beta1/projects/{PROJECT}",
    )
    known = [asking.get(path).status_code == 200 for path in paths]
    items = asking.get(f"/apis/{_API}/namespaces/{PROJECT}/freights").json().get("items") or []
    assert len({*known, bool(items)}) == 1, (known, len(items))
    return known[0]


def is_gone(asking: httpx.Client) -> bool:
    """Whether a Project that is being deleted is no more."""
    return asking.get(f"/v1beta1/projects/{PROJECT}").status_code == 404


def manifests(asking: httpx.Client, folder: Path) -> None:
    """Write what `kubectl get -o yaml` gives of the Project into files of a folder."""
    folder.mkdir()
    kargo, core = f"/apis/{_API}", "/api/v1"
    space = f"namespaces/{PROJECT}"
    paths = [f"{kargo}/projects/{PROJECT}", f"{core}/{space}"]
    kinds = ("projectconfigs", "warehouses", "freights", "stages", "promotions")
    paths += [f"{kargo}/{space}/{kind}" for kind in kinds]
    paths += [f"{core}/{space}/secrets", f"{core}/{space}/serviceaccounts"]
    for number, path in enumerate(paths):
        answer = asking.get(path)
        assert answer.status_code == 200, path
        (folder / f"{number}.yaml").write_text(yaml.safe_dump(answer.json()))
