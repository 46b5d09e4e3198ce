"""Repositories of a few kilobytes that a checkout would make very much of."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

from tests.support.git_server import git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE, LINK, TREE, MODULE = b"100644", b"120000", b"40000", b"160000"
Line = tuple[bytes, bytes, bytes]
"""Mode, name and id of one line of a tree."""


class Maker:
    """Writes objects into a bare repository, without asking git whether they make sense."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository

    def _store(self, kind: str, data: bytes) -> bytes:
        whole = f"{kind} {len(data)}\0".encode() + data
        name = hashlib.sha1(whole, usedforsecurity=False)
        path = self._repository / "objects" / name.hexdigest()[:2] / name.hexdigest()[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(whole, 1))
        return name.digest()

    def blob(self, data: bytes) -> bytes:
        """Store a file."""
        return self._store("blob", data)

    def tree(self, lines: Sequence[Line]) -> bytes:
        """Store a tree; its lines are sorted as git does."""
        ordered = sorted(lines, key=lambda line: line[1] + (b"/" if line[0] == TREE else b""))
        return self._store("tree", b"".join(b"%b %b\0%b" % line for line in ordered))

    def commit(self, tree: bytes, branch: str = "main") -> str:
        """Store a commit of a tree and have a branch lead to it."""
        who = "Seed <seed@example.com> 1700000000 +0000"
        text = f"tree {tree.hex()}\nauthor {who}\ncommitter {who}\n\nBomb\n"
        commit = self._store("commit", text.encode()).hex()
        git(self._repository, "update-ref", f"refs/heads/{branch}", commit)
        return commit

    def nested(self, fan: int, levels: int, blob: bytes = b"x") -> bytes:
        """Store a tree that stands for `fan ** (levels + 1)` files of one content."""
        content = self.blob(blob)
        tree = self.tree([(FILE, b"f%d" % number, content) for number in range(fan)])
        for _ in range(levels):
            tree = self.tree([(TREE, b"d%d" % number, tree) for number in range(fan)])
        return tree

    def chain(self, depth: int, name: bytes = b"d") -> bytes:
        """Store a tree of so many folders in one another, with one file."""
        tree = self.tree([(FILE, b"f", self.blob(b"x"))])
        for _ in range(depth):
            tree = self.tree([(TREE, name, tree)])
        return tree
