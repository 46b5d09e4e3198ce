"""How many items the lists and maps of a spec may have, where each item is work for somebody.

Kargo sets no such bounds; etcd's limit on an object is its only one. An object may hold 20,000 values here, whatever they
are, but what is multiplied with other things (requests with Freight, policies with Stages, steps with the steps of their
tasks) costs more than it holds. `BOUNDS` is the whole list; the CustomResourceDefinitions stay Kargo's and do not name
them. What was stored larger before there was a bound can still be written, as long as it grows no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.validation import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.errors import FieldError

MOST_STEPS: Final = 500
"""Steps of a Promotion, once its tasks are put in."""
MOST_STEP_VALUES: Final = 20_000
"""Values that all steps of a Promotion hold, variables and configurations included: what one object may hold."""


def _under(path: str, bounds: Mapping[str, int]) -> dict[str, int]:
    return {f"{path}.{field}": most for field, most in bounds.items()}


_LABEL_SELECTOR: Final = {
    "matchLabels": 100,
    "matchExpressions": 100,
    "matchExpressions[].values": 1_000,
}
_WINDOWS: Final = "spec.promotionPolicies[].promotionWindows"
_POLICIES: Final = {
    "spec.promotionPolicies": 500,
    **_under("spec.promotionPolicies[].stageSelector", _LABEL_SELECTOR),
}
_CLUSTER_POLICIES: Final = _under("spec.promotionPolicies[].projectSelector", _LABEL_SELECTOR)
_POLICY_WINDOWS: Final = {
    _WINDOWS: 100,
    **_under(f"{_WINDOWS}[].stageSelector", _LABEL_SELECTOR),
    **_under(f"{_WINDOWS}[].projectSelector", _LABEL_SELECTOR),
}
_ACTIONS: Final = "spec.webhookReceivers[].generic.actions"
_TARGETS: Final = f"{_ACTIONS}[].targetSelectionCriteria"
_CONFIGURATION: Final = {
    "spec.promotionWindows": 100,
    **_under("spec.promotionWindows[].stageSelector", _LABEL_SELECTOR),
    **_under("spec.promotionWindows[].projectSelector", _LABEL_SELECTOR),
    "spec.webhookReceivers": 100,
    _ACTIONS: 50,
    f"{_ACTIONS}[].parameters": 50,
    _TARGETS: 50,
    f"{_TARGETS}[].indexSelector.matchIndices": 50,
    **_under(f"{_TARGETS}[].labelSelector", _LABEL_SELECTOR),
    "spec.freightLinks": 100,
    "spec.stageLinks": 100,
}
_TASK: Final = {"spec.vars": 200, "spec.steps": 200, "spec.steps[].vars": 100}
_METRIC: Final = "spec.metrics[].provider"
_METRICS: Final = {
    "spec.metrics": 100,
    f"{_METRIC}.prometheus.headers": 100,
    f"{_METRIC}.prometheus.authentication.oauth2.scopes": 100,
    f"{_METRIC}.web.headers": 100,
    f"{_METRIC}.web.authentication.oauth2.scopes": 100,
    f"{_METRIC}.datadog.queries": 100,
    f"{_METRIC}.cloudWatch.metricDataQueries": 500,
    f"{_METRIC}.kayenta.scopes": 100,
    f"{_METRIC}.plugin": 100,
    "spec.args": 200,
    "spec.dryRun": 100,
    "spec.measurementRetention": 100,
}
_RULES: Final = {
    "rules": 1_000,
    "rules[].verbs": 100,
    "rules[].apiGroups": 200,
    "rules[].resources": 500,
    "rules[].resourceNames": 2_000,
    "rules[].nonResourceURLs": 500,
}
_SUBSCRIPTION: Final = "spec.subscriptions[]"

BOUNDS: Final[Mapping[str, Mapping[str, int]]] = {
    "Project": _POLICIES,
    "ProjectConfig": {**_POLICIES, **_POLICY_WINDOWS, **_CONFIGURATION},
    "ClusterConfig": {**_POLICIES, **_CLUSTER_POLICIES, **_POLICY_WINDOWS, **_CONFIGURATION},
    "Warehouse": {
        "spec.subscriptions": 100,
        f"{_SUBSCRIPTION}.image.allowTagsRegexes": 100,
        f"{_SUBSCRIPTION}.image.ignoreTagsRegexes": 100,
        f"{_SUBSCRIPTION}.image.ignoreTags": 1_000,
        f"{_SUBSCRIPTION}.git.allowTagsRegexes": 100,
        f"{_SUBSCRIPTION}.git.ignoreTagsRegexes": 100,
        f"{_SUBSCRIPTION}.git.ignoreTags": 1_000,
        f"{_SUBSCRIPTION}.git.includePaths": 200,
        f"{_SUBSCRIPTION}.git.excludePaths": 200,
    },
    "Freight": {
        "commits": 200,
        "images": 200,
        "images[].annotations": 1_000,
        "charts": 200,
        "artifacts": 200,
    },
    "Stage": {
        "spec.requestedFreight": 100,
        "spec.requestedFreight[].sources.stages": 100,
        "spec.vars": 200,
        "spec.promotionTemplate.spec.vars": 200,
        "spec.promotionTemplate.spec.steps": 200,
        "spec.promotionTemplate.spec.steps[].vars": 100,
        "spec.verification.analysisTemplates": 50,
        "spec.verification.analysisRunMetadata.labels": 100,
        "spec.verification.analysisRunMetadata.annotations": 100,
        "spec.verification.args": 200,
        "spec.targets.selectors": 50,
        **_under("spec.targets.selectors[]", _LABEL_SELECTOR),
    },
    "Promotion": {
        # Both the Stage's and its template's variables; the task's, its step's and the inner step's.
        "spec.vars": 400,
        "spec.steps": MOST_STEPS,
        "spec.steps[].vars": 400,
    },
    "PromotionTask": _TASK,
    "ClusterPromotionTask": _TASK,
    "PromotionRequest": {"spec.targets": 1_000},
    "Target": {"spec.params": 500},
    "ArgoCDConnection": {"spec.projects": 500, "spec.kubernetes.namespaces": 100},
    "StageHook": {
        **_under("spec.stageSelector", _LABEL_SELECTOR),
        "spec.vars": 200,
        "spec.steps": 200,
        "spec.steps[].vars": 100,
    },
    "HookRun": {
        "spec.event.payload": 100,
        "spec.vars": 200,
        "spec.steps": MOST_STEPS,
        "spec.steps[].vars": 400,
    },
    "AnalysisTemplate": {**_METRICS, "spec.templates": 50},
    "ClusterAnalysisTemplate": {**_METRICS, "spec.templates": 50},
    "AnalysisRun": _METRICS,
    "Role": _RULES,
    "ClusterRole": {
        **_RULES,
        "aggregationRule.clusterRoleSelectors": 100,
        **_under("aggregationRule.clusterRoleSelectors[]", _LABEL_SELECTOR),
    },
    "RoleBinding": {"subjects": 1_000},
    "ClusterRoleBinding": {"subjects": 1_000},
}
"""By kind and path: the most items of a list, or keys of a map."""


def count_errors(kind: str, document: Any, old: Any = None) -> Iterator[FieldError]:
    """Yield the lists and maps of a document that have too many items. `old`: the stored object, on an update."""
    for path, most in BOUNDS.get(kind, {}).items():
        parts = path.split(".")
        over = [(where, count) for where, count in _counts(document, parts, "") if count > most]
        if not over:
            continue
        before = max((count for _, count in _counts(old, parts, "")), default=0)
        for where, count in over:
            if count > before:
                yield wording.too_many(where, count, most)


def _counts(value: Any, parts: list[str], path: str) -> Iterator[tuple[str, int]]:
    """Yield the path of every list and map that the parts of a path lead to, and how much it holds."""
    if not parts:
        if isinstance(value, list | dict):
            yield path, len(value)
        return
    if not isinstance(value, dict):
        return
    first, *rest = parts
    name = first.removesuffix("[]")
    below, found = wording.below(path, name), value.get(name)
    if name == first:
        yield from _counts(found, rest, below)
    elif isinstance(found, list):
        for place, item in enumerate(found):
            yield from _counts(item, rest, f"{below}[{place}]")
