"""What one write can mean for history: the records that the tables keep, and the ends of what they hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRecord:
    """A Promotion as last seen. Times in the document's own text (RFC 3339), empty if not yet."""

    uid: str
    project: str
    name: str
    stage: str
    freight: str
    actor: str
    """Who asked for it: its create-actor, else who created it. What was recorded first stays."""
    reason: str
    """Why it was asked for. What was recorded stays when the annotation is removed."""
    phase: str
    message: str
    created: str
    started: str
    finished: str
    retry_of: str = ""
    """The Promotion that it tries again; empty if it is no retry."""
    retry_from: str = ""
    """The alias of the first step that such a one runs; empty: all of them."""
    via: str = ""
    """How and from where it was asked for, as JSON. What was recorded first stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionDeleted:
    """A Promotion's object was deleted, finished or not."""

    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRecord:
    """One run of a Stage's verification as last seen."""

    stage_uid: str
    id: str
    project: str
    stage: str
    collection: str
    """Id of the verified collection."""
    freight: tuple[str, ...]
    """Names of its Freight, sorted."""
    actor: str
    phase: str
    message: str
    analysis_run: str
    started: str
    finished: str
    via: str = ""
    """How and from where it was asked for, as JSON, where somebody did. What was recorded first stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightArrived:
    """A Stage came to hold a Freight of an origin (in place of another, if there was one)."""

    stage_uid: str
    project: str
    stage: str
    origin: str
    freight: str
    reference: str
    """The FreightReference as JSON: it tells images and commits when the Freight itself is gone."""
    promotion: str
    """Name of the Promotion that brought it; empty if the Stage's last Promotion is not the one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightLeft:
    """A Stage holds nothing of an origin any more; with no origin: nothing at all, it was deleted."""

    stage_uid: str
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """A Freight was approved for a Stage."""

    project: str
    freight: str
    freight_uid: str
    stage: str
    actor: str
    reason: str
    approved: str
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalExplained:
    """The reason for an approval that holds was given or changed."""

    freight_uid: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEnded:
    """An approval was taken back, or its Freight was deleted (stage None: for every Stage)."""

    freight_uid: str
    actor: str
    stage: str | None = None


Change = (
    PromotionRecord
    | PromotionDeleted
    | VerificationRecord
    | FreightArrived
    | FreightLeft
    | ApprovalGiven
    | ApprovalExplained
    | ApprovalEnded
)
