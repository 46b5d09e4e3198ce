"""The AnalysisRun of a verification: its name, and what it says of the Stage, the Freight and the Promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import scheme
from towpath.resources.annotations import PROMOTION, STAGE, VERIFICATION
from towpath.resources.labels import FREIGHT_COLLECTION_LABEL, STAGE_LABEL
from towpath.resources.shortening import label_value
from towpath.resources.structs import to_document
from towpath.rules.promotion_name import promotion_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.analysis_run import AnalysisRunSpec
    from towpath.resources.promotion import FreightCollection, VerificationInfo
    from towpath.resources.stage import Stage

_API: Final = scheme.FREIGHT.api_version


def run_name(stage: str, collection: str, ulid: str) -> str:
    """Return `<stage>.<ulid>.<collection>`, at most 253 characters; the runs of one Stage order by age."""
    return promotion_name(stage, collection, ulid)


def run_document(
    stage: Stage,
    held: FreightCollection,
    entry: VerificationInfo,
    spec: AnalysisRunSpec,
    *,
    promotion: str,
    owners: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Return the object that measures for an entry, which names it.

    `promotion`: the one that led to it, empty where somebody asked for it; `owners`: name and uid of each Freight.
    """
    name = stage.metadata.name
    labels, annotations = _of_user(stage)
    labels |= {STAGE_LABEL: label_value(name), FREIGHT_COLLECTION_LABEL: held.id}
    annotations[VERIFICATION] = entry.id
    if label_value(name) != name:
        annotations[STAGE] = name
    if promotion:
        annotations[PROMOTION] = promotion
    metadata: dict[str, Any] = {
        "name": entry.analysis_run.name if entry.analysis_run is not None else "",
        "namespace": stage.metadata.namespace,
        "labels": labels,
        "annotations": annotations,
    }
    if owners:
        metadata["ownerReferences"] = [
            {"apiVersion": _API, "kind": scheme.FREIGHT.name, "name": freight, "uid": uid}
            for freight, uid in owners
        ]
    return {
        "apiVersion": scheme.ANALYSIS_RUN.api_version,
        "kind": scheme.ANALYSIS_RUN.name,
        "metadata": metadata,
        "spec": to_document(spec),
    }


def _of_user(stage: Stage) -> tuple[dict[str, str], dict[str, str]]:
    wanted = stage.spec.verification.analysis_run_metadata if stage.spec.verification else None
    if wanted is None:
        return {}, {}
    return dict(wanted.labels), dict(wanted.annotations)


def stage_of(metadata: Mapping[str, Any]) -> str:
    """Return the Stage that an AnalysisRun is for, by its metadata; empty if for none."""
    found = (metadata.get("annotations") or {}).get(STAGE) or (metadata.get("labels") or {}).get(
        STAGE_LABEL
    )
    return found if isinstance(found, str) else ""
