"""`apply`, `create` and `delete`: what is sent, what is told, where a mistake stands."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api, Asked

    Call = Callable[..., Told]

RESOURCES = "/v1beta1/resources"
STAGE = """\
# the first
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: prod, namespace: shop}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: main}
    sources:
      direct: true
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
      - uses: git-push
        if: yes
"""
PROJECT = """\
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata:
  name: shop
"""


def _echo(key: str, **more: Any) -> Callable[[Asked], Any]:
    def answer(asked: Asked) -> Any:
        sent = asked.body if isinstance(asked.body, list) else [asked.body]
        return {"results": [{key: document, **more} for document in sent]}

    return answer


def test_projects_go_first_and_each_document_is_told(api: Api, call: Call, tmp_path: Path) -> None:
    """One request holds all documents of all files, in order but for the Projects."""
    (tmp_path / "b.yaml").write_text(PROJECT)
    (tmp_path / "a.yml").write_text(STAGE)
    (tmp_path / "readme.txt").write_text(":::")
    api.answer("PUT", RESOURCES, _echo("createdResourceManifest"))
    told = call("apply", "-f", tmp_path)
    assert told.lines == [
        "project.kargo.akuity.io/shop created",
        "stage.kargo.akuity.io/prod created",
    ]
    assert (told.code, told.err) == (0, "")
    (asked,) = api.asked
    assert asked.query == {"upsert": ["true"], "fieldValidation": ["Strict"]}
    assert asked.headers["Content-Type"] == "text/plain"
    assert [document["kind"] for document in asked.body] == ["Project", "Stage"]


@pytest.mark.parametrize(
    ("item", "verb"),
    [
        ({"createdResourceManifest": 1}, "created"),
        ({"updatedResourceManifest": 1}, "configured"),
        ({"updatedResourceManifest": 1, "unchanged": True}, "unchanged"),
    ],
)
def test_the_words_are_those_of_kubectl(
    api: Api, call: Call, tmp_path: Path, item: dict[str, Any], verb: str
) -> None:
    """created, configured, unchanged."""
    (tmp_path / "a.yaml").write_text(PROJECT)
    key = next(iter(item))
    api.answer("PUT", RESOURCES, _echo(key, **{k: v for k, v in item.items() if k != key}))
    assert call("apply", "-f", tmp_path / "a.yaml").out == f"project.kargo.akuity.io/shop {verb}\n"


def test_one_refused_document_stops_no_other_and_is_told_with_file_and_line(
    api: Api, call: Call, tmp_path: Path
) -> None:
    """The line is that of the field which the message names."""
    file = tmp_path / "all.yaml"
    file.write_text(STAGE + PROJECT)
    message = 'Stage.kargo.akuity.io "prod" is invalid: spec.promotionTemplate.spec.steps[1].if: Invalid value'

    def answer(asked: Asked) -> Any:
        return {"results": [{"updatedResourceManifest": asked.body[0]}, {"error": message}]}

    api.answer("PUT", RESOURCES, answer)
    told = call("apply", "-f", file)
    assert told.code == 1
    assert told.out == "project.kargo.akuity.io/shop configured\n"
    assert told.err == f"{file}:15: Stage 'prod': {message}\n"


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422])
def test_a_single_document_is_refused_by_the_status(
    api: Api, call: Call, tmp_path: Path, status: int
) -> None:
    """The same line as for one of several."""
    file = tmp_path / "stage.yaml"
    file.write_text(STAGE)
    api.answer("PUT", RESOURCES, (status, {"error": 'unknown field "spec.shart"'}))
    told = call("apply", "-f", file)
    assert told.code == 1
    assert told.err == f"{file}:5: Stage 'prod': unknown field \"spec.shart\"\n"


def test_a_message_without_a_field_is_told_with_the_line_of_the_document(
    api: Api, call: Call, tmp_path: Path
) -> None:
    """Documents count from their first line."""
    file = tmp_path / "stage.yaml"
    file.write_text("\n\n---\n" + STAGE)
    api.answer("PUT", RESOURCES, (404, {"error": 'project "shop" not found'}))
    assert call("apply", "-f", file).err.startswith(f"{file}:4: ")


def test_warnings_are_told_and_refuse_nothing(api: Api, call: Call, tmp_path: Path) -> None:
    """They go to standard error."""
    (tmp_path / "a.yaml").write_text(STAGE)
    warnings = ["spec.promotionTemplate.spec.steps[0].uses: no such step"]
    api.answer("PUT", RESOURCES, _echo("updatedResourceManifest", warnings=warnings))
    told = call("apply", "-f", tmp_path / "a.yaml")
    assert told.code == 0
    assert told.err == f"{tmp_path}/a.yaml:13: Stage 'prod': warning: {warnings[0]}\n"


def test_a_server_that_cannot_serve_is_no_fault_of_a_document(
    api: Api, call: Call, tmp_path: Path
) -> None:
    """It is told once."""
    (tmp_path / "a.yaml").write_text(STAGE)
    api.answer("PUT", RESOURCES, (503, {"error": "stopping"}))
    told = call("apply", "-f", tmp_path / "a.yaml")
    assert (told.code, told.err) == (1, "towpath: stopping\n")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [", ":"),
        ("kind: A\nkind: B\n", "line 2, column 1: key"),
        ("just text", "line 1: a manifest is an object"),
        ("", "there is no document in it"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_nothing_is_sent(
    api: Api, call: Call, tmp_path: Path, text: str, where: str
) -> None:
    """Before any other document is sent."""
    (tmp_path / "a.yaml").write_text(PROJECT)
    (tmp_path / "b.yaml").write_text(text)
    told = call("apply", "-f", tmp_path / "b.yaml")
    assert told.code == 1
    assert str(tmp_path / "b.yaml") in told.err
    assert where in told.err
    if text:
        assert call("apply", "-f", tmp_path).code == 1
    assert not api.asked


def test_standard_input_and_directories_in_directories(
    api: Api, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` and -R."""
    api.answer("PUT", RESOURCES, _echo("createdResourceManifest"))

    class Input:
        buffer = io.BytesIO(PROJECT.encode())

    monkeypatch.setattr("sys.stdin", Input)
    assert call("apply", "-f", "-").code == 0
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.json").write_text(
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [{"kind": "A"}, {"kind": "B"}]})
    )
    refused = call("apply", "-f", tmp_path)
    assert refused.code == 1
    assert "-R" in refused.err
    assert call("apply", "-R", "-f", tmp_path).code == 0
    assert [item["kind"] for item in api.asked[-1].body] == ["A", "B"]


@pytest.mark.parametrize("filename", ["http://127.0.0.1:1/a.yaml", "/nowhere/a.yaml"])
def test_files_that_are_none(call: Call, api: Api, filename: str) -> None:
    """The message names the option and the file."""
    told = call("apply", "-f", filename)
    assert told.code == 1
    assert f"--filename {filename}: " in told.err
    assert call("apply").code == 1
    assert not api.asked


def test_many_documents_go_in_portions(api: Api, call: Call, tmp_path: Path) -> None:
    """None is larger than the server takes."""
    large = "x" * 900_000
    for index in range(8):
        document = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": large}}
        document["metadata"] = {"name": f"m{index}"}
        (tmp_path / f"{index}.json").write_text(json.dumps(document))
    api.answer("PUT", RESOURCES, _echo("createdResourceManifest"))
    told = call("apply", "-f", tmp_path)
    assert told.lines == [f"configmap/m{index} created" for index in range(8)]
    assert [len(body) for body in api.bodies("PUT")] == [3, 3, 2]


def test_what_is_warned_of_is_asked_anew_after_the_last_portion(
    api: Api, call: Call, tmp_path: Path
) -> None:
    """What a document names may come with a later portion; only `apply` may ask again."""
    large = "x" * 900_000
    for index in range(4):
        document = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": large}}
        document["metadata"] = {"name": f"m{index}", "namespace": "shop"}
        (tmp_path / f"{index}.json").write_text(json.dumps(document))

    def answer(asked: Asked) -> Any:
        sent = asked.body if isinstance(asked.body, list) else [asked.body]
        names = [document["metadata"]["name"] for document in sent]
        gone = len(api.asked) > 2  # asked anew
        warned = {"m0": ["missing"], "m1": [] if gone else ["missing"], "m3": ["last"]}
        items = zip(sent, names, strict=True)
        return {
            "results": [
                {"createdResourceManifest": document, "warnings": warned.get(name, [])}
                for document, name in items
            ]
        }

    api.answer("PUT", RESOURCES, answer)
    told = call("apply", "-f", tmp_path)
    assert told.lines == [f"configmap/m{index} created" for index in range(4)]
    bodies = [body if isinstance(body, list) else [body] for body in api.bodies("PUT")]
    assert [[each["metadata"]["name"] for each in body] for body in bodies] == [
        ["m0", "m1", "m2"],
        ["m3"],
        ["m0", "m1"],
    ]
    assert [line.partition(": ")[2] for line in told.err.splitlines()] == [
        "ConfigMap 'm3': warning: last",
        "ConfigMap 'm0': warning: missing",
    ]
    api.answer("POST", RESOURCES, answer)
    assert call("create", "-f", tmp_path).err.count("warning: missing") == 1
    assert len(api.bodies("POST")) == 2


def test_create(api: Api, call: Call, tmp_path: Path) -> None:
    """From files, or a Project by its name."""
    (tmp_path / "a.yaml").write_text(STAGE)
    api.answer("POST", RESOURCES, _echo("createdResourceManifest"))
    assert call("create", "-f", tmp_path / "a.yaml").out == "stage.kargo.akuity.io/prod created\n"
    told = call("create", "project", "shop", "-o", "name")
    assert told.out == "project.kargo.akuity.io/shop\n"
    assert api.bodies("POST")[-1]["metadata"] == {"name": "shop"}
    assert api.asked[-1].query == {"fieldValidation": ["Strict"]}
    for wrong in (["project"], ["stage", "x"], [], ["project", "x", "-f", "y"]):
        assert call("create", *wrong).code == 1


def test_deleting_by_files_takes_projects_last(api: Api, call: Call, tmp_path: Path) -> None:
    """The rest goes in the opposite order."""
    (tmp_path / "a.yaml").write_text(PROJECT + "---\n" + STAGE)
    api.answer("DELETE", RESOURCES, _echo("deletedResourceManifest"))
    told = call("delete", "-f", tmp_path)
    assert told.lines == [
        "stage.kargo.akuity.io/prod deleted",
        "project.kargo.akuity.io/shop deleted",
    ]


def test_deleting_by_name(api: Api, call: Call) -> None:
    """Each is told; one that is missing makes the exit code 1."""
    for path in ("stages/a", "stages/c", "freight/fearless-fox", "config"):
        api.answer("DELETE", f"/v1beta1/projects/shop/{path}", (204, None))
    api.answer("DELETE", "/v1beta1/projects/shop", (204, None))
    told = call("delete", "stage", "a", "b", "c")
    assert told.code == 1
    assert told.lines == ["stage.kargo.akuity.io/a deleted", "stage.kargo.akuity.io/c deleted"]
    assert call("delete", "freight", "--alias", "fearless-fox").code == 0
    assert call("delete", "project", "shop").out == "project.kargo.akuity.io/shop deleted\n"
    told = call("delete", "projectconfig")
    assert told.out == "projectconfig.kargo.akuity.io/shop deleted\n"
    for wrong in (["stage"], ["promotion", "x"], ["stage", "--alias", "x"], ["a", "-f", "b"], []):
        assert call("delete", *wrong).code == 1


def test_documents_are_printed_as_they_are_now(api: Api, call: Call, tmp_path: Path) -> None:
    """-o json and yaml."""
    (tmp_path / "a.yaml").write_text(PROJECT)
    api.answer("PUT", RESOURCES, _echo("createdResourceManifest"))
    told = call("apply", "-f", tmp_path, "-o", "json")
    assert json.loads(told.out)["kind"] == "Project"
    (tmp_path / "b.yaml").write_text(STAGE)
    told = call("apply", "-f", tmp_path, "-o", "json")
    assert [item["kind"] for item in json.loads(told.out)["items"]] == ["Project", "Stage"]
