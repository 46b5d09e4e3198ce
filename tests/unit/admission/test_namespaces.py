"""Namespaces on their way in and out: what they are given, what they may be called, which stay, what goes into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import USER, Pipeline, running
from towpath.admission.namespaces import PROTECTED
from towpath.errors import Forbidden, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

SPACE = Ref(scheme.NAMESPACE, "", "own")


def namespace(name: str = "own", **metadata: Any) -> dict[str, Any]:
    """Return a Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, **metadata}}


def config_map(name: str, space: str = "own", **metadata: Any) -> dict[str, Any]:
    """Return a ConfigMap in it."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": space, **metadata},
    }


async def made(world: Pipeline, document: dict[str, Any]) -> dict[str, Any]:
    """Create it and return what is stored."""
    return (await world.writer.create(document, USER)).stored.document


async def test_a_new_one_is_active_and_held_by_what_will_be_in_it(tmp_path: Path) -> None:
    """Phase, finalizer and label are those of an API server, whatever the document says."""
    async with running(tmp_path) as world:
        given = namespace(labels={"a": "b", "kubernetes.io/metadata.name": "another"})
        given |= {"spec": {"finalizers": []}, "status": {"phase": "Terminating"}}
        found = await made(world, given)
        assert found["status"] == {"phase": "Active"}
        assert found["spec"] == {"finalizers": ["kubernetes"]}
        assert found["metadata"]["labels"] == {"a": "b", "kubernetes.io/metadata.name": "own"}


async def test_an_update_changes_labels_and_not_what_holds_it(tmp_path: Path) -> None:
    """`spec.finalizers` change through `finalize` alone; the name's label comes back."""
    async with running(tmp_path) as world:
        await made(world, namespace())
        wanted = namespace(labels={"c": "d"}) | {"spec": {"finalizers": []}}
        written = await world.writer.change(SPACE, lambda _: wanted, USER, manager="m")
        document = written.stored.document
        assert document["spec"] == {"finalizers": ["kubernetes"]}
        assert document["metadata"]["labels"] == {"c": "d", "kubernetes.io/metadata.name": "own"}
        assert document["status"] == {"phase": "Active"}


@pytest.mark.parametrize("name", ["with.dot", "Upper", "-dash", "a" * 64])
async def test_a_name_is_a_label_of_a_host_name(tmp_path: Path, name: str) -> None:
    """Unlike the names of most objects it has no dots, and 63 characters at most."""
    async with running(tmp_path) as world:
        with pytest.raises(Invalid) as told:
            await made(world, namespace(name))
        assert told.value.causes[0].path == "metadata.name"


async def test_the_system_s_stay(tmp_path: Path) -> None:
    """`default`, and those that hold what belongs to no Project."""
    async with running(tmp_path) as world:
        assert "default" in PROTECTED
        for name in sorted(PROTECTED):
            ref = Ref(scheme.NAMESPACE, "", name)
            with pytest.raises(Forbidden, match="this namespace may not be deleted"):
                await world.writer.delete(ref, USER)
            stored = (await world.store.get(ref)).document
            assert "deletionTimestamp" not in stored["metadata"]


async def test_nothing_is_made_in_one_that_is_not_there(tmp_path: Path) -> None:
    """The error is about the namespace, not about the object."""
    async with running(tmp_path) as world:
        with pytest.raises(NotFound, match='namespaces "own" not found') as told:
            await made(world, config_map("a"))
        assert (told.value.resource, told.value.name) == ("namespaces", "own")


async def test_nothing_is_made_in_one_that_is_going(tmp_path: Path) -> None:
    """The cause is the one by which clients tell it from a right that is missing; what is there can be changed."""
    async with running(tmp_path) as world:
        await made(world, namespace())
        await made(world, config_map("held", finalizers=["example.com/hold"]))
        await world.writer.delete(SPACE, USER)
        with pytest.raises(Forbidden, match="it is being terminated") as told:
            await made(world, config_map("b"))
        (cause,) = told.value.causes
        assert (cause.type, cause.path) == ("NamespaceTerminating", "metadata.namespace")
        ref = Ref(scheme.CONFIG_MAP, "own", "held")
        await world.writer.annotate(ref, {"a": "b"}, USER)
        assert (await world.store.get(ref)).document["metadata"]["annotations"] == {"a": "b"}
