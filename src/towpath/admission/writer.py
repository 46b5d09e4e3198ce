"""The writer: everything above the store writes through it, users and controllers alike.

On the way in a document gets what its kind fills in, then its defaults; it is checked against schema and
rules, all errors at once; then it is stored. What would change nothing is not written.
"""

from __future__ import annotations

import copy
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.admission import kept, namespaces, older_forms
from towpath.admission.freight import FreightRules
from towpath.admission.kind_rules import KindRules
from towpath.admission.project_configs import ClusterConfigRules, ProjectConfigRules
from towpath.admission.projects import ProjectRules
from towpath.admission.promotions import PromotionRules
from towpath.admission.secrets import SecretRules
from towpath.admission.stages import StageRules
from towpath.admission.tasks import TaskRules
from towpath.admission.warehouses import WarehouseRules
from towpath.errors import BadRequest, Conflict, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.validation import FieldValidation, admit
from towpath.store.contract import Propagation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document, Store, Stored

_TRIES: Final = 8
"""How often an update without a revision is tried against others' writes."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write."""

    stored: Stored
    warnings: tuple[str, ...] = ()
    unchanged: bool = False
    """Nothing was written: the object was like that already."""


class Writer:
    """Admits documents of every kind into one store."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        known_steps: frozenset[str],
        known_subscriptions: frozenset[str],
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`known_steps`, `known_subscriptions`: what `uses` may say and which keys a subscription may have."""
        self._store = store
        self._clock = clock
        tasks = TaskRules()
        self._rules: Mapping[Kind, KindRules] = {
            scheme.PROJECT: ProjectRules(store),
            scheme.PROJECT_CONFIG: ProjectConfigRules(),
            scheme.CLUSTER_CONFIG: ClusterConfigRules(),
            scheme.WAREHOUSE: WarehouseRules(known_subscriptions),
            scheme.FREIGHT: FreightRules(store, clock, randomness),
            scheme.STAGE: StageRules(store, known_steps),
            scheme.PROMOTION: PromotionRules(store, clock, randomness),
            scheme.PROMOTION_TASK: tasks,
            scheme.CLUSTER_PROMOTION_TASK: tasks,
            scheme.SECRET: SecretRules(),
        }
        self._plain = KindRules()

    async def create(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
    ) -> Written:
        """Add an object.

        Raises Invalid with every error; NotFound for a missing namespace, Stage or Freight; AlreadyExists,
        BadRequest, Forbidden.
        """
        kind, document = _kind_of(document), copy.deepcopy(document)
        rules = self._rules.get(kind, self._plain)
        metadata = _metadata(document)
        for field in _OURS:
            metadata.pop(field, None)
        older_forms.refuse_removed(kind, document)
        if kind.namespaced:
            namespace = metadata.get("namespace")
            if not isinstance(namespace, str) or not namespace:
                raise BadRequest(f"a {kind.name} needs metadata.namespace: the name of its Project")
            await self._refuse_existing(kind, metadata)
            await namespaces.check(self._store, kind, namespace)
        document = await self._prepared(kind, document, None, rules, requester)
        admitted, warnings = await self._admitted(kind, document, None, rules, field_validation)
        await rules.check(admitted, None, requester)
        stored = await self._store.create(admitted, actor=requester.actor, dry_run=dry_run)
        if not dry_run:
            await rules.written(stored, None, requester)
        return Written(stored, warnings)

    async def update(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
    ) -> Written:
        """Replace an object, but for its status and what the system has put on it (`kept`).

        With `metadata.resourceVersion` only that revision is replaced. Raises as `create`, and Conflict.
        """
        kind = _kind_of(document)
        metadata = _metadata(document)
        ref = Ref(kind, str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))
        rules = self._rules.get(kind, self._plain)
        older_forms.refuse_removed(kind, document)
        for _ in range(_TRIES):
            old = (await self._store.get(ref, fresh=True)).document
            wanted = kept.with_kept(copy.deepcopy(document), copy.deepcopy(old))
            wanted = await self._prepared(kind, wanted, old, rules, requester)
            admitted, warnings = await self._admitted(kind, wanted, old, rules, field_validation)
            await rules.check(admitted, old, requester)
            given = metadata.get("resourceVersion")
            is_current = not given or given == old["metadata"]["resourceVersion"]
            if is_current and _same(admitted, old, kind):
                return Written(await self._store.get(ref), warnings, unchanged=True)
            admitted["metadata"]["resourceVersion"] = given or old["metadata"]["resourceVersion"]
            try:
                stored = await self._store.update(admitted, actor=requester.actor, dry_run=dry_run)
            except Conflict:
                if given:
                    raise
                continue
            if str(stored.revision) == old["metadata"]["resourceVersion"]:
                return Written(
                    stored, warnings, unchanged=True
                )  # as only the store could tell: values are sealed
            if not dry_run:
                await rules.written(stored, old, requester)
            return Written(stored, warnings)
        raise Conflict(f"{ref}: others write it all the time; it was tried {_TRIES} times")

    async def delete(
        self,
        ref: Ref,
        requester: Requester,
        *,
        propagation: Propagation = Propagation.BACKGROUND,
    ) -> Stored:
        """Delete an object, or mark it while it has finalizers. Raises NotFound, Forbidden."""
        stored = await self._store.get(ref, fresh=True)
        await self._rules.get(ref.kind, self._plain).check_deletion(stored, requester)
        return await self._store.delete(ref, actor=requester.actor, propagation=propagation)

    async def set_status(
        self, ref: Ref, change: Callable[[Document], Document], requester: Requester
    ) -> Stored:
        """Replace an object's status by what `change` makes of it ({} if there is none yet).

        `change` may run twice. Nothing is written when the status stays as it is. Raises NotFound.
        """

        def changed(document: Document) -> Document:
            status = change(copy.deepcopy(document.get("status") or {}))
            if status or "status" in document:
                document["status"] = status
            return document

        return await self._store.patch(ref, changed, actor=requester.actor, subresource="status")

    async def annotate(
        self, ref: Ref, annotations: Mapping[str, str | None], requester: Requester
    ) -> Stored:
        """Set annotations of an object; None drops one. Raises NotFound."""

        def changed(metadata: Document) -> Document:
            found = {**(metadata.get("annotations") or {}), **annotations}
            metadata["annotations"] = {
                key: value for key, value in found.items() if value is not None
            }
            if not metadata["annotations"]:
                del metadata["annotations"]
            return metadata

        return await self.modify(ref, changed, requester)

    async def modify(
        self, ref: Ref, change: Callable[[Document], Document], requester: Requester
    ) -> Stored:
        """Change an object's metadata: labels, annotations, finalizers. Raises NotFound."""

        def changed(document: Document) -> Document:
            document["metadata"] = change(document["metadata"])
            return document

        return await self._store.patch(ref, changed, actor=requester.actor)

    async def _prepared(
        self,
        kind: Kind,
        document: Document,
        old: Document | None,
        rules: KindRules,
        requester: Requester,
    ) -> Document:
        """Return a document with what its kind fills in. One that is too malformed for that is told what is wrong."""
        given = copy.deepcopy(document)
        try:
            return await rules.prepare(document, old, requester)
        except _MALFORMED as error:
            if kind.status:
                given.pop("status", None)
            admit(given, kind, old=old)
            raise BadRequest(f"{kind.name}: it cannot be read: {error}") from error

    async def _admitted(
        self,
        kind: Kind,
        document: Document,
        old: Document | None,
        rules: KindRules,
        field_validation: FieldValidation,
    ) -> tuple[Document, tuple[str, ...]]:
        """Return what is to be stored, and warnings. Raises Invalid with what schema and rules say."""
        status = document.pop("status", None) if kind.status else None
        try:
            admitted = admit(document, kind, old=old, field_validation=field_validation)
        except Invalid as error:
            raise await _with_more(error, kind, rules, document, old) from None
        found = await rules.errors(admitted.document, old)
        if found:
            raise Invalid.of(kind.qualified, _name(document), found)
        said = [*admitted.warnings, *older_forms.warnings(kind, admitted.document)]
        said += await rules.warnings(admitted.document)
        if status is not None and old is not None:
            admitted.document["status"] = status
        return admitted.document, tuple(said)

    async def _refuse_existing(self, kind: Kind, metadata: Document) -> None:
        """Let "already exists" come before what else may be wrong (api-cli.md §1.2)."""
        name = metadata.get("name")
        if kind in (scheme.PROMOTION, scheme.FREIGHT) or not isinstance(name, str) or not name:
            return
        ref = Ref(kind, metadata["namespace"], name)
        try:
            await self._store.get(ref, fresh=True)
        except NotFound:
            return
        from towpath.errors import AlreadyExists

        raise AlreadyExists(f"{ref} already exists")


_MALFORMED: Final = (msgspec.ValidationError, TypeError, KeyError, AttributeError, ValueError)
"""What code that reads a document as its kind raises when it is none of that shape."""
_OURS: Final = (
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "managedFields",
    "selfLink",
)


def _kind_of(document: Any) -> Kind:
    if not isinstance(document, dict):
        raise BadRequest("an object is wanted, with apiVersion, kind and metadata")
    api_version, name = document.get("apiVersion"), document.get("kind")
    kind = scheme.find(api_version, name)
    if kind is None:
        raise BadRequest(f"there is no kind {name!r} in version {api_version!r}")
    return kind


def _metadata(document: Document) -> Document:
    metadata = document.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise BadRequest("metadata: it must be an object")
    return metadata


def _name(document: Document) -> str:
    name = _metadata(document).get("name")
    return name if isinstance(name, str) else ""


async def _with_more(
    error: Invalid, kind: Kind, rules: KindRules, document: Document, old: Document | None
) -> Invalid:
    """Return an error of the schema with what the rules say as well, where they can read the document."""
    try:
        more = await rules.errors(document, old)
    except _MALFORMED:
        return error
    known = {str(cause) for cause in error.causes}
    fresh = [cause for cause in more if str(cause) not in known]
    return Invalid.of(kind.qualified, _name(document), [*error.causes, *fresh])


def _same(new: Document, old: Document, kind: Kind) -> bool:
    """Whether writing `new` over `old` would change nothing."""
    return _comparable(new, kind) == _comparable(old, kind)


def _comparable(document: Document, kind: Kind) -> bytes:
    left = {key: value for key, value in document.items() if not (kind.status and key == "status")}
    metadata = {
        key: value
        for key, value in document["metadata"].items()
        if key not in _OURS and value not in ({}, [], "", None)
    }
    return msgspec.json.encode({**left, "metadata": metadata}, order="sorted")
