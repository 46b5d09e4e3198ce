"""What Freight of a Warehouse holds: one artifact of each subscription."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from towpath.errors import FieldError
from towpath.resources.structs import to_document
from towpath.resources.warehouse import subscription_type
from towpath.versions.urls import normalize_chart, normalize_git

if TYPE_CHECKING:
    from collections.abc import Hashable

    from towpath.resources.freight import Freight
    from towpath.resources.warehouse import DiscoveredArtifacts, Warehouse


def contents_errors(freight: Freight, warehouse: Warehouse) -> list[FieldError]:
    """Return what is wrong with the artifacts of new Freight: each subscription has exactly one, and no other is there.

    Artifacts of extensions' types are not compared.
    """
    if not (freight.commits or freight.images or freight.charts or freight.artifacts):
        return [
            FieldError(
                "", "FieldValueRequired", "Required value: Freight must hold at least one artifact"
            )
        ]
    wanted = _subscribed(warehouse)
    found: Counter[Hashable] = Counter()
    wrong: list[FieldError] = []
    for path, key, named in _held(freight):
        found[key] += 1
        if key not in wanted:
            wrong.append(
                FieldError(
                    path,
                    "FieldValueInvalid",
                    f'Invalid value: "{named}": Warehouse {warehouse.metadata.name} does not subscribe to it',
                )
            )
        elif found[key] == 2:
            wrong.append(
                FieldError(
                    path,
                    "FieldValueDuplicate",
                    f'Duplicate value: "{named}": Freight holds one artifact of each subscription',
                )
            )
    for key, (field, named) in wanted.items():
        if not found[key]:
            wrong.append(
                FieldError(
                    field,
                    "FieldValueRequired",
                    f"Required value: an artifact of {named} is missing, to which Warehouse "
                    f"{warehouse.metadata.name} subscribes",
                )
            )
    return wrong


def freight_of(warehouse: Warehouse, discovered: DiscoveredArtifacts) -> dict[str, Any] | None:
    """Return new Freight of the newest version of everything that was found; None if something is lacking.

    It has no name, alias or namespace yet: admission gives them.
    """
    commits, images, charts, artifacts = [], [], [], []
    for git in discovered.git:
        if not git.commits:
            return None
        commit = git.commits[0]
        commits.append(
            {
                "repoURL": git.repo_url,
                "id": commit.id,
                "branch": commit.branch,
                "tag": commit.tag,
                "message": commit.subject,
                "author": commit.author,
                "committer": commit.committer,
                "subscriptionName": git.subscription_name,
            }
        )
    for image in discovered.images:
        if not image.references:
            return None
        reference = image.references[0]
        images.append(
            {
                "repoURL": image.repo_url,
                "tag": reference.tag,
                "digest": reference.digest,
                "annotations": reference.annotations,
                "subscriptionName": image.subscription_name,
            }
        )
    for chart in discovered.charts:
        if not chart.versions:
            return None
        charts.append(
            {
                "repoURL": chart.repo_url,
                "name": chart.name,
                "version": chart.versions[0],
                "subscriptionName": chart.subscription_name,
            }
        )
    for result in discovered.results:
        if not result.artifact_references:
            return None
        artifacts.append(to_document(result.artifact_references[0]))
    held: dict[str, list[Any]] = {
        "commits": commits,
        "images": images,
        "charts": charts,
        "artifacts": artifacts,
    }
    if not any(held.values()):
        return None
    document: dict[str, Any] = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Freight",
        "metadata": {"namespace": warehouse.metadata.namespace},
        "origin": {"kind": "Warehouse", "name": warehouse.metadata.name},
    }
    for field, items in held.items():
        if items:
            document[field] = [
                {key: value for key, value in item.items() if value not in ("", {}, None)}
                for item in items
            ]
    return document


def _subscribed(warehouse: Warehouse) -> dict[Hashable, tuple[str, str]]:
    """Return what is subscribed to, by a key to compare by: the field of Freight it belongs to, and how it is called."""
    wanted: dict[Hashable, tuple[str, str]] = {}
    for item in warehouse.spec.subscriptions:
        type_ = subscription_type(item)
        if type_ is None:
            continue
        subscription = item[type_]
        url = str(subscription.get("repoURL") or "")
        match type_:
            case "git":
                wanted["git", normalize_git(url)] = ("commits", f"repository {url}")
            case "image":
                wanted["image", url] = ("images", f"image {url}")
            case "chart":
                name = str(subscription.get("name") or "")
                wanted["chart", normalize_chart(url), name] = ("charts", f"chart {name or url}")
    return wanted


def _held(freight: Freight) -> list[tuple[str, Hashable, str]]:
    """Return what Freight holds: field path, key to compare by, and how it is called."""
    return [
        *(
            (f"commits[{number}]", ("git", normalize_git(commit.repo_url)), commit.repo_url)
            for number, commit in enumerate(freight.commits)
        ),
        *(
            (f"images[{number}]", ("image", image.repo_url), image.repo_url)
            for number, image in enumerate(freight.images)
        ),
        *(
            (
                f"charts[{number}]",
                ("chart", normalize_chart(chart.repo_url), chart.name),
                chart.name or chart.repo_url,
            )
            for number, chart in enumerate(freight.charts)
        ),
    ]
