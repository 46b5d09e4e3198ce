"""How the API describes itself over HTTP: forms, tags, what may be kept, and who is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.serving import client
from towpath.resources import crd, swagger
from towpath.resources.scheme import BUILT_IN, SCHEME
from towpath.server.kube import api_discovery, definitions, openapi

if TYPE_CHECKING:
    import httpx

    from towpath.resources.kinds import Kind

V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
V2BETA1 = V2.replace("v=v2", "v=v2beta1")
DOCUMENT = "/openapi/v3/apis/kargo.akuity.io/v1alpha1"


async def _get(path: str, **headers: str) -> httpx.Response:
    """Ask as the administrator, who needs no store to be known by."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client(None) as asking:
        return await asking.get(path, headers=named)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api", "APIVersions"),
        ("/apis", "APIGroupList"),
        ("/apis/kargo.akuity.io", "APIGroup"),
        ("/api/v1", "APIResourceList"),
        ("/apis/kargo.akuity.io/v1alpha1", "APIResourceList"),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"], ids=["plain", "slash"])
async def test_discovery_is_at_its_paths(path: str, kind: str, slash: str) -> None:
    """With and without a slash at the end: generated clients ask with one."""
    answer = await _get(path + slash, accept="application/json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["kind"] == kind


async def test_the_server_s_address_is_the_one_it_was_asked_at() -> None:
    """Clients of other networks reach it by the same name."""
    told = (await _get("/api")).json()["serverAddressByClientCIDRs"]
    assert told == [{"clientCIDR": "0.0.0.0/0", "serverAddress": "test"}]


@pytest.mark.parametrize(
    "path", ["/apis/nope", "/apis/nope/v1", "/api/v2", "/openapi/v3/apis/nope/v1", "/openapi/v4"]
)
async def test_what_there_is_not_is_a_status(path: str) -> None:
    """404, in the words of an API server."""
    answer = await _get(path)
    assert answer.status_code == 404
    assert (answer.json()["kind"], answer.json()["reason"]) == ("Status", "NotFound")


@pytest.mark.parametrize("path", ["/api", "/apis"])
@pytest.mark.parametrize("form", [V2, V2BETA1], ids=["v2", "v2beta1"])
async def test_the_aggregated_form_is_named_and_tagged(path: str, form: str) -> None:
    """The answer's type is what was asked for; who has it already is told only that."""
    answer = await _get(path, accept=f"{form},application/json")
    assert answer.headers["content-type"] == form
    assert answer.headers["vary"] == "Accept"
    assert answer.json()["kind"] == "APIGroupDiscoveryList"
    for known in (answer.headers["etag"], f'"other", W/{answer.headers["etag"]}', "*"):
        again = await _get(path, accept=form, if_none_match=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
    changed = await _get(path, accept=form, if_none_match='"other"')
    assert changed.content == answer.content


async def test_the_index_leads_to_every_document() -> None:
    """By addresses under which a document may be kept for ever, as it is another when it changes."""
    paths = (await _get("/openapi/v3")).json()["paths"]
    described = {f"apis/{group}/{version}" for group, version in api_discovery.groups().items()}
    assert set(paths) == {"api/v1", *described} - {"apis/apiextensions.k8s.io/v1"}
    for path, told in paths.items():
        answer = await _get(told["serverRelativeURL"])
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "application/json"
        assert answer.content == openapi.document(path)
        assert answer.json()["paths"]


@pytest.mark.parametrize("query", ["", "?hash=", "?hash=OLD"])
async def test_without_its_hash_a_document_is_asked_for_again(query: str) -> None:
    """It may have changed; the tag tells."""
    answer = await _get(DOCUMENT + query)
    assert answer.headers["cache-control"] == "no-cache"
    again = await _get(DOCUMENT + query, if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("application/com.github.proto-openapi.spec.v3.v1.0+protobuf, application/json", 200),
        ("application/com.github.proto-openapi.spec.v3.v1.0+protobuf", 406),
        ("application/yaml", 406),
    ],
)
@pytest.mark.parametrize("path", ["/openapi/v3", DOCUMENT])
async def test_version_3_is_written_as_json_only(path: str, accepted: str, code: int) -> None:
    """Who cannot read that is told so, and not sent what it cannot read."""
    answer = await _get(path, accept=accepted)
    assert answer.status_code == code
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("asked", swagger.ACCEPTED)
async def test_version_2_is_written_as_protobuf(asked: str) -> None:
    """Under both of its names; the answer has the one that is a media type, as kubectl checks."""
    answer = await _get("/openapi/v2", accept=asked)
    expected = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
    assert answer.headers["content-type"] == expected
    assert answer.content == openapi.in_v2(as_protobuf=True)


@pytest.mark.parametrize("accepted", ["", "application/json", "*/*", "text/html, application/json"])
async def test_version_2_is_written_as_json(accepted: str) -> None:
    """The same document, for whoever does not ask for protobuf."""
    answer = await _get("/openapi/v2", accept=accepted)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(openapi.in_v2(as_protobuf=False))
    assert answer.json()["swagger"] == "2.0"


async def test_version_2_in_another_form_is_refused() -> None:
    """406, with the forms there are."""
    answer = await _get("/openapi/v2", accept="text/html")
    assert (answer.status_code, answer.json()["reason"]) == (406, "NotAcceptable")


CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CUSTOM = [kind for kind in SCHEME if kind.group not in BUILT_IN]


async def test_the_definitions_of_custom_kinds_are_listed() -> None:
    """All of them, each the same as by its name and at every read."""
    listed = (await _get(CRDS)).json()
    assert listed["kind"] == "CustomResourceDefinitionList"
    assert {item["metadata"]["name"] for item in listed["items"]} == {
        kind.resource for kind in CUSTOM
    }
    assert len({item["metadata"]["uid"] for item in listed["items"]}) == len(CUSTOM)
    for item in listed["items"]:
        assert (await _get(f"{CRDS}/{item['metadata']['name']}")).json() == item


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("fieldSelector=metadata.name%3Dstages.kargo.akuity.io", ["stages.kargo.akuity.io"]),
        ("fieldSelector=metadata.name%3Dnope", []),
        ("fieldSelector=metadata.name!%3Dx&labelSelector=!a", sorted(k.resource for k in CUSTOM)),
        ("labelSelector=a%3Db", []),
    ],
)
async def test_definitions_are_selected_by_name(query: str, names: list[str]) -> None:
    """`kubectl wait crd/NAME` lists them by name; they have no labels."""
    listed = (await _get(f"{CRDS}?{query}")).json()["items"]
    assert [item["metadata"]["name"] for item in listed] == names


@pytest.mark.parametrize("kind", CUSTOM, ids=lambda kind: kind.resource)
def test_a_definition_is_that_of_a_cluster_which_serves_it(kind: Kind) -> None:
    """What is deployed on a cluster, and what a cluster adds: `kubectl wait --for=condition=Established` ends."""
    made = definitions.document(kind)
    deployed = crd.definition(kind)
    assert {key: made[key] for key in ("apiVersion", "kind", "spec")} == {
        key: deployed[key] for key in ("apiVersion", "kind", "spec")
    }
    assert made["status"]["acceptedNames"] == deployed["spec"]["names"]
    conditions = {each["type"]: each["status"] for each in made["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"{CRDS}/nope.example.com", 404),
        ("GET", f"{CRDS}?watch=true", 405),
        ("GET", f"{CRDS}?fieldSelector=spec.group%3Dx", 400),
        ("POST", CRDS, 405),
        ("DELETE", f"{CRDS}/stages.kargo.akuity.io", 405),
        ("PATCH", f"{CRDS}/stages.kargo.akuity.io", 405),
        ("GET", f"{CRDS}/stages.kargo.akuity.io/status", 404),
    ],
)
async def test_definitions_are_only_read(method: str, path: str, code: int) -> None:
    """What else is asked is refused with a Status."""
    async with client(None) as asking:
        answer = await asking.request(method, path)
    assert (answer.status_code, answer.json()["kind"]) == (code, "Status")


@pytest.mark.parametrize(
    "path", ["/version", "/api", "/apis", "/openapi/v2", "/openapi/v3", DOCUMENT, CRDS]
)
async def test_a_stranger_is_told_nothing(path: str) -> None:
    """Not even the version, as the answer is a Status."""
    async with client(None, token="") as asking:
        answer = await asking.get(path)
    assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")
