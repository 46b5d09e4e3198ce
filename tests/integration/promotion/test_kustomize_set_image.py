"""`kustomize-set-image` in a work directory: which file it is, and which images are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import steps
from towpath.promotion.steps.kustomize_set_image import KustomizeSetImage

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.step import Outcome

FREIGHT = [
    {"name": "f1", "origin": {"kind": "Warehouse", "name": "w1"},
     "images": [{"repoURL": "registry.example/web", "tag": "v2", "digest": "sha256:1"}, {"repoURL": "nginx", "tag": "1"}]},
    {"name": "f2", "origin": {"kind": "Warehouse", "name": "w2"}, "charts": [], "images": [{"repoURL": "api", "digest": "sha256:2"}]},
]  # fmt: skip
TWICE = [*FREIGHT, {"name": "f3", "images": [{"repoURL": "nginx", "tag": "2"}]}]


async def _set(root: Path, config: dict[str, Any], **more: Any) -> Outcome:
    return await steps.run(KustomizeSetImage(), root, {"path": "k", **config}, **more)


async def test_all_images_of_the_freight(tmp_path: Path) -> None:
    """With tag and digest, by name; a second time the file is as it was, and the message says so."""
    steps.put(tmp_path, {"k/Kustomization": "resources: []\n"})
    outcome = await _set(tmp_path, {}, freight=FREIGHT)
    assert steps.contents(tmp_path)["k/Kustomization"] == (
        'resources: []\nimages:\n- name: api\n  digest: sha256:2\n- name: nginx\n  newTag: "1"\n'
        "- name: registry.example/web\n  newTag: v2\n  digest: sha256:1\n"
    )
    said = "Updated k to use new images\n\n- api@sha256:2\n- nginx:1\n- registry.example/web:v2@sha256:1"
    assert outcome.output == {"commitMessage": said}
    again = await _set(tmp_path, {}, freight=FREIGHT)
    assert again.output == outcome.output
    assert steps.told(again).startswith(
        "k/Kustomization is as it was: it sets api@sha256:2, nginx:1, "
    )


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"images": [{"image": "a", "tag": "1"}]}, "Updated k to use new image\n\n- a:1"),
        ({"images": [{"image": "a", "name": "b", "tag": "1", "newName": "c"}]}, "Updated k to use new image\n\n- c:1"),
        ({"images": [{"image": "a", "digest": "d", "tag": None}]}, "Updated k to use new image\n\n- a@d"),
        ({"images": []}, None),
        ({}, None),
    ],
)  # fmt: skip
async def test_what_is_said_for_a_commit(
    config: dict[str, Any], said: str | None, tmp_path: Path
) -> None:
    """One image, renamed, by digest, or none."""
    steps.put(tmp_path, {"k/kustomization.yml": ""})
    outcome = await _set(tmp_path, config)
    assert steps.said(outcome)[0] == "Succeeded"
    assert (outcome.output or {}).get("commitMessage") == said


@pytest.mark.parametrize(
    ("files", "config", "more", "expected", "said"),
    [
        ({}, {}, {}, ("Errored", False), "k: there is no kustomization.yaml, kustomization.yml or Kustomization"),
        ({"k": ""}, {}, {}, ("Errored", False), "k: there is no kustomization.yaml"),
        ({"k/kustomization.yaml/x": ""}, {}, {}, ("Errored", False), "k: there is no kustomization.yaml"),
        ({"k/kustomization.yaml": "", "k/Kustomization": ""}, {}, {}, ("Errored", False), "k: there are kustomization.yaml and Kustomization; keep one"),
        ({"k/Kustomization": ""}, {}, {"freight": TWICE}, ("Errored", False), "manual configuration required due to ambiguous result"),
        ({"k/Kustomization": "a: ["}, {"images": [{"image": "a", "tag": "1"}]}, {}, ("Errored", False), "k/Kustomization: line 2"),
        ({"k/Kustomization": ""}, {"images": [{"image": "a"}]}, {}, ("Failed", True), "exactly one of tag and digest"),
        ({"k/Kustomization": ""}, {"images": [{"image": "a", "tag": "1", "digest": "2"}]}, {}, ("Failed", True), "exactly one of"),
        ({"k/Kustomization": ""}, {"images": [{"tag": "1"}]}, {}, ("Failed", True), "image"),
        ({"k/Kustomization": ""}, {"images": [{"image": "a", "tag": "1", "newTag": "1"}]}, {}, ("Failed", True), "newTag"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told(
    files: dict[str, str],
    config: dict[str, Any],
    more: dict[str, Any],
    expected: Any,
    said: str,
    tmp_path: Path,
) -> None:
    """And nothing is written."""
    steps.put(tmp_path, files)
    outcome = await _set(tmp_path, config, **more)
    assert steps.said(outcome) == expected
    assert said in steps.told(outcome)
    assert steps.contents(tmp_path) == files


@pytest.mark.parametrize(
    ("second", "requested", "config", "expected"),
    [
        ("nginx", ("w1", "w2"), {}, "Errored"),
        ("nginx", ("w1", "w2"), {"images": [{"image": "nginx", "tag": "1"}]}, "Succeeded"),
        ("nginx", ("w1",), {}, "Succeeded"),
        ("nginx", ("w1", "w1"), {}, "Succeeded"),
        ("nginx", ("w1", "gone"), {}, "Succeeded"),
        ("of-no-freight", ("w1", "w2"), {}, "Succeeded"),
    ],
)
async def test_a_repository_that_two_requested_warehouses_subscribe_to(
    second: str, requested: tuple[str, ...], config: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    """Only one of them has Freight so far; which one is meant must be said."""
    steps.put(tmp_path, {"k/Kustomization": ""})
    subscribed = {"w1": ["nginx", "of-no-freight"], "w2": [second]}

    async def warehouse(name: str) -> dict[str, Any] | None:
        if name not in subscribed:
            return None
        images = [{"image": {"repoURL": url}} for url in subscribed[name]]
        return {"spec": {"subscriptions": [{"git": {"repoURL": "https://git.example"}}, *images]}}

    outcome = await _set(
        tmp_path,
        config,
        freight=FREIGHT[:1],
        requests=[{"origin": {"kind": "Warehouse", "name": name}} for name in requested],
        warehouse=warehouse,
    )
    assert steps.said(outcome)[0] == expected
    if expected == "Errored":
        assert "ambiguous result: Warehouses w1 and w2 both subscribe to nginx" in steps.told(
            outcome
        )
