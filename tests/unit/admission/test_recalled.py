"""What was read of roles and bindings is kept until one of them is written, and no longer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.support.pipeline import PROJECT, USER, project_document, running
from tests.support.rights import JO, STAGES, binding, made, role, rule
from towpath.admission.authorizer import Authorizer
from towpath.admission.recalled import Recalled
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.rbac import AUTHENTICATED, Attributes, User

if TYPE_CHECKING:
    from pathlib import Path


class Counting:
    """A store that counts what it is asked."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        if name in ("get", "list"):
            self.reads += 1
        return getattr(self._store, name)


async def test_a_right_is_read_once_until_a_role_or_binding_is_written(tmp_path: Path) -> None:
    """Whoever is refused as well; writes of other kinds change nothing, one of these is seen at once."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()  # the Project has been given its roles
        await made(world, role("r", rule("get")), binding("b", "r"))
        store = Counting(world.store)
        decides = Authorizer(store)
        assert (await decides.allowed(JO, "get", STAGES)).allowed
        assert not (await decides.allowed(JO, "delete", STAGES)).allowed
        read = store.reads
        assert read > 0
        for number in range(20):
            each = Attributes("kargo.akuity.io", "stages", PROJECT, f"s{number}")
            assert (await decides.allowed(JO, "get", each)).allowed
            assert not (await decides.allowed(JO, "delete", each)).allowed
        await world.writer.create(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "m", "namespace": PROJECT},
            },
            USER,
        )
        assert (await decides.allowed(JO, "get", STAGES)).allowed
        assert store.reads == read
        await world.writer.update(role("r", rule("delete")), USER)
        assert not (await decides.allowed(JO, "get", STAGES)).allowed
        assert (await decides.allowed(JO, "delete", STAGES)).allowed
        assert store.reads > read
        await world.writer.delete(Ref(scheme.ROLE, PROJECT, "r"), USER)
        assert not (await decides.allowed(JO, "delete", STAGES)).allowed


async def test_a_write_while_it_is_read_is_not_overlooked(tmp_path: Path) -> None:
    """What was read before it is used once and not kept."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()  # the Project has been given its roles
        kept: Recalled[str] = Recalled(world.store)

        async def read() -> tuple[str, int]:
            await made(world, role("r", rule("get")))
            return "old", 1

        async def again() -> tuple[str, int]:
            return "new", 1

        assert await kept.of("key", read) == "old"
        assert await kept.of("key", again) == "new"
        assert await kept.of("key", read) == "new"


async def test_those_who_ask_at_once_read_once(tmp_path: Path) -> None:
    """Also where nothing is found; where the first one fails, the others read themselves."""
    async with running(tmp_path) as world:
        kept: Recalled[str | None] = Recalled(world.store)
        reads, may_end, broken = [0], asyncio.Event(), [True]

        async def read() -> tuple[str | None, int]:
            reads[0] += 1
            await may_end.wait()
            if broken[0]:
                broken[0] = False
                raise KeyError("role")
            return None, 10

        asking = [asyncio.create_task(kept.of("a", read)) for _ in range(30)]
        await asyncio.sleep(0)
        assert reads == [1]
        may_end.set()
        found = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(each) for each in found].count(KeyError) == 1
        before = reads[0]
        await asyncio.gather(*(kept.of("a", read) for _ in range(30)))
        assert reads[0] == before
        assert await asyncio.gather(*(kept.of("b", read) for _ in range(30))) == [None] * 30
        assert reads[0] == before + 1


async def test_a_role_that_a_thousand_bindings_give_is_kept(tmp_path: Path) -> None:
    """Whatever the bindings take: who may make them would have everybody whom they mean wait, each time."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()  # the Project has been given its roles
        await made(world, role("r", rule("get")), *(role(f"r{n}", rule("list")) for n in range(2)))
        bindings = [binding(f"b{n:04}", f"r{n % 2}") for n in range(998)]
        bindings += [binding("a", "r"), binding("c", "r")]
        await asyncio.gather(*(world.store.create(each, actor="test") for each in bindings))
        store = Counting(world.store)
        decides = Authorizer(store)
        found = await decides.allowed(JO, "get", STAGES)
        assert f'RoleBinding "a/{PROJECT}" of Role "r"' in found.reason
        read = store.reads
        assert not (await decides.allowed(JO, "delete", STAGES)).allowed
        assert store.reads == read + 2  # the other roles, once each
        for _ in range(10):
            await decides.allowed(JO, "delete", STAGES)
        assert store.reads == read + 2
        assert len(await decides.rules_for(JO, PROJECT)) == 2
        assert [where for where, _ in await decides.rights_of(JO) if where] == [PROJECT] * 3
        await world.writer.delete(Ref(scheme.ROLE_BINDING, PROJECT, "a"), USER)
        found = await decides.allowed(JO, "get", STAGES)
        assert f'RoleBinding "c/{PROJECT}" of Role "r"' in found.reason


async def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    """Of thousands of namespaces some are kept, of a user with megabytes of groups nothing, of a large role nothing."""
    async with running(tmp_path) as world:
        kept: Recalled[int] = Recalled(world.store, most_bytes=64 << 10)

        def sized(size: int) -> Any:
            async def read() -> tuple[int, int]:
                return size, size

            return read

        for number in range(1_000):
            await kept.of(number, sized(1 << 10))
        assert len(kept) == 64
        assert await kept.of("large", sized(1 << 20)) == 1 << 20
        assert len(kept) == 64
        store = Counting(world.store)
        decides = Authorizer(store)
        many = User("jo", (AUTHENTICATED, "g" * 10_000))
        await decides.allowed(many, "get", STAGES)
        read = store.reads
        await decides.allowed(many, "get", STAGES)
        assert store.reads == 2 * read
