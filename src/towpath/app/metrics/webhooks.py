"""Deliveries of webhooks, as metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.telemetry.exposition import Family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.webhooks.receiving import Webhooks


def families(webhooks: Webhooks) -> Iterator[Family]:
    """Yield them."""
    yield Family(
        "towpath_webhook_deliveries_total",
        "counter",
        "Deliveries to receivers of webhooks, by their type and the status of the answer.",
        [
            ({"type": type_, "status": str(status)}, count)
            for (type_, status), count in sorted(webhooks.counts.items())
        ],
    )
    yield Family.of(
        "towpath_webhook_deliveries_under_way",
        "gauge",
        "Deliveries that have no answer yet.",
        webhooks.under_way,
    )
