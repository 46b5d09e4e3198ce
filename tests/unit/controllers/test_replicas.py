"""Copies of what is shared, in every Project: they come, follow, go, and are nobody's to write."""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import PROJECT, project_document, running
from towpath.admission import requester
from towpath.errors import Forbidden, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.labels import REPLICATED_FROM, REPLICATED_SHA
from towpath.resources.shared_namespaces import SHARED, SYSTEM_RESOURCES
from towpath.rules.rbac import User

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.pipeline import Pipeline
    from towpath.resources.kinds import Kind

VALUE = "c4n4ry-v4lue"
TO_ALL = {"kargo.akuity.io/replicate-to": "*"}
OTHER = "other"


def _map(name: str = "m", namespace: str = SHARED, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "annotations": dict(TO_ALL)}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {"a": "1"},
        **more,
    }


def _secret(name: str = "s", namespace: str = SHARED, **more: Any) -> dict[str, Any]:
    noted = {
        **TO_ALL,
        "kargo.akuity.io/description": "for all",
        "kargo.akuity.io/github-token-scopes": json.dumps({PROJECT: ["app"]}),
        "kubectl.kubernetes.io/last-applied-configuration": VALUE,
    }
    labels = {"kargo.akuity.io/cred-type": "generic", "team": "x"}
    metadata = {"name": name, "namespace": namespace, "annotations": noted, "labels": labels}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "stringData": {"a": VALUE},
        **more,
    }


@asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[Pipeline]:
    async with running(folder) as world:
        other = project_document()
        other["metadata"]["name"] = OTHER
        await world.apply(project_document(), other)
        await world.settled()
        yield world


async def _values(world: Pipeline, name: str, namespace: str) -> dict[str, str]:
    document = await world.store.reveal(
        Ref(scheme.SECRET, namespace, name), actor="test", reason="test"
    )
    return {key: base64.b64decode(value).decode() for key, value in document["data"].items()}


async def _is_there(world: Pipeline, kind: Kind, name: str, namespace: str) -> bool:
    try:
        await world.get(kind, name, namespace)
    except NotFound:
        return False
    return True


async def test_every_project_has_a_copy_and_later_ones_too(tmp_path: Path) -> None:
    """With its values, its labels and what is of use of its annotations; the mark tells nothing of a Secret's values."""
    async with _world(tmp_path) as world:
        await world.apply(_map(), _secret())
        await world.settled()
        late = project_document()
        late["metadata"]["name"] = "late"
        await world.apply(late)
        await world.settled()
        for project in (PROJECT, OTHER, "late"):
            assert (await world.get(scheme.CONFIG_MAP, "m", project))["data"] == {"a": "1"}
            assert await _values(world, "s", project) == {"a": VALUE}
            metadata = (await world.get(scheme.SECRET, "s", project))["metadata"]
            assert metadata["labels"][REPLICATED_FROM] == "s"
            assert metadata["labels"]["team"] == "x"
            assert metadata["labels"]["kargo.akuity.io/cred-type"] == "generic"
            noted = metadata["annotations"]
            assert noted["kargo.akuity.io/description"] == "for all"
            assert json.loads(noted["kargo.akuity.io/github-token-scopes"]) == {PROJECT: ["app"]}
            assert noted["kargo.akuity.io/replicated-at"]
            assert not [key for key in noted if "last-applied" in key or "replicate-to" in key]
        first = (await world.get(scheme.SECRET, "s"))["metadata"]["labels"][REPLICATED_SHA]
        await world.apply(_secret("twin"))
        await world.settled()
        twin = (await world.get(scheme.SECRET, "twin"))["metadata"]["labels"][REPLICATED_SHA]
        assert len(first) == len(twin) == 16
        assert first != twin


async def test_copies_follow_and_are_not_written_for_nothing(tmp_path: Path) -> None:
    """A ConfigMap's are left as they are when only what they do not have of it changes."""
    async with _world(tmp_path) as world:
        await world.apply(_map(), _secret())
        await world.settled()
        before = (await world.get(scheme.CONFIG_MAP, "m"))["metadata"]["resourceVersion"]
        touched = _map()
        touched["metadata"]["annotations"]["note"] = "x"
        await world.apply(touched, _secret(stringData={"b": "2"}))
        await world.settled()
        assert (await world.get(scheme.CONFIG_MAP, "m"))["metadata"]["resourceVersion"] == before
        assert await _values(world, "s", OTHER) == await _values(world, "s", PROJECT) == {"b": "2"}
        await world.apply(_map(data={"b": "2"}))
        await world.settled()
        assert (await world.get(scheme.CONFIG_MAP, "m", OTHER))["data"] == {"b": "2"}


async def test_copies_go_with_what_they_were_copied_from(tmp_path: Path) -> None:
    """Or when it says no more that there are to be some, or is a credential no more."""
    async with _world(tmp_path) as world:
        await world.apply(_map(), _map("n"), _secret(), _secret("t"))
        await world.settled()
        no_more = _map("n")
        no_more["metadata"]["annotations"] = {}
        no_credential = _secret("t")
        no_credential["metadata"]["labels"] = {}
        await world.apply(no_more, no_credential)
        for kind, name in ((scheme.CONFIG_MAP, "m"), (scheme.SECRET, "s")):
            await world.writer.delete(Ref(kind, SHARED, name), requester.ADMIN)
        await world.settled()
        for project in (PROJECT, OTHER):
            for name in ("m", "n"):
                assert not await _is_there(world, scheme.CONFIG_MAP, name, project)
            for name in ("s", "t"):
                assert not await _is_there(world, scheme.SECRET, name, project)
        assert await _is_there(world, scheme.CONFIG_MAP, "n", SHARED)


async def test_only_what_is_shared_with_all_is_copied(tmp_path: Path) -> None:
    """Not what lies elsewhere, what names something else than all, and no Secret that is no credential."""
    async with _world(tmp_path) as world:
        some = _map("some")
        some["metadata"]["annotations"] = {"kargo.akuity.io/replicate-to": PROJECT}
        plain = _secret("plain")
        plain["metadata"]["labels"] = {}
        await world.apply(some, plain, _map("there", SYSTEM_RESOURCES), _map("own", PROJECT))
        await world.settled()
        assert not await _is_there(world, scheme.CONFIG_MAP, "some", PROJECT)
        assert not await _is_there(world, scheme.CONFIG_MAP, "there", PROJECT)
        assert not await _is_there(world, scheme.CONFIG_MAP, "own", OTHER)
        assert not await _is_there(world, scheme.SECRET, "plain", PROJECT)
        assert not await _is_there(world, scheme.CONFIG_MAP, "own", SYSTEM_RESOURCES)


async def test_what_a_project_has_itself_is_left_alone(tmp_path: Path) -> None:
    """The others have their copy; when it goes, there is one in its place after a while."""
    async with _world(tmp_path) as world:
        own = _map(namespace=PROJECT, data={"own": "1"})
        own["metadata"]["annotations"] = {}
        await world.apply(own)
        await world.apply(_map())
        await world.settled()
        assert (await world.get(scheme.CONFIG_MAP, "m"))["data"] == {"own": "1"}
        assert (await world.get(scheme.CONFIG_MAP, "m", OTHER))["data"] == {"a": "1"}
        await world.writer.delete(Ref(scheme.CONFIG_MAP, PROJECT, "m"), requester.ADMIN)
        await world.clock.advance(60)
        await world.settled()
        assert (await world.get(scheme.CONFIG_MAP, "m"))["data"] == {"a": "1"}


async def test_a_copy_is_written_by_nobody_else(tmp_path: Path) -> None:
    """Nor made; what the administrator writes is set back, and what they delete is made anew."""
    someone = requester.of(User("someone"))
    async with _world(tmp_path) as world:
        await world.apply(_map(), _secret())
        await world.settled()
        for kind, name in ((scheme.CONFIG_MAP, "m"), (scheme.SECRET, "s")):
            copy = await world.get(kind, name)
            for label in (REPLICATED_FROM, "none"):
                marked = {**copy["metadata"], "labels": {label: name}}
                with pytest.raises(Forbidden, match=f"copy of one in namespace {SHARED}"):
                    await world.writer.update({**copy, "metadata": marked}, someone)
            with pytest.raises(Forbidden, match=f"copy of one in namespace {SHARED}"):
                await world.writer.delete(Ref(kind, PROJECT, name), someone)
        forged = _map("forged", PROJECT)
        forged["metadata"]["labels"] = {REPLICATED_FROM: "forged"}
        with pytest.raises(Forbidden, match=REPLICATED_FROM):
            await world.writer.create(forged, someone)
        changed = {**await world.get(scheme.SECRET, "s"), "stringData": {"a": "mine"}}
        await world.writer.update(changed, requester.ADMIN)
        await world.writer.delete(Ref(scheme.CONFIG_MAP, PROJECT, "m"), requester.ADMIN)
        await world.settled()
        assert await _values(world, "s", PROJECT) == {"a": VALUE}
        assert (await world.get(scheme.CONFIG_MAP, "m"))["data"] == {"a": "1"}


async def test_another_type_and_long_names_are_followed(tmp_path: Path) -> None:
    """A Secret's type never changes: the copy is made anew; a name may be longer than a label's value."""
    name = "s" * 200
    async with _world(tmp_path) as world:
        await world.apply(_secret(name))
        await world.settled()
        assert await _values(world, name, PROJECT) == {"a": VALUE}
        await world.writer.delete(Ref(scheme.SECRET, SHARED, name), requester.ADMIN)
        await world.apply(_secret(name, type="example.com/other"))
        await world.settled()
        assert (await world.get(scheme.SECRET, name))["type"] == "example.com/other"
        await world.writer.delete(Ref(scheme.SECRET, SHARED, name), requester.ADMIN)
        await world.settled()
        assert not await _is_there(world, scheme.SECRET, name, PROJECT)


async def test_a_project_goes_with_its_copies(tmp_path: Path) -> None:
    """They do not hold it up, nor come again."""
    async with _world(tmp_path) as world:
        await world.apply(_map(), _secret())
        await world.settled()
        await world.writer.delete(Ref(scheme.PROJECT, "", OTHER), requester.ADMIN)
        await world.clock.advance(60)
        await world.settled()
        assert not await _is_there(world, scheme.NAMESPACE, OTHER, "")
        assert not await _is_there(world, scheme.SECRET, "s", OTHER)
