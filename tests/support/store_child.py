"""A process that works on a store until it is killed: `python -m tests.support.store_child WHAT FOLDER [SINCE]`.

It tells what was acknowledged and what its watch saw, one line each, written at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.stores import ACTOR, config_map, opened, owner, secret
from towpath import errors
from towpath.local import keeping
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.store.contract import Store

WRITERS = 6


def tell(*words: object) -> None:
    """Write a line to standard output, unbuffered."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def write(store: Store, writer: int) -> None:
    """Count an object up for ever; now and then delete it, or an owner with dependents."""
    name = f"w{writer}"
    ref = Ref(scheme.CONFIG_MAP, "shop", name)
    try:
        count = int((await store.get(ref)).document["data"]["v"])
    except errors.NotFound:
        count = 0
    while True:
        count += 1
        if count % 7 == 0:
            parent = await store.create(config_map(f"p{writer}-{count}-{os.getpid()}"), actor=ACTOR)
            child = config_map(f"c{writer}-{count}-{os.getpid()}", owners=[owner(parent)])
            await store.create(child, actor=ACTOR)
            await store.delete(parent.ref, actor=ACTOR)
            tell("deleted", parent.ref.name)
        wanted = config_map(name, str(count), labels={"n": str(count % 3)})
        try:
            done = await store.update(wanted, actor=ACTOR)
        except errors.NotFound:
            done = await store.create(wanted, actor=ACTOR)
        tell("wrote", name, count, done.revision)
        sealed = secret(f"s{writer}", f"{count:08}")
        try:
            await store.update(sealed, actor=ACTOR)
        except errors.NotFound:
            await store.create(sealed, actor=ACTOR)


async def follow(store: Store, since: int) -> None:
    """Tell every revision that a watch of ConfigMaps sees."""
    async for event in store.watch(Query(kind=scheme.CONFIG_MAP), since=since):
        if event.object is not None:
            tell("saw", event.revision)


async def work(folder: Path, since: int) -> None:
    """Write and watch until killed."""
    async with opened(folder) as store:
        tell("ready", store.revision())
        async with asyncio.TaskGroup() as group:
            group.create_task(follow(store, since))
            for writer in range(WRITERS):
                group.create_task(write(store, writer))


def main(what: str, folder: Path, since: int) -> None:
    """Do what the first argument says."""
    data, key = folder / "data", folder / "keys" / "key"
    match what:
        case "work":
            asyncio.run(work(folder, since))
        case "backup":
            keeping.back_up(data, key, folder / "new.db")
        case "restore":
            keeping.put_back(folder / "good.db", data, key)
        case "rotate":
            keeping.rotate(data, key)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
