"""Which versions of a chart are selected: every case beside the checkout, by the type that looks for charts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.support.shared import cases
from towpath import errors
from towpath.artifacts.charts import ChartType
from towpath.artifacts.subscription import LookClients, Subscription
from towpath.documents.chart_catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_LIMIT = 1000
"""A limit of 0 has no end there; the API's are 1 to 100."""


class _Repository:
    """Stands for a repository whose index lists the versions of a case."""

    def __init__(self, versions: Sequence[str]) -> None:
        self._versions = list(versions)

    async def ask(self, *_: Any, **__: Any) -> Catalogue:
        return Catalogue({"web": self._versions})

    async def find(self, *_: Any, **__: Any) -> None:
        """Find no credential."""


async def _selected(given: dict[str, Any]) -> list[str] | None:
    stands: Any = _Repository(given["versions"])
    nobody: Any = None
    subscription = Subscription(
        project="shop",
        warehouse="main",
        name="",
        config={
            "repoURL": "https://charts.example",
            "name": "web",
            "semverConstraint": given["semverConstraint"],
            "discoveryLimit": given["discoveryLimit"] or _NO_LIMIT,
        },
        now=datetime(2026, 1, 2, tzinfo=UTC),
        is_manual=False,
    )
    clients = LookClients(registries=nobody, credentials=stands, charts=stands)
    try:
        return (await ChartType().discover(subscription, clients)).versions
    except errors.Invalid:
        return None


async def test_chart_selection() -> None:
    """chart-selection.jsonl."""
    wrong = []
    for case in cases("chart-selection"):
        found = await _selected(case["in"])
        if found != (None if case.get("error") else case["want"]):
            wrong.append((case["id"], found))
    assert wrong == []
