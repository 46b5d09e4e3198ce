"""Tells objects that surely are sound and harmless, so that they need not be looked at by `git fsck` before they are kept.

It knows plain commits, trees and files. Whatever is rare, is old, or could be a trick is not said to be bad here: git
is to look at it, by the rules that it has of all of them (fsck-msgids in git's documentation).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from towpath.clients.git.objects.objects import EXECUTABLE, FILE, LINK, MODULE
from towpath.clients.git.objects.stored import TREE

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERSON: Final = rb"[^<>\n\0]+ <[^<>\n\0]*> (?:0|[1-9][0-9]{0,10}) [+-][0-9]{4}"
_COMMIT: Final = re.compile(
    rb"tree [0-9a-f]{40}\n(?:parent [0-9a-f]{40}\n)*author " + _PERSON + rb"\ncommitter " + _PERSON
    # Signatures and the like, which may go on in lines that begin with a space.
    + rb"\n(?:(?:gpgsig|gpgsig-sha256|encoding|mergetag|HG:[a-z]+|change-id)(?: [^\n\0]*)?\n(?: [^\n\0]*\n)*)*\n"
)  # fmt: skip
_MODES: Final = {
    b"100644": FILE,
    b"100755": EXECUTABLE,
    b"120000": LINK,
    b"160000": MODULE,
    b"40000": TREE,
}
_PLAIN: Final = (FILE, EXECUTABLE)
_ATTRIBUTES: Final = b".gitattributes"
_OF_GIT: Final = frozenset(
    {_ATTRIBUTES, b".gitignore", b".gitkeep", b".gitlab-ci.yml", b".git-blame-ignore-revs"}
)
"""Files that may begin so; of the rest git has to say what they are."""
_FOLDERS_OF_GIT: Final = frozenset({b".github", b".gitlab", b".gitea"})
_INVISIBLE: Final = (b"\xe2\x80", b"\xe2\x81", b"\xef\xbb\xbf")
"""What some file systems leave out of names, so that `.git` may be spelt with it."""
_LONGEST_NAME: Final = 255
_LONGEST_RULE: Final = 2048
"""Bytes of a line of `.gitattributes`."""
_NO_ID: Final = bytes(20)


def is_sound(found: Mapping[str, tuple[str, bytes]]) -> bool:
    """Whether these objects, kind and bytes by id, surely are sound; false: git has to look at them."""
    attributes: set[str] = set()
    for kind, content in found.values():
        if kind == "commit":
            if not _is_commit(content):
                return False
        elif kind == "tree":
            if not _is_tree(content, attributes):
                return False
        elif kind != "blob":
            return False
    return all(_are_rules(found.get(name)) for name in attributes)


def _is_commit(content: bytes) -> bool:
    head = _COMMIT.match(content)
    return head is not None and b"\0" not in content


def _is_tree(content: bytes, attributes: set[str]) -> bool:
    """Whether a tree is sound; the ids of `.gitattributes` in it are added to those."""
    at, end = 0, len(content)
    before = b""
    names: set[bytes] = set()
    while at < end:
        space = content.find(b" ", at, at + 8)
        nul = content.find(b"\0", space, space + _LONGEST_NAME + 2)
        if space < 0 or nul < 0 or nul + 21 > end:
            return False
        mode = _MODES.get(content[at:space])
        name, found = content[space + 1 : nul], content[nul + 1 : nul + 21]
        if mode is None or found == _NO_ID or not _is_plain(name, mode) or name in names:
            return False
        # Git sorts a folder as if its name ended with a slash.
        ordered = name + b"/" if mode == TREE else name
        if ordered <= before:
            return False
        if name == _ATTRIBUTES:
            attributes.add(found.hex())
        names.add(name)
        before, at = ordered, nul + 21
    return True


def _is_plain(name: bytes, mode: int) -> bool:
    if not name or b"/" in name or b"\\" in name or name in (b".", b".."):
        return False
    if name[:1] in b"gG" and b"~" in name:
        return False  # as Windows shortens names
    if any(each in name for each in _INVISIBLE):
        return False
    if name[:4].lower() != b".git":
        return True
    return (name in _OF_GIT and mode in _PLAIN) or (name in _FOLDERS_OF_GIT and mode == TREE)


def _are_rules(found: tuple[str, bytes] | None) -> bool:
    """Whether a `.gitattributes` is harmless.

    One that has not come was looked at when it came: where it was not a file of that name before, `wholeness` says no.
    """
    if found is None:
        return True
    kind, content = found
    return kind == "blob" and all(len(each) < _LONGEST_RULE for each in content.split(b"\n"))
