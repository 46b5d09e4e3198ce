"""Objects as rows of cells, and as their metadata alone.

The expected cells of Kubernetes' own kinds were read off a Kubernetes API server.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
import yaml

from towpath.errors import BadRequest
from towpath.resources import crd, scheme
from towpath.resources.kinds import Kind, Ref
from towpath.resources.scheme import BUILT_IN, SCHEME
from towpath.server.kube import tables
from towpath.server.kube.accept import Accepted
from towpath.server.kube.forms import AFTER, Rendering
from towpath.server.kube.tables import Include
from towpath.store.contract import Stored

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
CREATED = "2026-11-26T11:55:00Z"
STAGE = {
    "apiVersion": "kargo.akuity.io/v1alpha1",
    "kind": "Stage",
    "metadata": {"name": "prod", "namespace": "shop", "creationTimestamp": CREATED, "uid": "u"},
    "spec": {"shard": "east"},
    "status": {
        "freightSummary": "abc",
        "conditions": [
            {"type": "Promoting", "status": "False", "message": "no"},
            {"type": "Ready", "status": "True", "message": "all is well"},
        ],
    },
}


def _of(kind: Kind, **fields: Any) -> dict[str, Any]:
    metadata = {"name": "a", "creationTimestamp": CREATED}
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **fields}


def _table(kind: Kind, *documents: dict[str, Any], **options: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "include": "Metadata",
        "version": "v1",
        "metadata": {},
        "now": NOW,
    } | options
    return tables.table(kind, documents, **given)


def _cells(kind: Kind, **fields: Any) -> dict[str, Any]:
    table = _table(kind, _of(kind, **fields))
    names = [column["name"] for column in table["columnDefinitions"]]
    [row] = table["rows"]
    return dict(zip(names, row["cells"], strict=True))


def _stored(document: dict[str, Any], revision: int = 7) -> Stored:
    metadata = document["metadata"]
    ref = Ref(scheme.STAGE, metadata["namespace"], metadata["name"])
    return Stored(ref, metadata["uid"], revision, json.dumps(document).encode())


def _rendering(form: str = "", media_type: str = "application/json", **more: Any) -> Rendering:
    accepted = Accepted(media_type, form, "v1")  # type: ignore[arg-type]  # one of the forms
    return Rendering(kind=scheme.STAGE, accepted=accepted, now=NOW, **more)


def test_a_custom_kind_is_shown_in_the_columns_of_its_crd() -> None:
    """Name before them, and Age, which is one of them, at the end; what there is not is null."""
    assert _table(scheme.STAGE, STAGE)["rows"][0]["cells"] == [
        "prod",
        "east",
        "abc",
        None,
        "True",
        "all is well",
        "5m",
    ]


@pytest.mark.parametrize(
    "kind",
    [kind for kind in SCHEME if kind.group not in BUILT_IN],
    ids=lambda kind: kind.resource,
)
def test_columns_are_those_of_the_crd(kind: Kind) -> None:
    """On a cluster kubectl prints the same table."""
    version = crd.definition(kind)["spec"]["versions"][0]
    expected = [("Name", "string", 0)] + [
        (column["name"], column["type"], column.get("priority", 0))
        for column in version["additionalPrinterColumns"]
    ]
    told = _table(kind)["columnDefinitions"]
    assert [(each["name"], each["type"], each["priority"]) for each in told] == expected
    assert [each["format"] for each in told] == ["name"] + [""] * (len(told) - 1)
    assert all(each["description"] for each in told)


@pytest.mark.parametrize("kind", SCHEME, ids=lambda kind: kind.resource)
def test_an_object_without_anything_has_a_cell_in_every_column(kind: Kind) -> None:
    """Whatever is absent: a row is as long as the header, and can be written."""
    table = _table(kind, _of(kind), {**_of(kind), "metadata": {"name": "b"}})
    for row in table["rows"]:
        assert len(row["cells"]) == len(table["columnDefinitions"])
        assert "a" in row["cells"] or "b" in row["cells"]
    json.dumps(table)


@pytest.mark.parametrize(
    ("kind", "fields", "cells"),
    [
        (scheme.NAMESPACE, {"status": {"phase": "Active"}}, {"Status": "Active", "Age": "5m"}),
        (
            scheme.SECRET,
            {"type": "Opaque", "data": {"x": "", "y": ""}},
            {"Type": "Opaque", "Data": 2, "Age": "5m"},
        ),
        (
            scheme.CONFIG_MAP,
            {"data": {"x": ""}, "binaryData": {"y": ""}},
            {"Data": 2, "Age": "5m"},
        ),
        (scheme.CONFIG_MAP, {"data": None}, {"Data": 0, "Age": "5m"}),
        (scheme.SERVICE_ACCOUNT, {"secrets": [{"name": "q"}]}, {"Secrets": 1, "Age": "5m"}),
        (scheme.LEASE, {"spec": {"holderIdentity": "me"}}, {"Holder": "me", "Age": "5m"}),
        (scheme.LEASE, {}, {"Holder": "", "Age": "5m"}),
        (scheme.ROLE, {}, {"Created At": CREATED}),
        (scheme.CLUSTER_ROLE, {}, {"Created At": CREATED}),
        (
            scheme.ROLE_BINDING,
            {
                "roleRef": {"kind": "ClusterRole", "name": "edit"},
                "subjects": [
                    {"kind": "User", "name": "u1"},
                    {"kind": "User", "name": "u2"},
                    {"kind": "Group", "name": "g"},
                    {"kind": "ServiceAccount", "namespace": "n", "name": "s"},
                ],
            },
            {
                "Role": "ClusterRole/edit",
                "Age": "5m",
                "Users": "u1, u2",
                "Groups": "g",
                "ServiceAccounts": "n/s",
            },
        ),
        (
            scheme.CLUSTER_ROLE_BINDING,
            {"roleRef": {"kind": "ClusterRole", "name": "view"}},
            {
                "Role": "ClusterRole/view",
                "Age": "5m",
                "Users": "",
                "Groups": "",
                "ServiceAccounts": "",
            },
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else None,
)
def test_kubernetes_own_kinds_are_shown_as_it_shows_them(
    kind: Kind, fields: dict[str, Any], cells: dict[str, Any]
) -> None:
    """Counted and put together, in its columns and their order."""
    found = _cells(kind, **fields)
    assert found.pop("Name") == "a"
    assert list(found.items()) == list(cells.items())


_PROD = {"kind": "Stage", "name": "prod"}


@pytest.mark.parametrize(
    ("fields", "cells"),
    [
        (
            {
                "type": "Normal",
                "reason": "R",
                "message": "  hello \n",
                "involvedObject": {**_PROD, "fieldPath": "spec.x"},
                "source": {"component": "c", "host": "h"},
                "firstTimestamp": "2026-11-25T12:00:00Z",
                "lastTimestamp": "2026-11-26T11:00:00Z",
                "count": 3,
            },
            ["60m", "Normal", "R", "stage/prod", "spec.x", "c, h", "hello", "24h", 3, "a"],
        ),
        (
            {
                "involvedObject": {"kind": "Stage"},
                "eventTime": "2026-11-25T12:00:00.000000Z",
                "reportingComponent": "rc",
                "reportingInstance": "ri",
                "series": {"count": 7, "lastObservedTime": "2026-11-26T11:58:00.000000Z"},
            },
            ["2m", "", "", "stage", "", "rc, ri", "", "24h", 7, "a"],
        ),
        (
            {"involvedObject": _PROD},
            ["<unknown>", "", "", "stage/prod", "", "", "", "<unknown>", 1, "a"],
        ),
        (
            {
                "involvedObject": _PROD,
                "firstTimestamp": "2026-11-25T12:00:00Z",
                "source": {"component": "c"},
                "reportingComponent": "rc",
                "reportingInstance": "ri",
            },
            ["24h", "", "", "stage/prod", "", "c, ri", "", "24h", 1, "a"],
        ),
        (
            {"lastTimestamp": "2026-11-25T12:00:00Z", "source": {"host": "h"}},
            ["24h", "", "", "", "", ", h", "", "<unknown>", 1, "a"],
        ),
    ],
    ids=["full", "series", "bare", "first-only", "about-nothing"],
)
def test_events_are_shown_as_kubernetes_shows_them(
    fields: dict[str, Any], cells: list[Any]
) -> None:
    """Of the old form and of the new one, with series."""
    assert list(_cells(scheme.EVENT, **fields).values()) == cells


def test_the_wide_columns_of_events() -> None:
    """What `-o wide` adds has priority 1; the name is there by itself as Kubernetes has it last."""
    told = _table(scheme.EVENT)["columnDefinitions"]
    assert [each["name"] for each in told if not each["priority"]] == [
        "Last Seen",
        "Type",
        "Reason",
        "Object",
        "Message",
    ]
    assert (told[-1]["name"], told[-1]["format"], told[-1]["priority"]) == ("Name", "name", 1)


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_what_a_row_holds_of_its_object(version: str) -> None:
    """Its metadata, all of it, or nothing; forms are of the version that was asked for."""
    table = _table(scheme.STAGE, STAGE, version=version)
    assert table["apiVersion"] == f"meta.k8s.io/{version}"
    assert table["rows"][0]["object"] == {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": STAGE["metadata"],
    }
    assert _table(scheme.STAGE, STAGE, include="Object")["rows"][0]["object"] == STAGE
    assert _table(scheme.STAGE, STAGE, include="None")["rows"][0]["object"] is None


def test_what_a_row_holds_is_asked_for_by_name() -> None:
    """Metadata if nothing is said; what is no such word is refused."""
    assert tables.include("") == "Metadata"
    assert [tables.include(word) for word in get_args(Include)] == list(get_args(Include))
    with pytest.raises(BadRequest, match="includeObject: Unsupported value: 'Nothing'"):
        tables.include("Nothing")


def test_an_object_as_a_table() -> None:
    """One row, with the object's revision."""
    table = json.loads(_rendering("Table").one(_stored(STAGE)))
    assert (table["kind"], table["metadata"]) == ("Table", {"resourceVersion": "7"})
    assert [row["cells"][0] for row in table["rows"]] == ["prod"]


def test_an_object_as_its_metadata() -> None:
    """And nothing besides."""
    assert json.loads(_rendering("PartialObjectMetadata").one(_stored(STAGE))) == {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": STAGE["metadata"],
    }


@pytest.mark.parametrize(
    ("form", "kind", "api_version", "items"),
    [
        ("", "StageList", "kargo.akuity.io/v1alpha1", "items"),
        ("Table", "Table", "meta.k8s.io/v1", "rows"),
        ("PartialObjectMetadataList", "PartialObjectMetadataList", "meta.k8s.io/v1", "items"),
    ],
)
def test_lists_in_parts_and_as_a_whole(form: str, kind: str, api_version: str, items: str) -> None:
    """However a list is written, it is the same; where it goes on is told, and nothing that is not known."""
    rendering = _rendering(form)
    metadata = {"resourceVersion": "9", "continue": "next", "remainingItemCount": None}
    batch = [_stored(STAGE), _stored(STAGE)]
    whole = rendering.whole(batch, metadata)
    parts = (
        rendering.before(metadata),
        rendering.items(batch[:1]),
        b",",
        rendering.items(batch[1:]),
    )
    assert b"".join((*parts, AFTER)) == whole
    told = json.loads(whole)
    assert (told["kind"], told["apiVersion"]) == (kind, api_version)
    assert told["metadata"] == {"resourceVersion": "9", "continue": "next"}
    assert len(told[items]) == 2
    assert json.loads(rendering.whole([], {}))[items] == []


def test_a_list_that_is_whole_says_how_many_are_to_come() -> None:
    """Zero is said as well."""
    told = json.loads(_rendering("Table").whole([], {"remainingItemCount": 0}))
    assert told["metadata"] == {"remainingItemCount": 0}


@pytest.mark.parametrize("form", ["", "Table", "PartialObjectMetadata"])
def test_yaml_says_what_json_says(form: str) -> None:
    """In every form."""
    stored = _stored(STAGE)
    written = _rendering(form, "application/yaml").one(stored)
    assert yaml.safe_load(written) == json.loads(_rendering(form).one(stored))


def test_events_of_a_watch_as_tables() -> None:
    """Columns are told with the first, and left out of the others."""
    rendering = _rendering("Table")
    first, second = (
        json.loads(rendering.event("ADDED", _stored(STAGE), with_columns=with_columns))
        for with_columns in (True, False)
    )
    assert first["type"] == "ADDED"
    assert [each["name"] for each in first["object"]["columnDefinitions"]][:2] == ["Name", "Shard"]
    assert second["object"]["columnDefinitions"] is None
    assert second["object"]["rows"] == first["object"]["rows"]
    assert second["object"]["metadata"] == {"resourceVersion": "7"}


@pytest.mark.parametrize(
    ("form", "kind", "api_version"),
    [
        ("", "Stage", "kargo.akuity.io/v1alpha1"),
        ("Table", "Table", "meta.k8s.io/v1"),
        ("PartialObjectMetadata", "PartialObjectMetadata", "meta.k8s.io/v1"),
    ],
)
@pytest.mark.parametrize("ends", [False, True])
def test_bookmarks_are_objects_of_the_form(
    form: str, kind: str, api_version: str, ends: bool
) -> None:
    """Empty but for the revision; the one that ends the initial events says so."""
    told = json.loads(_rendering(form).bookmark(11, initial_end=ends))
    assert told["type"] == "BOOKMARK"
    shown = told["object"]
    assert (shown["kind"], shown["apiVersion"]) == (kind, api_version)
    assert shown["metadata"]["resourceVersion"] == "11"
    annotations = {"k8s.io/initial-events-end": "true"} if ends else None
    assert shown["metadata"].get("annotations") == annotations
    assert not shown.get("rows")


def test_a_line_of_a_watch_is_one_line() -> None:
    """Whatever the object's text holds."""
    document = {**STAGE, "spec": {"shard": "a\nb\u2028c"}}
    for form in ("", "Table", "PartialObjectMetadata"):
        line = _rendering(form).event("MODIFIED", _stored(document), with_columns=True)
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
