"""`imageFrom`, `commitFrom`, `chartFrom`, `artifactFrom` and `warehouse`.

Without an origin the Warehouses of the requested Freight are searched for the one that subscribes to the
artifact; what they subscribe to is data, so the evaluation may stop for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.expressions.static_types import ANY, MAP, STRING, TEXTS, Signature, Type
from towpath.expressions.values import Failure, Function, Record, Texts, shown
from towpath.versions.urls import normalize_chart, normalize_git, normalize_image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from towpath.expressions.need import LoadedObjects

_ORIGIN: Final = "v1alpha1.FreightOrigin"

COMMIT: Final = Type(
    "record",
    name="*v1alpha1.GitCommit",
    fields=dict.fromkeys(
        ("RepoURL", "ID", "Branch", "Tag", "Message", "Author", "Committer", "SubscriptionName"),
        STRING,
    ),
)
IMAGE: Final = Type(
    "record",
    name="*v1alpha1.Image",
    fields={
        **dict.fromkeys(("RepoURL", "Tag", "Digest", "SubscriptionName"), STRING),
        "Annotations": TEXTS,
    },
)
CHART: Final = Type(
    "record",
    name="*v1alpha1.Chart",
    fields=dict.fromkeys(("RepoURL", "Name", "Version", "SubscriptionName"), STRING),
)
ARTIFACT: Final = Type(
    "record",
    name="*v1alpha1.ArtifactReference",
    fields={
        **dict.fromkeys(("ArtifactType", "SubscriptionName", "Version"), STRING),
        "Metadata": MAP,
    },
)
ORIGIN: Final = Type("record", name=_ORIGIN, fields={"Kind": STRING, "Name": STRING})
DISCOVERED_COMMIT: Final = Type(
    "record",
    name="*v1alpha1.DiscoveredCommit",
    fields={
        **dict.fromkeys(("ID", "Branch", "Tag", "Subject", "Author", "Committer"), STRING),
        "CreatorDate": ANY,
    },
)
DISCOVERED_IMAGE: Final = Type(
    "record",
    name="*v1alpha1.DiscoveredImageReference",
    fields={**dict.fromkeys(("Tag", "Digest"), STRING), "Annotations": TEXTS, "CreatedAt": ANY},
)

SIGNATURES: Final[Mapping[str, Signature]] = {
    "warehouse": Signature(1, 1, (STRING,), ORIGIN),
    "commitFrom": Signature(1, 2, (STRING, ORIGIN), COMMIT),
    "imageFrom": Signature(1, 2, (STRING, ORIGIN), IMAGE),
    "chartFrom": Signature(1, 3, (STRING, ANY, ORIGIN), CHART),
    "artifactFrom": Signature(1, 2, (STRING, ORIGIN), ARTIFACT),
}
DISCOVERED_SIGNATURES: Final[Mapping[str, Signature]] = {
    "commitFrom": Signature(1, 1, (STRING,), DISCOVERED_COMMIT),
    "imageFrom": Signature(1, 1, (STRING,), DISCOVERED_IMAGE),
    "chartFrom": Signature(1, 2, (STRING, STRING), CHART),
    "artifactFrom": Signature(1, 1, (STRING,), ARTIFACT),
}
_NAMES: Final = {
    "RepoURL": "repoURL", "ID": "id", "Branch": "branch", "Tag": "tag", "Message": "message",
    "Author": "author", "Committer": "committer", "SubscriptionName": "subscriptionName",
    "Digest": "digest", "Annotations": "annotations", "Name": "name", "Version": "version",
    "ArtifactType": "artifactType", "Metadata": "metadata", "Subject": "subject",
    "CreatorDate": "creatorDate", "CreatedAt": "createdAt", "Kind": "kind",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightScope:
    """Where artifacts are looked for: a Project, the Freight a Stage requests, and what it is given."""

    project: str
    requests: Sequence[Mapping[str, Any]]
    """`spec.requestedFreight[]` of the Stage."""
    references: Sequence[Mapping[str, Any]]
    """FreightReferences of the Promotion's collection."""


def record(type_: Type, document: Mapping[str, Any]) -> Record:
    """Return an artifact as a value: fields by Go's names, JSON by the API's, without what is empty."""
    fields = {name: _field(kind, document.get(_NAMES[name])) for name, kind in type_.fields.items()}
    written = {_NAMES[name]: value for name, value in fields.items() if value not in ("", None, {})}
    return Record(type_.name, fields, json=written)


def _field(kind: Type, value: Any) -> Any:
    if kind is TEXTS:
        return Texts(value or {})
    return {"string": "", "map": {}}.get(kind.kind) if value is None else value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise Failure(f"{what} must be a string, not {shown(value)}")
    return value


def _origin_name(value: Any) -> str:
    if not isinstance(value, Record) or value.type != _ORIGIN:
        raise Failure("an origin is wanted here: warehouse(name)")
    return str(value.fields["Name"])


def warehouse(name: Any) -> Record:
    """Return the origin of a name."""
    if not _text(name, "the name of a Warehouse"):
        raise Failure("the name of a Warehouse must not be empty")
    return record(ORIGIN, {"kind": "Warehouse", "name": name})


class Finder:
    """Finds artifacts of a promotion."""

    def __init__(self, scope: FreightScope, missed: list[str] | None = None) -> None:
        """`missed`: gets what was looked for and is not there, with what there is, for people."""
        self._scope = scope
        self._missed = [] if missed is None else missed

    def functions(self) -> dict[str, Function]:
        """Return the functions by name."""
        return {
            "warehouse": Function("warehouse", warehouse),
            "commitFrom": Function("commitFrom", self._commit, reads=True),
            "imageFrom": Function("imageFrom", self._image, reads=True),
            "chartFrom": Function("chartFrom", self._chart, reads=True),
            "artifactFrom": Function("artifactFrom", self._artifact, reads=True),
        }

    def _commit(self, known: LoadedObjects, repo: Any, origin: Any = None) -> Any:
        wanted = normalize_git(_text(repo, "a repository"))
        return self._found(
            known,
            origin,
            what=f"Git repository {wanted}",
            wanted=wanted,
            subscribes=lambda item: normalize_git(_url(item, "git")) == wanted and "git" in item,
            items="commits",
            matches=lambda item: normalize_git(item.get("repoURL", "")) == wanted,
            type_=COMMIT,
        )

    def _image(self, known: LoadedObjects, repo: Any, origin: Any = None) -> Any:
        wanted = _text(repo, "a repository")
        return self._found(
            known,
            origin,
            what=f"image repository {wanted}",
            wanted=wanted,
            subscribes=lambda item: "image" in item and _url(item, "image") == wanted,
            items="images",
            matches=lambda item: item.get("repoURL", "") == wanted,
            type_=IMAGE,
        )

    def _chart(self, known: LoadedObjects, repo: Any, second: Any = None, third: Any = None) -> Any:
        wanted, name, origin = _text(repo, "a repository"), "", third
        if isinstance(second, Record) and third is None:
            origin = second
        elif second is not None:
            name = _text(second, "the name of a chart")
            if third is not None and not name:
                raise Failure("the name of a chart must not be empty")
        found, is_subscribed = self._search(
            known,
            origin,
            what=f"chart {name} of {wanted}" if name else f"chart {wanted}",
            wanted=wanted,
            subscribes=lambda item: (
                "chart" in item
                and _url(item, "chart") == wanted
                and (item["chart"].get("name") or "") == name
            ),
            items="charts",
            matches=lambda item: (
                item.get("repoURL", "") == wanted and (item.get("name") or "") == name
            ),
        )
        if not is_subscribed:
            raise Failure(self._missed[-1])
        return None if found is None else record(CHART, found)

    def _artifact(self, known: LoadedObjects, subscription: Any, origin: Any = None) -> Any:
        wanted = _text(subscription, "the name of a subscription")
        return self._found(
            known,
            origin,
            what=f"subscription {wanted}",
            wanted=wanted,
            subscribes=lambda item: item.get("name") == wanted,
            items="artifacts",
            matches=lambda item: item.get("subscriptionName") == wanted,
            type_=ARTIFACT,
        )

    def _found(self, known: LoadedObjects, origin: Any, *, type_: Type, **search: Any) -> Any:
        found, _ = self._search(known, origin, **search)
        return None if found is None else record(type_, found)

    def _search(
        self,
        known: LoadedObjects,
        origin: Any,
        *,
        what: str,
        wanted: str,
        subscribes: Callable[[Mapping[str, Any]], bool],
        items: str,
        matches: Callable[[Mapping[str, Any]], bool],
    ) -> tuple[Mapping[str, Any] | None, bool]:
        """Return the artifact, and whether a Warehouse for it was named or found."""
        name = (
            _origin_name(origin)
            if origin is not None
            else self._subscriber(known, what, subscribes)
        )
        if name is None:
            there = self._subscribed(known, items)
            said = f"no Warehouse that is requested subscribes to {what}"
            self._missed.append(f"{said}; {messages.instead(wanted, there)}")
            return None, False
        there = []
        for reference in self._scope.references:
            if (reference.get("origin") or {}).get("name") == name:
                for item in reference.get(items) or ():
                    if matches(item):
                        return item, True
                    there.append(str(item.get(_CALLED[items][1]) or ""))
        said = f"no {what} is in the Freight of Warehouse {name}"
        self._missed.append(f"{said}; {messages.instead(wanted, there)}")
        return None, True

    def _subscribed(self, known: LoadedObjects, items: str) -> list[str]:
        """Return what the Warehouses that are requested subscribe to, of one sort."""
        found: list[str] = []
        for request in self._scope.requests:
            name = (request.get("origin") or {}).get("name", "")
            document = known.find("Warehouse", self._scope.project, name) or {}
            for item in (document.get("spec") or {}).get("subscriptions") or ():
                key = _CALLED[items][0]
                called = _url(item, key) if key else str(item.get("name") or "")
                if called:
                    found.append(called)
        return list(dict.fromkeys(found))

    def _subscriber(
        self, known: LoadedObjects, what: str, subscribes: Callable[[Mapping[str, Any]], bool]
    ) -> str | None:
        found: str | None = None
        for request in self._scope.requests:
            name = (request.get("origin") or {}).get("name", "")
            document = known.find("Warehouse", self._scope.project, name)
            if document is None:
                raise Failure(f"Warehouse {name} not found in Project {self._scope.project}")
            items = (document.get("spec") or {}).get("subscriptions") or ()
            if name != found and any(subscribes(item) for item in items):
                if found is not None:
                    raise Failure(
                        f"Warehouses {found} and {name} both subscribe to {what}: say which one is meant, "
                        "such as warehouse(name)"
                    )
                found = name
        return found


_CALLED: Final = {
    "commits": ("git", "repoURL"),
    "images": ("image", "repoURL"),
    "charts": ("chart", "repoURL"),
    "artifacts": ("", "subscriptionName"),
}
"""By the field of Freight: the subscription's, and the field by which an artifact is looked for."""


def _url(item: Mapping[str, Any], key: str) -> str:
    subscription = item.get(key)
    return str(subscription.get("repoURL") or "") if isinstance(subscription, dict) else ""


def discovered(artifacts: Mapping[str, Any]) -> dict[str, Function]:
    """Return the functions of Freight-creation criteria: over `status.discoveredArtifacts` of a Warehouse."""

    def first(results: str, versions: str, wanted: str, normalize: Callable[[str], str]) -> Any:
        for result in artifacts.get(results) or ():
            if normalize(result.get("repoURL", "")) == normalize(wanted):
                return next(iter(result.get(versions) or ()), None)
        return None

    def commit(repo: Any) -> Any:
        found = first("git", "commits", _text(repo, "a repository"), normalize_git)
        return None if found is None else record(DISCOVERED_COMMIT, found)

    def image(repo: Any) -> Any:
        found = first("images", "references", _text(repo, "a repository"), normalize_image)
        return None if found is None else record(DISCOVERED_IMAGE, found)

    def chart(repo: Any, name: Any = "") -> Any:
        wanted, named = normalize_chart(_text(repo, "a repository")), _text(name, "a name")
        for result in artifacts.get("charts") or ():
            same = normalize_chart(result.get("repoURL", "")) == wanted
            if same and (not named or result.get("name", "") == named):
                versions = result.get("versions") or ()
                if not versions:
                    return None
                return record(CHART, {**result, "version": versions[0]})
        return None

    def artifact(subscription: Any) -> Any:
        for result in artifacts.get("results") or ():
            if result.get("name") == _text(subscription, "the name of a subscription"):
                found = next(iter(result.get("artifactReferences") or ()), None)
                return None if found is None else record(ARTIFACT, found)
        return None

    return {
        "commitFrom": Function("commitFrom", commit),
        "imageFrom": Function("imageFrom", image),
        "chartFrom": Function("chartFrom", chart),
        "artifactFrom": Function("artifactFrom", artifact),
    }
