"""What receivers take from deliveries, and how they answer: every delivery beside the checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.deliveries import (
    KEYS,
    SECRET,
    TYPES,
    config_document,
    names,
    path_of,
    receiver,
    secret_document,
    told,
)
from tests.support.pipeline import project_document, running
from tests.support.serving import client
from towpath.rules.webhooks import senders
from towpath.rules.webhooks.deeds import ClosedDeed, IdleDeed, PushDeed, RefusedDeed, of_media_type
from towpath.rules.webhooks.senders import SENDERS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.deliveries import Told


def _delivery(type_: str, id_: str) -> Told:
    return next(each for each in told(type_) if each.id == id_)


@pytest.mark.parametrize(("type_", "id_"), names())
def test_a_delivery_is_proved_and_read(type_: str, id_: str) -> None:
    """A delivery is proved and read."""
    given = _delivery(type_, id_)
    sender = SENDERS[type_]
    assert sender.key == KEYS.get(type_, "secret")
    headers = {name.lower(): value for name, value in given.headers.items()}
    assert sender.proof(SECRET).holds(headers, given.body) == (given.status != 401)
    if type_ == "generic" or given.status == 401:
        return
    found = senders.deed(type_, {}, headers, given.body)
    match found:
        case RefusedDeed():
            assert (found.status, given.reads) == (given.status, {})
        case IdleDeed():
            assert (given.status, given.reads) == (200, {})
        case ClosedDeed():
            assert (given.status, given.reads) == (200, {"prURL": found.url})
            assert found.number == int(found.url.rpartition("/")[2])
            assert found.repositories
        case PushDeed():
            assert given.status == 200
            _compare(found, given.reads)


def _compare(found: PushDeed, reads: dict[str, Any]) -> None:
    """Hold what was read against what is to be read; what says nothing (an empty tag) is not kept."""
    urls = reads.get("repoURLs", [reads["repoURL"]] if "repoURL" in reads else [])
    assert sorted(found.urls) == sorted(urls)
    assert list(found.refs) == reads.get("refs", [])
    assert list(found.tags) == [each for each in reads.get("tags", []) if each]
    if "changedFiles" in reads:
        assert list(found.changed) == reads["changedFiles"]
    if "mediaType" in reads:
        assert found.artifact is of_media_type(reads["mediaType"])
    if "refs" in reads:
        assert found.artifact.value == ("git",)


async def test_every_delivery_is_answered_as_it_is_to_be(tmp_path: Path) -> None:
    """Every delivery is answered as it is to be."""
    deliveries = [each for type_ in TYPES for each in told(type_)]
    target = {"kind": "Warehouse", "name": "none"}
    actions: list[dict[str, Any]] = [{"action": "Refresh", "targetSelectionCriteria": [target]}]
    async with running(tmp_path) as world, client(world, "") as stranger:
        await world.apply(
            project_document(),
            secret_document(),
            config_document(
                *(
                    receiver(type_, actions=actions) if type_ == "generic" else receiver(type_)
                    for type_ in TYPES
                )
            ),
        )
        await world.settled()
        for each in deliveries:
            answer = await stranger.post(
                path_of(each.type), content=each.body, headers=each.headers
            )
            assert answer.status_code == each.status, (each.type, each.id, answer.text)
            key = "error" if each.status >= 400 else "results" if each.type == "generic" else "msg"
            assert list(answer.json()) == [key]
            assert SECRET not in answer.text
