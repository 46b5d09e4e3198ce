"""Discovery: groups, versions and resources, in the plain form and the aggregated one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from towpath.resources import scheme
from towpath.resources.reviews import REVIEWS
from towpath.resources.scheme import SCHEME
from towpath.server.kube import api_discovery, reviews, version

V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
V2BETA1 = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def _resources(group: str, version: str) -> dict[str, dict[str, Any]]:
    found = api_discovery.resource_list(group, version)
    assert found is not None
    return {each["name"]: each for each in found["resources"]}


def _aggregated(version: str, *, of_core: bool) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(api_discovery.aggregated(version, of_core=of_core)[0])
    return made


def test_the_version_is_one_that_kubectl_supports() -> None:
    """The dispatching kubectl runs the client of the server's minor version."""
    told = version.document()
    assert (told["major"], told["minor"]) == ("1", "33")
    assert told["gitVersion"].startswith("v1.33.0+towpath.")
    assert all(isinstance(value, str) for value in told.values())


@pytest.mark.parametrize("kind", SCHEME, ids=lambda kind: kind.resource)
def test_every_kind_is_told_of(kind: Any) -> None:
    """By all that the scheme knows of it, with its status where it has one."""
    resources = _resources(kind.group, kind.version)
    told = resources[kind.plural]
    assert told["kind"] == kind.name
    assert told["namespaced"] is kind.namespaced
    assert told["singularName"] == kind.name.lower()
    assert tuple(told.get("shortNames", ())) == kind.short_names
    assert tuple(told.get("categories", ())) == kind.categories
    assert told["verbs"] == [
        verb for verb in VERBS if kind is not scheme.NAMESPACE or verb != "deletecollection"
    ]
    status = resources.get(f"{kind.plural}/status")
    assert (status is not None) == kind.status
    if status is not None:
        assert status["verbs"] == ["get", "patch", "update"]
        assert status["singularName"] == ""


def test_the_subresources_of_kubernetes_own_kinds() -> None:
    """A Namespace is finalized, a ServiceAccount asked for a token, which is of another group."""
    resources = _resources("", "v1")
    assert resources["namespaces/finalize"]["verbs"] == ["update"]
    token = resources["serviceaccounts/token"]
    assert (token["group"], token["version"], token["kind"]) == (
        "authentication.k8s.io",
        "v1",
        "TokenRequest",
    )
    assert token["verbs"] == ["create"]


def test_reviews_are_told_of_and_answered() -> None:
    """Whatever discovery tells of can be asked, and the reverse."""
    told = {
        (group, "v1", name)
        for group in ("authentication.k8s.io", "authorization.k8s.io")
        for name, each in _resources(group, "v1").items()
        if each["verbs"] == ["create"]
    }
    assert told == set(reviews.REVIEWS)
    assert told == {(kind.group, kind.version, kind.plural) for kind in REVIEWS}


def test_groups_are_listed_with_their_version() -> None:
    """The core group is not among them; what there is not is None."""
    names = [each["name"] for each in api_discovery.group_list()["groups"]]
    assert names == sorted(names)
    assert "" not in names
    assert {kind.group for kind in SCHEME if kind.group} < set(names)
    told = api_discovery.group(scheme.KARGO)
    assert told is not None
    assert told["preferredVersion"] == {
        "groupVersion": "kargo.akuity.io/v1alpha1",
        "version": "v1alpha1",
    }
    assert api_discovery.group("") is None
    assert api_discovery.group("nope") is None
    assert api_discovery.resource_list(scheme.KARGO, "v1") is None
    assert api_discovery.resource_list("nope", "v1") is None


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (f"{V2},{V2BETA1},application/json", "v2"),
        (f"{V2BETA1},{V2},application/json", "v2beta1"),
        (f"{V2BETA1},application/json", "v2beta1"),
        (V2.replace(";", "; "), "v2"),
        (f"{V2};q=0.5,{V2BETA1}", "v2beta1"),
        (f"application/json,{V2}", ""),
        (f"application/vnd.kubernetes.protobuf,{V2}", "v2"),
        (V2.replace("v=v2", "v=v3") + f",{V2BETA1}", "v2beta1"),
        (V2.replace("apidiscovery", "other"), ""),
        (V2.replace("APIGroupDiscoveryList", "Table"), ""),
        (f"{V2};q=0", ""),
        ("application/json, */*", ""),
        ("*/*", ""),
        ("", ""),
    ],
)
def test_the_form_that_is_listed_first_is_answered(header: str, form: str) -> None:
    """Kubectl before 1.30 knows v2beta1 only, and sees nothing at all when it is answered in v2."""
    assert api_discovery.aggregated_version(header) == form


def test_the_media_type_is_that_which_was_asked_for() -> None:
    """Clients recognise the aggregated form by it."""
    assert api_discovery.media_type("v2") == V2
    assert api_discovery.media_type("v2beta1") == V2BETA1


@pytest.mark.parametrize("version", ["v2", "v2beta1"])
def test_both_forms_tell_the_same(version: str) -> None:
    """Resource by resource and subresource by subresource."""
    items = [
        item for of_core in (True, False) for item in _aggregated(version, of_core=of_core)["items"]
    ]
    found = {}
    for item in items:
        group = item["metadata"]["name"]
        for held in item["versions"]:
            for resource in held["resources"]:
                name = resource["resource"]
                found[group, held["version"], name] = (
                    resource["responseKind"],
                    resource["verbs"],
                    resource["scope"],
                    resource["singularResource"],
                    resource.get("shortNames"),
                )
                for each in resource.get("subresources", ()):
                    found[group, held["version"], f"{name}/{each['subresource']}"] = (
                        each["responseKind"],
                        each["verbs"],
                        resource["scope"],
                        "",
                        None,
                    )
    plain = {}
    for group, held in {"": "v1", **api_discovery.groups()}.items():
        for name, each in _resources(group, held).items():
            kind = {
                "group": each.get("group", group),
                "version": each.get("version", held),
                "kind": each["kind"],
            }
            scope = "Namespaced" if each["namespaced"] else "Cluster"
            about = (kind, each["verbs"], scope, each["singularName"], each.get("shortNames"))
            plain[group, held, name] = about
    assert found == plain


def test_the_aggregated_form_says_what_it_is() -> None:
    """Version by version, with a tag that tells one from another."""
    made = _aggregated("v2beta1", of_core=False)
    assert (made["kind"], made["apiVersion"]) == (
        "APIGroupDiscoveryList",
        "apidiscovery.k8s.io/v2beta1",
    )
    tags = {
        api_discovery.aggregated(version, of_core=of_core)[1]
        for version in ("v2", "v2beta1")
        for of_core in (True, False)
    }
    assert len(tags) == 4
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)
