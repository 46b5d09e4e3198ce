"""Projects, and the namespace that comes with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission import finalizers, namespaces
from towpath.admission.kind_rules import KindRules, annotations_of
from towpath.admission.project_configs import idle_policies
from towpath.admission.warnings.surroundings import Surroundings
from towpath.errors import AlreadyExists, Conflict, NotFound
from towpath.resources import booleans, scheme
from towpath.resources.annotations import CREATE_ACTOR
from towpath.resources.kinds import Ref
from towpath.resources.labels import PROJECT_LABEL
from towpath.resources.project import Project
from towpath.resources.structs import view
from towpath.rules.policies import selector_errors

if TYPE_CHECKING:
    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.errors import FieldError
    from towpath.store.contract import Document, Store, Stored


class ProjectRules(KindRules):
    """Rules of Projects."""

    def __init__(self, store: Store, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Note who creates it."""
        if old is None:
            annotations_of(document)[CREATE_ACTOR] = requester.actor
            document["metadata"]["finalizers"] = [finalizers.FINALIZER]
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with the older form of its policies."""
        del old
        policies = (document.get("spec") or {}).get("promotionPolicies") or []
        return selector_errors(policies, "spec.promotionPolicies")

    async def dangling(self, document: Document, requester: Requester) -> list[str]:
        """Return which policies, in the older form, match no Stage."""
        spec = view(Project, document).spec
        around = Surroundings(
            self._store, self._authorizer, requester, document["metadata"]["name"]
        )
        return await idle_policies(around, spec.promotion_policies if spec else [])

    async def check(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Raise Conflict when a namespace of its name is not to be had."""
        del requester
        if old is not None:
            return
        name = document["metadata"]["name"]
        try:
            found = (await self._store.get(Ref(scheme.NAMESPACE, "", name), fresh=True)).document
        except NotFound:
            return
        metadata = found["metadata"]
        if metadata.get("deletionTimestamp"):
            raise Conflict(
                f"namespace {name!r} is still being deleted; create the Project when it is gone"
            )
        if not booleans.is_set(metadata.get("labels"), PROJECT_LABEL):
            raise Conflict(
                f"there is a namespace {name!r} that belongs to no Project; to have it adopted give it the "
                f'label {PROJECT_LABEL}: "true", or choose another name'
            )

    async def written(self, stored: Stored, old: Document | None, requester: Requester) -> None:
        """Make the Project's namespace. A crash before this is made good by the Project's controller."""
        if old is None:
            await ensure_namespace(self._store, stored.ref.name, requester.actor)


async def ensure_namespace(store: Store, name: str, actor: str) -> None:
    """Make the namespace of a Project, or adopt one that carries the label; it then has our finalizer."""
    try:
        await store.create(namespaces.namespace_document(name, is_project=True), actor=actor)
    except AlreadyExists:
        await store.patch(Ref(scheme.NAMESPACE, "", name), _with_finalizer, actor=actor)


def _with_finalizer(document: Document) -> Document:
    document["metadata"] = finalizers.added(document["metadata"])
    return document
