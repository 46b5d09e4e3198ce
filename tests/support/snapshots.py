"""Everything that gates are decided by, drawn at random: Stages, Freight, Promotions, policies, Warehouses."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.deciding import NOW, ORIGIN, ago, freight, held, origin, policy, promotion
from towpath.errors import FieldError
from towpath.resources.annotations import HOLD, RESUME
from towpath.resources.meta import Condition
from towpath.resources.stage import Stage
from towpath.resources.structs import view
from towpath.resources.warehouse import Warehouse
from towpath.rules import candidates
from towpath.rules.gates import availability
from towpath.rules.gates.automatic import Automation
from towpath.rules.gates.listing import Move, Snapshot
from towpath.rules.gates.sources import Origins
from towpath.rules.gates.steps import InflatedTemplate

UPSTREAM = ["test", "uat"]
NAMES = ["f0", "f1", "f2"]
ON = ("prod", True)
_HOURS = st.integers(0, 5)
_SOURCES = st.fixed_dictionaries(
    {"direct": st.booleans(), "stages": st.lists(st.sampled_from(UPSTREAM), unique=True)},
    optional={
        "availabilityStrategy": st.sampled_from(["", "OneOf", "All"]),
        "requiredSoakTime": st.sampled_from(["1h", "3h", "soon"]),
        "autoPromotionOptions": st.just({"selectionPolicy": "MatchUpstream"}),
    },
)
_PLACES = st.dictionaries(
    st.sampled_from([*UPSTREAM, "prod"]), _HOURS.map(lambda h: {"since": ago(hours=h)})
)
_FREIGHT_STATUS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "verifiedIn": st.dictionaries(
            st.sampled_from(UPSTREAM), _HOURS.map(lambda h: {"verifiedAt": ago(hours=h)})
        ),
        "currentlyIn": _PLACES,
        "approvedFor": st.dictionaries(
            st.just("prod"), st.just({"approvedAt": ago(hours=1)}), max_size=1
        ),
    }
)
_PROMOTIONS = st.lists(
    st.tuples(
        st.sampled_from(["", "Pending", "Running", "Succeeded", "Failed", "Aborted"]),
        st.sampled_from(NAMES),
        st.sampled_from([{}, {HOLD: ORIGIN}, {RESUME: ORIGIN}]),
    ),
    max_size=4,
)
_CONDITIONS = st.lists(
    st.builds(
        lambda type_, status: view(
            Condition,
            {
                "type": type_,
                "status": status,
                "reason": "Why",
                "message": "so it is",
                "lastTransitionTime": ago(hours=1),
            },
        ),
        st.sampled_from(["Ready", "Healthy", "FreightCreationCriteriaSatisfied"]),
        st.sampled_from(["True", "False", "Unknown"]),
    ),
    max_size=2,
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw a snapshot: whatever the store may hold, and what the rules make of it."""
    # Most of what can be in the way is not, so that many snapshots let the Freight go.
    seldom = st.integers(0, 7).map(lambda number: number == 7)
    requested = "other" if draw(seldom) else "main"
    status: dict[str, Any] = {
        "freightHistory": [held(draw(st.sampled_from(NAMES)))] if draw(seldom) else [],
        "autoPromotionHolds": {ORIGIN: {"freightName": "f0", "origin": origin()}}
        if draw(seldom)
        else {},
    }
    if draw(seldom):
        status["currentPromotion"] = {
            "name": "prod.x",
            "freight": {"name": draw(st.sampled_from(NAMES))},
        }
    steps = [] if draw(seldom) else [{"uses": "work"}]
    stage = view(
        Stage,
        {
            "metadata": {
                "name": "prod",
                "namespace": "shop",
                **({"deletionTimestamp": ago(minutes=1)} if draw(seldom) else {}),
            },
            "spec": {
                "requestedFreight": [{"origin": origin(requested), "sources": draw(_SOURCES)}],
                "promotionTemplate": {"spec": {"steps": steps}},
            },
            "status": status,
        },
    )
    there = [
        freight(
            name,
            age=draw(_HOURS),
            namespace="elsewhere" if draw(seldom) else "shop",
            **draw(_FREIGHT_STATUS),
        )
        for name in NAMES
    ]
    request = availability.request_for(stage, ORIGIN)
    chosen = candidates.candidate(stage, request, there, now=NOW) if request else None
    mine = draw(st.sampled_from([chosen, *there]))
    move = Move(
        now=NOW,
        stage=stage,
        origin=ORIGIN,
        freight=mine,
        template=InflatedTemplate(
            steps=steps,
            faults=[FieldError("spec", "FieldValueNotFound", "gone")] if draw(seldom) else [],
        ),
        project_going=ago(minutes=1) if draw(seldom) else "",
    )
    return Snapshot(
        move=move,
        automation=Automation(
            policies=[
                policy(name, enabled=enabled)
                for name, enabled in draw(
                    st.sampled_from(
                        [[ON], [ON], [ON], [("test", True), ON], [], [("prod", False), ON]]
                    )
                )
            ],
            promotions=[
                promotion(number, phase, of=of, annotations=notes)
                for number, (phase, of, notes) in enumerate(
                    draw(_PROMOTIONS) if draw(st.booleans()) else []
                )
            ],
            chosen=chosen,
            refusal=None,
        ),
        origins=Origins(
            warehouse=draw(
                st.one_of(
                    st.none(),
                    _CONDITIONS.map(
                        lambda found: view(
                            Warehouse,
                            {
                                "metadata": {"name": "main", "namespace": "shop"},
                                "spec": {"subscriptions": [{}]},
                                "status": {"conditions": [_document(each) for each in found]},
                            },
                        )
                    ),
                )
            ),
            gone=draw(st.frozensets(st.sampled_from(UPSTREAM))),
        ),
        problems=draw(st.sampled_from([(), ("step 1: there is no step",)])),
    )


def _document(found: Condition) -> dict[str, Any]:
    return {
        "type": found.type,
        "status": found.status,
        "reason": found.reason,
        "message": found.message,
        "lastTransitionTime": found.last_transition_time,
    }
