"""ProjectConfigs and the ClusterConfig: their names, policies and receivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.admission.kind_rules import KindRules, in_turns
from towpath.admission.warnings import unheeded
from towpath.admission.warnings.policies import of_policies
from towpath.admission.warnings.steps import of_expression
from towpath.admission.warnings.surroundings import Surroundings
from towpath.errors import FieldError
from towpath.resources import cluster_config, scheme
from towpath.resources.meta import Resource
from towpath.resources.project_config import ProjectConfig
from towpath.resources.structs import view
from towpath.rules import policies
from towpath.rules.label_selectors import selector_errors
from towpath.rules.promotion_windows import written as windows_written
from towpath.rules.verifying import settings
from towpath.rules.written_patterns import expression_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.resources.project_config import PromotionPolicy
    from towpath.resources.stage import Stage
    from towpath.store.contract import Document, Store, Stored

_MOST_READ = 50
"""Receivers whose expressions are read ahead."""


class ProjectConfigRules(KindRules):
    """Rules of ProjectConfigs."""

    def __init__(self, store: Store, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with name, policies and receivers."""
        del old
        metadata, spec = document["metadata"], document.get("spec") or {}
        found = []
        if metadata.get("name") != metadata.get("namespace"):
            found.append(
                _wrong(
                    "metadata.name",
                    metadata.get("name"),
                    f"must be the name of its Project, {metadata.get('namespace')!r}",
                )
            )
        found += settings.of_project_config(metadata.get("annotations") or {})
        found += policies.selector_errors(
            spec.get("promotionPolicies") or [], "spec.promotionPolicies"
        )
        found += windows_written.errors(spec, is_clusterwide=False)
        return [*found, *_receiver_errors(spec.get("webhookReceivers") or [])]

    async def warnings(self, document: Document) -> list[str]:
        """Return what is wrong with the expressions of receivers, and what nothing heeds yet."""
        return [*_receiver_warnings(document), *unheeded.of_configuration(document)]

    async def dangling(self, document: Document, requester: Requester) -> list[str]:
        """Return which policies match no Stage."""
        found = view(ProjectConfig, document).spec
        around = Surroundings(
            self._store, self._authorizer, requester, document["metadata"]["namespace"]
        )
        return await idle_policies(around, found.promotion_policies if found else [])


async def idle_policies(around: Surroundings, found: Sequence[PromotionPolicy]) -> list[str]:
    """Return what to say of policies that match none of the Stages there are."""
    stages = await around.each(scheme.STAGE, _selectable) if found else None
    return await in_turns(of_policies(found, stages)) if stages is not None else []


def _selectable(stored: Stored) -> Stage:
    return policies.selectable(stored.view(Resource).metadata)


class ClusterConfigRules(KindRules):
    """Rules of the ClusterConfig."""

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with name and receivers."""
        del old
        name, spec = document["metadata"].get("name"), document.get("spec") or {}
        found = []
        if name != cluster_config.NAME:
            found.append(
                _wrong(
                    "metadata.name", name, f"there is one ClusterConfig: {cluster_config.NAME!r}"
                )
            )
        found += windows_written.errors(spec, is_clusterwide=True)
        return [*found, *_receiver_errors(spec.get("webhookReceivers") or [])]

    async def warnings(self, document: Document) -> list[str]:
        """Return what is wrong with the expressions of receivers."""
        return _receiver_warnings(document)


def _receiver_warnings(document: Document) -> list[str]:
    receivers = (document.get("spec") or {}).get("webhookReceivers") or []
    return [
        said
        for number, receiver in enumerate(receivers[:_MOST_READ])
        for place, action in enumerate((receiver.get("generic") or {}).get("actions") or ())
        for said in of_expression(
            f"spec.webhookReceivers[{number}].generic.actions[{place}].whenExpression",
            action.get("whenExpression"),
        )
    ]


def _receiver_errors(receivers: list[dict[str, Any]]) -> list[FieldError]:
    """Return what is wrong with webhook receivers: one type each, names used once."""
    found, seen = [], set()
    for number, receiver in enumerate(receivers):
        path = f"spec.webhookReceivers[{number}]"
        types = sorted(key for key in receiver if key != "name")
        if len(types) != 1:
            said = ", ".join(types) or "none"
            found.append(_wrong(path, said, "a receiver has exactly one type, such as github"))
        name = receiver.get("name")
        if name in seen:
            found.append(
                FieldError(f"{path}.name", "FieldValueDuplicate", f'Duplicate value: "{name}"')
            )
        seen.add(name)
        for place, action in enumerate((receiver.get("generic") or {}).get("actions") or ()):
            found += expression_errors(
                f"{path}.generic.actions[{place}].whenExpression", action.get("whenExpression")
            )
            for at, target in enumerate(action.get("targetSelectionCriteria") or ()):
                here = f"{path}.generic.actions[{place}].targetSelectionCriteria[{at}]"
                selector = target.get("labelSelector") or {}
                found += selector_errors(selector, f"{here}.labelSelector")
                if not any(target.get(key) for key in ("name", "labelSelector", "indexSelector")):
                    found.append(
                        _wrong(
                            here,
                            target.get("kind"),
                            "it needs a name, a labelSelector or an indexSelector",
                        )
                    )
    return found


def _wrong(path: str, value: object, why: str) -> FieldError:
    return FieldError(path, "FieldValueInvalid", f'Invalid value: "{value}": {why}')
