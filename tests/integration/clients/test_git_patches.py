"""What changed between two commits, file by file; what is too much to print is left out, and said to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.git_client import Client, committed
from towpath.clients.git.objects import patches
from towpath.errors import TooLarge

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.clients.git.objects.patches import ChangedFile
    from towpath.clients.git.repository import Repository

BEFORE = {
    "a.txt": "1\n2\n",
    "gone.txt": "x\n",
    "odd name\n.txt": "1\n",
    "same.txt": "s\n",
}
AFTER = {
    "a.txt": "1\n3\ndiff --git a/x b/x\n@@ -1 +1 @@\n",
    "gone.txt": None,
    "odd name\n.txt": "2",
    "bin": "\0\1",
}


@pytest.fixture
async def repository(tmp_path: Path, server: Any) -> Repository:
    """Return a repository with one commit."""
    server.create("app.git", {"README": "r\n"})
    client = Client(tmp_path / "client", server)
    await client.start()
    return client.open(f"{server.url}/app.git")


async def _between(repository: Repository) -> tuple[str, str]:
    base = await committed(repository, None, dict(BEFORE))
    return base, await committed(repository, base, AFTER)


def _shown(found: list[ChangedFile]) -> list[tuple[Any, ...]]:
    return [(each.path, each.added, each.removed, each.is_binary) for each in found]


async def test_files_lines_and_hunks(repository: Repository) -> None:
    """Contents that look like headers are none; a name may be any."""
    base, head = await _between(repository)
    found = await patches.between(repository.mirror, base, head)
    assert _shown(found) == [
        ("a.txt", 3, 1, False),
        ("bin", 0, 0, True),
        ("gone.txt", 0, 1, False),
        ("odd name\n.txt", 1, 1, False),
    ]
    assert [each.patch for each in found] == [
        "@@ -1,2 +1,4 @@\n 1\n-2\n+3\n+diff --git a/x b/x\n+@@ -1 +1 @@\n",
        "",
        "@@ -1 +0,0 @@\n-x\n",
        "@@ -1 +1 @@\n-1\n+2\n\\ No newline at end of file\n",
    ]
    assert not any(each.is_cut for each in found)
    new = await patches.between(repository.mirror, None, base)
    assert [each.path for each in new] == sorted(BEFORE)
    assert await patches.between(repository.mirror, base, base) == []


async def test_too_many_files_and_too_many_lines(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are told of all the same, without their hunks; a long hunk is cut."""
    base, head = await _between(repository)
    whole = _shown(await patches.between(repository.mirror, base, head))
    monkeypatch.setattr(patches, "MOST_PATCH_BYTES", 5)
    found = await patches.between(repository.mirror, base, head)
    assert [(each.patch, each.is_cut) for each in found] == [
        ("@@ -1", True), ("", False), ("@@ -1", True), ("@@ -1", True),
    ]  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(patches, "_MOST_FILES_SHOWN", 3)
        found = await patches.between(repository.mirror, base, head)
    assert _shown(found) == whole
    assert [(each.patch, each.is_cut) for each in found] == [
        ("", True), ("", False), ("", True), ("", True),
    ]  # fmt: skip
    mirror = repository.mirror
    name = "reach" if mirror.options.blobless else "run"
    run = getattr(mirror, name)

    async def bounded(*arguments: str, **more: Any) -> Any:
        if "--unified=3" in arguments:
            raise TooLarge("git printed more than the 67108864 bytes allowed and was ended")
        return await run(*arguments, **more)

    monkeypatch.setattr(mirror, name, bounded)
    found = await patches.between(repository.mirror, base, head)
    assert _shown(found) == whole
    assert [each.patch for each in found] == [""] * 4
