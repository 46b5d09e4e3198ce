"""What is asked is counted by classes of hosts, and for whoever has it asked."""

from __future__ import annotations

import asyncio

import pytest

from towpath.clients.http.host_classes import CLASSES, OTHERS, class_of
from towpath.clients.http.host_tally import HostTally
from towpath.clients.http.spending import current, spending


@pytest.mark.parametrize(
    ("host", "class_"),
    [
        ("registry-1.docker.io", "docker-hub"),
        ("production.cloudflare.docker.com", "docker-hub"),
        ("ghcr.io", "github"),
        ("GitHub.com.", "github"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "aws"),
        ("europe-docker.pkg.dev", "google"),
        ("acme.azurecr.io", "azure"),
        ("dev.azure.com", "azure"),
        ("evil-docker.io", OTHERS),
        ("docker.io.evil.example", OTHERS),
        ("10.0.0.1", OTHERS),
        ("", OTHERS),
        ("io", OTHERS),
    ],
)
def test_the_class_of_a_host(host: str, class_: str) -> None:
    """By the domain that it lies below: labels of metrics are few, whatever manifests name."""
    assert class_of(host) == class_
    assert class_ in CLASSES


async def test_who_has_something_asked_pays_for_it() -> None:
    """Also in tasks that are begun meanwhile; nobody else does."""
    tally = HostTally()

    async def ask() -> None:
        tally.asked("ghcr.io")
        tally.came("ghcr.io", 10)

    with spending() as outer:
        await asyncio.gather(ask(), ask())
        with spending() as inner:
            await ask()
        payer = current()
    await ask()
    tally.asked("ghcr.io", payer)
    assert (outer.requests, outer.bytes) == (3, 20)
    assert (inner.requests, inner.bytes) == (1, 10)
    assert current() is None
    assert (tally.requests, tally.bytes) == ({"github": 5}, {"github": 40})
