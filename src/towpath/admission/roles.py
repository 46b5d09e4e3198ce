"""Roles and their bindings: well-formed, and granting nothing that the one who grants does not hold.

Kubernetes' rules: whoever may `escalate` roles, or `bind` one, is exempt; the role of a binding never changes; every
change is asked about, also one of labels alone, by which ClusterRoles are gathered into others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission import escalation, quotas
from towpath.admission.kind_rules import KindRules
from towpath.errors import FieldError, Forbidden
from towpath.resources import scheme
from towpath.resources.meta import MOST_SELECTOR_TERMS
from towpath.resources.role import ClusterRole, PolicyRule
from towpath.resources.role_binding import ClusterRoleBinding
from towpath.resources.structs import view
from towpath.resources.validation import wording
from towpath.rules import rbac, role_rules
from towpath.rules.label_selectors import selector_errors
from towpath.rules.rbac import Attributes

if TYPE_CHECKING:
    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.store.contract import Document, Store

_KINDS = ("Role", "ClusterRole")
_SUBJECTS = ("ServiceAccount", "User", "Group")
_EVERYTHING = (
    PolicyRule(verbs=[rbac.ALL], api_groups=[rbac.ALL], resources=[rbac.ALL]),
    PolicyRule(verbs=[rbac.ALL], non_resource_urls=[rbac.ALL]),
)
_COLLECTED = ("ownerReferences", "finalizers", "managedFields", "resourceVersion", "generation")
"""Metadata that grants nothing: what the collection of an object needs, and the server's own notes."""


class RoleRules(KindRules):
    """Rules of Roles and ClusterRoles."""

    def __init__(self, store: Store, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with the rules: each is about resources, or about paths, and says what may be done."""
        is_of_cluster = document["kind"] == scheme.CLUSTER_ROLE.name
        found = []
        gathered = (document.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
        if len(gathered) > MOST_SELECTOR_TERMS:
            said = f"Too many: {len(gathered)}: must have at most {MOST_SELECTOR_TERMS} items"
            return [FieldError("aggregationRule.clusterRoleSelectors", "FieldValueTooMany", said)]
        for place, selector in enumerate(gathered):
            path = f"aggregationRule.clusterRoleSelectors[{place}]"
            found += selector_errors(selector, path)
        rules = document.get("rules") or ()
        many = role_rules.extent(rules)
        if many > max(role_rules.MOST_EXTENT, role_rules.extent((old or {}).get("rules") or ())):
            return [*found, FieldError("rules", "FieldValueTooMany", role_rules.too_many(many))]
        for place, rule in enumerate(rules):
            path = f"rules[{place}]"
            if rule.get("verbs") == []:
                found.append(
                    wording.required(f"{path}.verbs", "verbs must contain at least one value")
                )
            if rule.get("nonResourceURLs"):
                if not is_of_cluster:
                    wrong = "namespaced rules cannot apply to non-resource URLs"
                    found.append(
                        wording.invalid(f"{path}.nonResourceURLs", rule["nonResourceURLs"], wrong)
                    )
                if any(rule.get(key) for key in ("apiGroups", "resources", "resourceNames")):
                    wrong = "rules cannot apply to both regular resources and non-resource URLs"
                    found.append(
                        wording.invalid(f"{path}.nonResourceURLs", rule["nonResourceURLs"], wrong)
                    )
                continue
            for key, what in (("apiGroups", "api group"), ("resources", "resource")):
                if not rule.get(key):
                    wrong = f"resource rules must supply at least one {what}"
                    found.append(wording.required(f"{path}.{key}", wrong))
        return found

    async def check(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Raise Forbidden for rules that the requester does not hold.

        A role that gathers others grants whatever they will hold one day: it takes all rights.
        """
        if old is None and document["metadata"].get("namespace") and not requester.is_controller:
            await quotas.refuse_more_rights(self._store, scheme.ROLE, document)
        if requester.is_controller or requester.user.is_master or _grants_as_before(document, old):
            return
        role = view(ClusterRole, document)
        namespace = str(document["metadata"].get("namespace") or "")
        kind = scheme.ROLE if namespace else scheme.CLUSTER_ROLE
        name = str(document["metadata"].get("name") or "")
        resource = Attributes(kind.group, kind.plural, namespace, name)
        if (await self._authorizer.allowed(requester.user, "escalate", resource)).allowed:
            return
        gathers = bool(document.get("aggregationRule") or (old or {}).get("aggregationRule"))
        rules = [*role.rules, *_EVERYTHING] if gathers and not namespace else role.rules
        told = f'{kind.resource} "{name}"'
        await escalation.refuse(self._authorizer, requester, rules, namespace, told)


class BindingRules(KindRules):
    """Rules of RoleBindings and ClusterRoleBindings."""

    def __init__(self, store: Store, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with the role that is named, and with those it is given to."""
        found = []
        reference = document.get("roleRef")
        if not isinstance(reference, dict):
            return []  # the schema says that it is missing
        if reference.get("apiGroup") != scheme.RBAC:
            found.append(
                wording.unsupported("roleRef.apiGroup", reference.get("apiGroup"), (scheme.RBAC,))
            )
        kinds = _KINDS if document["kind"] == scheme.ROLE_BINDING.name else _KINDS[1:]
        if reference.get("kind") not in kinds:
            found.append(wording.unsupported("roleRef.kind", reference.get("kind"), kinds))
        if not reference.get("name"):
            found.append(wording.required("roleRef.name"))
        if old is not None and old.get("roleRef") != reference:
            found.append(wording.invalid("roleRef", reference, "cannot change roleRef"))
        is_namespaced = document["kind"] == scheme.ROLE_BINDING.name
        for place, subject in enumerate(document.get("subjects") or ()):
            found += _wrong_with(subject, f"subjects[{place}]", is_namespaced=is_namespaced)
        return found

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Fill in the API groups that are meant where none is named, as Kubernetes does."""
        del old, requester
        reference, subjects = document.get("roleRef"), document.get("subjects")
        if isinstance(reference, dict) and not reference.get("apiGroup"):
            reference["apiGroup"] = scheme.RBAC
        for subject in subjects if isinstance(subjects, list) else ():
            if isinstance(subject, dict) and subject.get("kind") in ("User", "Group"):
                subject["apiGroup"] = subject.get("apiGroup") or scheme.RBAC
        return document

    async def check(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Raise Forbidden when the role holds more than the requester does, or when it does not exist yet.

        What it will hold is not known, and whoever makes it later does not look at who is bound to it.
        """
        if old is None and document["metadata"].get("namespace") and not requester.is_controller:
            await quotas.refuse_more_rights(self._store, scheme.ROLE_BINDING, document)
        if requester.is_controller or requester.user.is_master or _grants_as_before(document, old):
            return
        binding = view(ClusterRoleBinding, document)
        namespace = binding.metadata.namespace
        is_shared = binding.role_ref.kind == scheme.CLUSTER_ROLE.name
        kind = scheme.CLUSTER_ROLE if is_shared else scheme.ROLE
        resource = Attributes(kind.group, kind.plural, namespace, binding.role_ref.name)
        if (await self._authorizer.allowed(requester.user, "bind", resource)).allowed:
            return
        rules = await self._authorizer.rules_of(binding.role_ref, namespace)
        what = scheme.ROLE_BINDING if namespace else scheme.CLUSTER_ROLE_BINDING
        told = f'{what.resource} "{binding.metadata.name}"'
        if rules is None:
            raise Forbidden(
                f'{told} is forbidden: {kind.resource} "{binding.role_ref.name}" does not exist, so what it grants '
                f'is not known: make it first, or have somebody bind it who may "bind" {kind.resource}'
            )
        await escalation.refuse(self._authorizer, requester, rules, namespace, told)


def _grants_as_before(document: Document, old: Document | None) -> bool:
    """Whether a write changes nothing but what the collection of an object needs."""
    return old is not None and _granting(document) == _granting(old)


def _granting(document: Document) -> Document:
    metadata = {
        key: value for key, value in document["metadata"].items() if key not in _COLLECTED and value
    }
    return {**document, "metadata": metadata}


def _wrong_with(subject: Document, path: str, *, is_namespaced: bool) -> list[FieldError]:
    """Return what is wrong with a subject; an account that names no namespace is one of the binding's."""
    found = []
    kind, group = subject.get("kind"), subject.get("apiGroup") or ""
    if kind not in _SUBJECTS:
        return [wording.unsupported(f"{path}.kind", kind, _SUBJECTS)]
    wanted = "" if kind == "ServiceAccount" else scheme.RBAC
    if group != wanted:
        found.append(wording.unsupported(f"{path}.apiGroup", group, (wanted,)))
    if not subject.get("name"):
        found.append(wording.required(f"{path}.name"))
    if kind == "ServiceAccount" and not is_namespaced and not subject.get("namespace"):
        found.append(wording.required(f"{path}.namespace"))
    return found
