"""What may be handed to git as a branch, tag, commit or path, decided before git sees it.

Git reads an argument that begins with `-` as an option and gives meaning to `:`, `^` and `..`; names come
from manifests, so all that is refused here. Names follow
`git check-ref-format`, narrowed by the leading dash.
"""

from __future__ import annotations

from typing import Final

from towpath import errors

MAX_NAME_BYTES: Final = 255
"""A longer name cannot be stored as a file on common disks."""

MAX_PATH_BYTES: Final = 4096

_FORBIDDEN: Final = frozenset(" ~^:?*[\\\x7f") | {chr(number) for number in range(32)}
_HEX: Final = frozenset("0123456789abcdef")
_GLOB: Final = frozenset("*?[]{}!\\")


def branch(name: str) -> str:
    """Return `name` if it can be a branch; else raise BadRequest that says why."""
    if name.startswith("refs/"):
        raise errors.BadRequest(
            f"branch {name!r} begins with refs/; give the branch's name alone, such as 'main'"
        )
    return _name("branch", name)


def tag(name: str) -> str:
    """Return `name` if it can be a tag; else raise BadRequest that says why."""
    return _name("tag", name)


def commit(sha: str) -> str:
    """Return `sha`, lower-cased, if it is a full or shortened (at least 7 digits) object id; else raise BadRequest."""
    lowered = sha.lower()
    if not 7 <= len(lowered) <= 64 or not _HEX.issuperset(lowered):
        raise errors.BadRequest(f"commit {sha[:80]!r} is not 7 to 64 hexadecimal digits")
    return lowered


def full_commit(sha: str) -> str:
    """Return `sha`, lower-cased, if it is a full object id (40 or 64 digits); else raise BadRequest."""
    lowered = commit(sha)
    if len(lowered) not in (40, 64):
        raise errors.BadRequest(f"commit {sha!r} is shortened; 40 or 64 digits are needed here")
    return lowered


def path(name: str) -> str:
    """Return `name` if it can be a file inside a commit; else raise BadRequest that says why.

    Paths are relative, separated by `/`, and no part is empty, `.`, `..` or any spelling of `.git`.
    """
    parts = name.split("/")
    if not name or "\0" in name or len(name.encode("utf-8", "surrogateescape")) > MAX_PATH_BYTES:
        raise errors.BadRequest(
            f"path {name[:80]!r} is empty, longer than 4096 bytes or holds a NUL"
        )
    if any(part in ("", ".", "..") for part in parts):
        raise errors.BadRequest(
            f"path {name[:80]!r} is not plain: it has an empty part, '.' or '..', or begins with '/'"
        )
    if any(_is_dot_git(part) for part in parts):
        raise errors.BadRequest(f"path {name[:80]!r} lies inside .git, which no step may write")
    return name


def directory(name: str) -> str:
    """Return `name` without outer slashes if it can be a sparse directory (cone mode); else raise BadRequest.

    Absolute names, `..` and glob characters are refused.
    """
    if name.startswith("/"):
        raise errors.BadRequest(
            f"sparse directory {name!r} is absolute; give it from the root of the repository"
        )
    if _GLOB.intersection(name):
        raise errors.BadRequest(
            f"sparse directory {name!r} holds a glob character; name directories"
        )
    if any(ord(character) < 32 for character in name) or '"' in name:
        raise errors.BadRequest(f"sparse directory {name!r} holds a control character or quote")
    return path(name.removeprefix("./").rstrip("/"))


def _name(kind: str, name: str) -> str:
    reason = _fault(name)
    if reason:
        raise errors.BadRequest(f"{kind} {name[:80]!r} is not a valid name: {reason}")
    return name


def _fault(name: str) -> str:
    if not name or name in ("@", "HEAD"):
        return "it is empty or a word with another meaning"
    if name.startswith("-"):
        return "it begins with '-'"
    try:
        if len(name.encode()) > MAX_NAME_BYTES:
            return f"it is longer than {MAX_NAME_BYTES} bytes"
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    if _FORBIDDEN.intersection(name):
        return "it holds a space, a control character or one of ~^:?*[\\"
    if ".." in name or "@{" in name:
        return "it holds '..' or '@{'"
    if name.endswith("."):
        return "it ends with '.'"
    for part in name.split("/"):
        if not part:
            return "it begins or ends with '/', or holds '//'"
        if part.startswith(".") or part.endswith(".lock"):
            return "a part of it begins with '.' or ends with '.lock'"
    return ""


def _is_dot_git(part: str) -> bool:
    """Whether a file system that folds case or shortens names could take `part` for `.git`."""
    folded = "".join(
        c for c in part if c not in "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"
    )
    folded = folded.casefold().split(":")[0].rstrip(". ")
    return folded in (".git", "git~1")
