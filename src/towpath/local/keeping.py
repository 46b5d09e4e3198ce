"""Backup, restore and key rotation of a data directory whose server is stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from towpath.errors import NotFound
from towpath.resources.scheme import SCHEME
from towpath.store.sqlite import open_store, restore, rotation
from towpath.store.sqlite.data_directory import DataDirectory
from towpath.store.sqlite.keyring import Keyring

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Backup


def back_up(data: Path, key_file: Path, file: Path) -> Backup:
    """Write a checked copy of a data directory to `file`.

    Raises NotFound if there is no such directory, AlreadyExists if there is a file, Unavailable when the
    directory is in use or damaged, or the copy cannot be written.
    """
    if not (data / "towpath.db").is_file():
        raise NotFound(f"{data}: it is no data directory: there is no towpath.db in it")

    async def copy() -> Backup:
        store = await open_store(data, key_file=key_file, scheme=SCHEME, command="towpath backup")
        try:
            return await store.backup(file)
        finally:
            await store.close()

    return asyncio.run(copy())


def put_back(file: Path, data: Path, key_file: Path) -> restore.Restored:
    """Make a backup the database of a data directory. Raises as `store.sqlite.restore.restore` does."""
    directory = DataDirectory.open(data, command="towpath restore")
    try:
        return restore.restore(file, directory, Keyring.load(key_file))
    finally:
        directory.release()


def rotate(data: Path, key_file: Path) -> rotation.Rotated:
    """Seal everything in a data directory under a new key. Raises NotFound, and as rotation does."""
    if not (data / "towpath.db").is_file():
        raise NotFound(f"{data}: it is no data directory: there is no towpath.db in it")
    directory = DataDirectory.open(data, command="towpath rotate-key")
    try:
        return rotation.rotate(directory, key_file)
    finally:
        directory.release()
