"""How the Stages of a line fare: mostly well, and in every other way that there is, the same each time."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.worlds import documents
from towpath.demo.worlds.documents import WAREHOUSE, MadeVersion
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Document = dict[str, Any]
ORIGIN: Final = f"Warehouse/{WAREHOUSE}"
_PEOPLE: Final = ("ada@example.com", "ben@example.com", "chi@example.com", "dia@example.com")
_CYCLE: Final = 53
"""Stages of which each has another way to fare, until it begins anew."""


class Fare(enum.Enum):
    """How a Stage fares."""

    WELL = enum.auto()
    FAILED = enum.auto()
    HELD = enum.auto()
    QUEUED = enum.auto()
    SOAKING = enum.auto()
    PROMOTING = enum.auto()
    UNVERIFIED = enum.auto()
    """Its verification failed, and what is below it waits."""
    DRIFTED = enum.auto()
    VERIFYING = enum.auto()
    UNHEALTHY = enum.auto()
    EMPTY = enum.auto()


_FARES: Final = (
    Fare.FAILED, Fare.HELD, Fare.QUEUED, Fare.SOAKING, Fare.PROMOTING, Fare.UNVERIFIED, Fare.DRIFTED,
    Fare.VERIFYING, Fare.UNHEALTHY,
)  # fmt: skip


@dataclass
class MadeLine:
    """What a line is made of."""

    stages: list[Document] = field(default_factory=list)
    promotions: list[Document] = field(default_factory=list)
    marks: dict[str, Document] = field(default_factory=dict)
    """The status of Freight, by name."""

    def mark(self, name: str, key: str, stage: str, of: Document) -> None:
        """Note in Freight what it is to a Stage."""
        self.marks.setdefault(name, {}).setdefault(key, {})[stage] = of


def line(
    made: MadeLine,
    versions: Sequence[MadeVersion],
    name: str,
    environments: Sequence[str],
    *,
    number: int,
    now: datetime,
) -> None:
    """Add a line of Stages. `number`: which one it is, by which they fare."""
    project, newest = versions[0].project, len(versions) - 1 - number % 3
    up = ""
    for column, environment in enumerate(environments):
        place = number * len(environments) + column
        fare = _fare(place, column, is_last=column == len(environments) - 1)
        stage = f"{name}-{environment}"
        newest = max(0, newest - (number * 7 + column * 3) % 3)
        since = now - timedelta(hours=1 + column * 7 + number % 5, minutes=place % 60)
        status = _status(made, versions, newest, stage, fare, since, place)
        soak = "48h" if fare is Fare.SOAKING and up else ""
        made.stages.append(documents.stage(project, stage, environment, up, status, soak=soak))
        up = stage


def _fare(place: int, column: int, *, is_last: bool) -> Fare:
    turn = place % _CYCLE
    if turn < len(_FARES) and not (column == 0 and _FARES[turn] is Fare.SOAKING):
        return _FARES[turn]
    return Fare.EMPTY if is_last and place % 7 == 0 else Fare.WELL


def _status(
    made: MadeLine,
    versions: Sequence[MadeVersion],
    newest: int,
    stage: str,
    fare: Fare,
    since: datetime,
    place: int,
) -> Document:
    held, actor = versions[newest], f"email:{_PEOPLE[place % len(_PEOPLE)]}"
    if fare is Fare.EMPTY:
        return {"conditions": []}
    at = moments.whole_seconds(since)
    done = _done(held, since)
    last = documents.promotion(held, stage, since - timedelta(minutes=3), done, actor=actor)
    made.promotions.append(last)
    made.mark(held.name, "currentlyIn", stage, {"since": at})
    verified = {Fare.UNVERIFIED: "Failed", Fare.VERIFYING: "Running"}.get(fare, "Successful")
    if verified == "Successful":
        made.mark(held.name, "verifiedIn", stage, {"verifiedAt": at})
    run: Document = {"id": f"run-{place}", "phase": verified, "startTime": at}
    if verified != "Running":
        run["finishTime"] = at
    if verified == "Failed":
        run["message"] = "smoke-test: 3 of 5 answers were 503, at most 1 is allowed"
    status: Document = {
        "conditions": [],
        "freightHistory": [{**held.collection, "verificationHistory": [run]}],
        "freightSummary": held.name,
        "health": {"status": "Healthy"},
        "autoPromotionEnabled": place % 3 == 0,
        "lastPromotion": _named(last, held, at),
    }
    coming = versions[min(newest + 1, len(versions) - 1)]
    _add(made, status, fare, stage, coming, since, actor)
    return status


def _add(
    made: MadeLine,
    status: Document,
    fare: Fare,
    stage: str,
    coming: MadeVersion,
    since: datetime,
    actor: str,
) -> None:
    """Add to the status of a Stage what its way to fare means."""
    later = since + timedelta(minutes=40)
    match fare:
        case Fare.FAILED:
            said = 'step "push" failed: remote: error: GH006: Protected branch update failed for refs/heads/main'
            failed = {"phase": "Failed", "message": said, **_times(later)}
            each = documents.promotion(coming, stage, later, failed, actor=actor)
            made.promotions.append(each)
            status["lastPromotion"] = _named(each, coming, moments.whole_seconds(later))
            status["health"] = {"status": "Unknown"}
        case Fare.HELD:
            held = status["freightHistory"][0]["items"][ORIGIN]
            status["autoPromotionEnabled"] = True
            holds = {
                ORIGIN: {
                    "freightName": held["name"],
                    "origin": held["origin"],
                    "actor": actor,
                    "createdAt": moments.whole_seconds(since),
                }
            }
            status["autoPromotionHolds"] = status["effectiveAutoPromotionHolds"] = holds
        case Fare.PROMOTING | Fare.QUEUED:
            running = documents.promotion(coming, stage, later, _running(later), actor=actor)
            made.promotions.append(running)
            name = running["metadata"]["name"]
            status["currentPromotion"] = {"name": name, "freight": coming.reference}
            status["health"] = {"status": "Unknown"}
            for number in range(1, 3 if fare is Fare.QUEUED else 1):
                made.promotions.append(
                    documents.promotion(
                        coming, stage, later, {"phase": "Pending"}, actor=actor, number=number
                    )
                )
        case Fare.DRIFTED:
            status["conditions"] = [
                {
                    "type": "Drifted",
                    "status": "True",
                    "reason": "SomethingElseIsThere",
                    "message": f"Application {stage} runs image app:hotfix, not what was promoted",
                    "lastTransitionTime": moments.whole_seconds(since),
                }
            ]
        case Fare.UNHEALTHY:
            issue = f"Application {stage}: Degraded: Deployment app has 1 of 3 replicas"
            status["health"] = {"status": "Unhealthy", "issues": [issue]}


def _named(promotion: Document, version: MadeVersion, at: str) -> Document:
    return {
        "name": promotion["metadata"]["name"],
        "freight": version.reference,
        "status": promotion["status"],
        "finishedAt": at,
    }


def _done(version: MadeVersion, at: datetime) -> Document:
    return {
        "phase": "Succeeded",
        "freight": version.reference,
        "freightCollection": version.collection,
        **_times(at),
    }


def _times(ended: datetime) -> Document:
    began = ended - timedelta(minutes=2)
    return {"startedAt": moments.whole_seconds(began), "finishedAt": moments.whole_seconds(ended)}


def _running(since: datetime) -> Document:
    at = moments.whole_seconds(since)
    step = {"alias": "wait-for-window", "status": "Running", "startedAt": at}
    return {
        "phase": "Running",
        "startedAt": at,
        "currentStep": 0,
        "stepExecutionMetadata": [step],
    }
