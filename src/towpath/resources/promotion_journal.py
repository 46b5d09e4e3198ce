"""PromotionJournal: what a Promotion had begun outside when it may have been interrupted, and what it knows in confidence."""

from __future__ import annotations

from typing import Annotated

from towpath.resources.fields import Field, Json, Struct, Text, Time
from towpath.resources.meta import Resource


class JournalEntry(Struct, kw_only=True):
    """One thing a step noted before it did it."""

    step: Annotated[Text, Field("Alias of the step.")]
    key: Annotated[Text, Field("The step's own name for it.")]
    effect: Annotated[
        str,
        Field(
            "What doing it again means.",
            enum=("Convergent", "Probed", "AtLeastOnce"),
        ),
    ]
    noted_at: Annotated[Time, Field("When it was noted, before it was begun.")]
    value: Annotated[
        Json, Field("What the step needs to know to find out whether it was done.")
    ] = None


class PromotionJournal(Resource, kw_only=True):
    """Notes of one Promotion of the same name, written by the controller and deleted with it."""

    entries: Annotated[list[JournalEntry], Field("The notes, oldest first.")] = []
    data: Annotated[
        dict[str, Annotated[str, Field(format="byte", secret=True)]],
        Field("What is secret while the Promotion goes on, in base64.", secret=True),
    ] = {}
