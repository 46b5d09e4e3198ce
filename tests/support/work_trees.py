"""Two work trees of one commit, to which the same is done: one of plain git's, one of ours.

What is compared is the tree that `git add --all` and a commit make of each.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hypothesis import strategies as st

from tests.support import git_client
from tests.support.git_server import git
from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.git_client import Client
    from tests.support.git_server import GitServer
    from towpath.clients.git.worktrees.worktree import WorkTree

FILE, EXECUTABLE, LINK, MODULE = "100644", "100755", "120000", "160000"

_BOM16LE, _BOM16BE = b"\xff\xfe", b"\xfe\xff"

_LINES = [
    b"a: 1\n", b"a: 2\r\n", b"c\r", b"\n", b"\r\n", b"plain", b"\0", b"$Id$\n", b"$Id: 0123 $\r\n",
    b"$Id: broken\n", b"\xef\xbb\xbf", b"\x1a", b"\xff\xfe", "h\u00e9\n".encode(), b"version https://git-lfs\n",
]  # fmt: skip

_TEXTS = ["a: 1\n", "a: 1\r\nb: 2\r\n", "h\u00e9\r\nx\n", ""]

contents = st.one_of(
    st.lists(st.sampled_from(_LINES), max_size=5).map(b"".join),
    st.sampled_from(_TEXTS).map(str.encode),
    st.sampled_from(_TEXTS).map(lambda text: _BOM16LE + text.encode("utf-16-le")),
    st.sampled_from(_TEXTS).map(lambda text: _BOM16BE + text.encode("utf-16-be")),
    st.sampled_from(_TEXTS).map(lambda text: text.encode("utf-16-le")),
)

_PATTERNS = ["*", "*.txt", "*.yaml", "dir/*", "/a.txt", "sub/**", '"\\"q\\".txt"', "dir", "A.TXT"]
_SETTINGS = [
    "text", "text=auto", "-text", "!text", "eol=crlf", "eol=lf", "text eol=crlf", "text=auto eol=crlf",
    "text=auto eol=lf", "binary", "-binary", "ident", "-ident", "filter=lfs", "filter=none diff merge", "crlf", "-crlf",
    "crlf=input", "working-tree-encoding=UTF-16", "working-tree-encoding=UTF-16LE-BOM", "text working-tree-encoding=UTF-16BE",
    "working-tree-encoding=UTF-16LE eol=crlf", "working-tree-encoding=nonsense", "working-tree-encoding", "export-ignore",
    "export-subst", "mine", "-mine", "whitespace=cr-at-eol",
]  # fmt: skip
_MACROS = ["[attr]mine text=auto eol=crlf", "[attr]mine -text ident", "[attr]binary text"]

attributes = st.builds(
    lambda macros, rules, end: "".join(f"{line}{end}" for line in (*macros, *rules)).encode(),
    st.lists(st.sampled_from(_MACROS), max_size=1),
    st.lists(
        st.builds("{} {}".format, st.sampled_from(_PATTERNS), st.sampled_from(_SETTINGS)),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["\n", "\r\n"]),
)

_IGNORED = ["*.log", "a.txt", "dir/", "/b.yaml", "!*.txt", "!keep.log", "sub/*", "!sub/d.yaml", "*"]
ignoring = st.lists(st.sampled_from(_IGNORED), min_size=1, max_size=3).map(
    lambda lines: "".join(f"{line}\n" for line in lines).encode()
)

_PLAIN = [
    "a.txt", "b.yaml", "A.TXT", "dir/c.txt", "dir/sub/d.yaml", "sub/d.yaml", "x.log", "keep.log", "dir/y.log",
    '"q".txt', '"unclosed', "new\nline.txt", "tab\t.yaml", os.fsdecode(b"odd\xff.txt"), "caf\u00e9.txt",
    "cafe\u0301.txt", ":colon.txt", ":(top)x", "-dash.txt", "sp ace.yaml", "*star.txt", "[ab].txt", "back\\slash",
    "a,b.txt", "dir", "a.txt/inner.yaml", "link", "sub", "module",
]  # fmt: skip
paths = st.sampled_from(_PLAIN)
_ATTRIBUTE_PATHS = st.sampled_from([".gitattributes", ".gitattributes", "dir/.gitattributes"])
_IGNORE_PATHS = st.sampled_from([".gitignore", "dir/.gitignore"])
_TARGETS = st.sampled_from(["a.txt", "dir", "dir/c.txt", "nowhere", "../outside", "/etc"])


@dataclass(frozen=True)
class Step:
    """One thing that is done to both."""

    kind: Literal["write", "delete", "place", "link", "mode", "folder", "remove", "clear", "commit"]
    path: str = ""
    data: bytes = b""
    executable: bool | None = None


def _file(path: st.SearchStrategy[str], data: st.SearchStrategy[bytes]) -> st.SearchStrategy[Step]:
    modes = st.sampled_from([None, None, True, False])
    return st.builds(Step, st.just("write"), path, data, modes)


through_us = st.one_of(
    _file(paths, contents),
    _file(paths, contents),
    _file(_ATTRIBUTE_PATHS, attributes),
    _file(_IGNORE_PATHS, ignoring),
    st.builds(Step, st.just("delete"), st.one_of(paths, _ATTRIBUTE_PATHS, _IGNORE_PATHS)),
    st.just(Step("commit")),
)
"""What steps of a Promotion do, each file through our file API."""

by_a_program = st.one_of(
    st.builds(Step, st.just("place"), paths, contents),
    st.builds(Step, st.just("link"), paths, _TARGETS.map(str.encode)),
    st.builds(Step, st.just("mode"), paths, executable=st.booleans()),
    st.builds(Step, st.just("folder"), paths),
    st.builds(Step, st.just("remove"), paths),
    st.just(Step("clear")),
)
"""What other programs may do, and `git-clear`."""

base = st.builds(
    lambda files, attributes_, ignores, links: files | links | ignores | attributes_,
    st.dictionaries(
        paths,
        st.tuples(st.sampled_from([FILE, FILE, EXECUTABLE]), contents),
        min_size=2,
        max_size=7,
    ),
    st.dictionaries(_ATTRIBUTE_PATHS, st.tuples(st.just(FILE), attributes), max_size=2),
    st.dictionaries(_IGNORE_PATHS, st.tuples(st.just(FILE), ignoring), max_size=1),
    st.dictionaries(
        st.sampled_from(["link", "dir/link"]),
        st.tuples(st.just(LINK), _TARGETS.map(str.encode)),
        max_size=1,
    ),
)
"""The files of a commit: path → mode and blob as it is stored, whatever the attributes say."""


@dataclass(frozen=True)
class Case:
    """A commit and what is done to work trees of it."""

    files: dict[str, tuple[str, bytes]]
    steps: list[Step]
    has_module: bool = False
    info: tuple[bytes, bytes] = (b"", b"")
    """`info/attributes` and `info/exclude` of the repository."""


def cases(longest: int) -> st.SearchStrategy[Case]:
    """Draw cases; in half of them everything goes through our file API."""
    info = st.one_of(
        st.just((b"", b"")), st.tuples(attributes, st.just(b"")), st.tuples(st.just(b""), ignoring)
    )
    short = st.lists(through_us, min_size=1, max_size=longest)
    mixed = st.lists(st.one_of(through_us, by_a_program), min_size=1, max_size=longest)
    return st.builds(Case, base, st.one_of(short, mixed), st.booleans(), info)


def stored(server: GitServer, name: str, case: Case, branch: str) -> str:
    """Make a commit of a case's files on a new branch, byte for byte, and return it."""
    lines = [
        f"commit refs/heads/{branch}\n".encode(),
        b"committer Seed <seed@example.com> 1700000000 +0000\n",
        b"data 0\n",
    ]
    for path, (mode, data) in _without_clashes(case).items():
        lines.append(f"M {mode} inline ".encode() + _quoted(path) + b"\n")
        lines.append(b"data %d\n" % len(data) + data + b"\n")
    if case.has_module:
        lines.append(f"M {MODULE} {'1' * 40} module\n".encode())
    _raw(server.path(name), "fast-import", "--quiet", stdin=b"".join(lines))
    return server.head(name, branch)


def _quoted(path: str) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"' + os.fsencode(escaped) + b'"'


def _without_clashes(case: Case) -> dict[str, tuple[str, bytes]]:
    """Drop files below another file; a folder wins."""
    names = [*case.files, *(["module"] if case.has_module else [])]
    return {
        path: entry
        for path, entry in case.files.items()
        if not any(other.startswith(f"{path}/") for other in names)
        and not (case.has_module and (path == "module" or path.startswith("module/")))
    }


@dataclass
class Pair:
    """The work tree of plain git and ours."""

    plain: Path
    tree: WorkTree
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Have it settle after each command of git in ours: several may write git's index, one after the other."""
        run = self.tree._git

        async def settled(*arguments: str, **how: Any) -> bytes:
            printed = await run(*arguments, **how)
            self.settle()
            return printed

        setattr(self.tree, "_git", settled)  # noqa: B010 - for this object alone

    async def do(self, step: Step) -> None:
        """Do a step to both, or to none where the file API refuses it. Raises Impossible."""
        tree = self.tree
        match step.kind:
            case "write" | "delete":
                try:
                    if step.kind == "write":
                        await tree.write(step.path, step.data, executable=step.executable)
                    else:
                        await tree.delete(step.path)
                except errors.TowpathError:
                    return
                place = _resolved(self.plain, step.path, follow=step.kind == "write")
                if step.kind == "write":
                    _write(place, step.data, step.executable)
                else:
                    place.unlink()
            case "clear":
                with _failing() as plain:
                    _raw(self.plain, "add", "--all", ".")
                    self.settle()
                    _raw(self.plain, "rm", "-rfq", "--ignore-unmatch", ".")
                with _failing() as ours:
                    await tree.clear()
                _both(plain, ours)
            case _:
                tree.opaque = True
                for root in (self.plain, tree.path):
                    _PROGRAMS[step.kind](root / step.path, step)
        self.settle()

    def settle(self) -> None:
        """Let no file seem to be as new as git's index.

        Else git reads it again, and what a `.gitattributes` says of a file that nobody wrote counts or not by chance.
        """
        later = time.time() + 3600
        for index in (self.plain / ".git" / "index", self.tree.admin / "index"):
            if index.exists():
                os.utime(index, (later, later))

    async def staged(self) -> tuple[str | None, str | None]:
        """Return the tree that git makes and the one we make; None where that fails."""
        try:
            _raw(self.plain, "add", "--all")
            self.settle()
            expected: str | None = _raw(self.plain, "write-tree", "--missing-ok")
        except subprocess.CalledProcessError as error:
            self.failed.append(error.stderr.decode(errors="replace"))
            expected = None
        try:
            made: str | None = await self.tree.stage()
        except errors.TowpathError as error:
            self.failed.append(str(error))
            made = None
        self.settle()
        return expected, made

    async def commit(self) -> None:
        """Commit in both."""
        _raw(self.plain, "commit", "--quiet", "--allow-empty", "-m", "x")
        await self.tree.commit(
            message="x", author=git_client.ANA, committer=git_client.BOT, when=git_client.WHEN
        )
        self.settle()

    def end(self) -> None:
        """Take what was written into the mirror away again."""
        shutil.rmtree(self.tree.mirror.directory / "info", ignore_errors=True)

    def told(self, expected: str | None, made: str | None) -> str:
        """Say in what two trees differ, for people."""
        if expected is None or made is None:
            return "\n".join(self.failed)
        listed = _raw(self.plain, "ls-tree", "-r", expected)
        ours = _raw(self.tree.mirror.directory, "ls-tree", "-r", made)
        return f"git:\n{listed}\nours:\n{ours}"


class Impossible(Exception):  # noqa: N818 - no error: it is the same for both
    """Git cannot do it, and we neither."""


@contextlib.contextmanager
def _failing() -> Iterator[list[Exception]]:
    """Put what fails into a list."""
    failed: list[Exception] = []
    try:
        yield failed
    except (subprocess.CalledProcessError, errors.TowpathError) as error:
        failed.append(error)


def _both(plain: list[Exception], ours: list[Exception]) -> None:
    """Raise Impossible where both failed."""
    assert bool(plain) == bool(ours), (plain, ours)
    if plain:
        raise Impossible


async def pair(client: Client, server: GitServer, name: str, case: Case, branch: str) -> Pair:
    """Check a case's commit out twice. Raises Impossible."""
    commit = stored(server, name, case, branch)
    plain = client.root / "plain"
    shutil.rmtree(plain, ignore_errors=True)
    git(client.root, "init", "--quiet", "plain")
    alternates = plain / ".git" / "objects" / "info" / "alternates"
    alternates.write_text(f"{server.path(name) / 'objects'}\n")
    with _failing() as theirs:
        _raw(plain, "reset", "--quiet", "--hard", commit)
    repository = client.open(f"file://{server.path(name)}")
    with _failing() as ours:
        tree = await repository.checkout(
            await repository.resolve(branch=branch), path=client.work(), project="p"
        )
    _both(theirs, ours)
    for info in (plain / ".git" / "info", repository.mirror.directory / "info"):
        shutil.rmtree(info, ignore_errors=True)
        info.mkdir()
        for file, data in zip(("attributes", "exclude"), case.info, strict=True):
            if data:
                (info / file).write_bytes(data)
    made = Pair(plain, tree)
    made.settle()
    return made


def listed(root: Path) -> dict[str, tuple[int, bytes]]:
    """Return modes and contents of everything in a work tree."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in [*files, *folders]:
            path = Path(folder, name)
            relative = str(path.relative_to(root))
            if relative.split("/", 1)[0] == ".git":
                continue
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                found[relative] = (stat.S_IFMT(mode), os.fsencode(path.readlink()))
            else:
                is_file = stat.S_ISREG(mode)
                found[relative] = (
                    stat.S_IFMT(mode) | (mode & 0o100),
                    path.read_bytes() if is_file else b"",
                )
    return found


def _resolved(root: Path, path: str, *, follow: bool) -> Path:
    target = root / path
    return target.resolve() if follow else target.parent.resolve() / target.name


def _write(target: Path, data: bytes, executable: bool | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    if executable is not None:
        mode = 0o755 if executable else 0o644
    beside = target.parent / ".plain-new"
    beside.write_bytes(data)
    beside.chmod(mode)
    beside.replace(target)


def _room(path: Path) -> bool:
    """Take away what is at a path, and files in the place of its folders; say whether it is a path at all."""
    for above in reversed(path.parents):
        if above.is_symlink():
            return False
        if above.is_file():
            above.unlink()
        above.mkdir(exist_ok=True)
    _remove(path)
    return True


def _remove(path: Path) -> None:
    if any(above.is_symlink() for above in path.parents):
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.parent.is_dir():
        path.unlink(missing_ok=True)


def _place(path: Path, step: Step) -> None:
    if _room(path):
        path.write_bytes(step.data)


def _link(path: Path, step: Step) -> None:
    if _room(path):
        path.symlink_to(os.fsdecode(step.data))


def _mode(path: Path, step: Step) -> None:
    if path.is_file() and not path.is_symlink() and _is_own(path):
        path.chmod(0o755 if step.executable else 0o644)


def _is_own(path: Path) -> bool:
    return not any(above.is_symlink() for above in path.parents)


def _folder(path: Path, _: Step) -> None:
    if _room(path):
        path.mkdir()


_PROGRAMS: dict[str, Callable[[Path, Step], None]] = {
    "place": _place,
    "link": _link,
    "mode": _mode,
    "folder": _folder,
    "remove": lambda path, _: _remove(path),
}


def _raw(
    directory: Path, *arguments: str, stdin: bytes = b"", variables: dict[str, str] | None = None
) -> str:
    """Run plain git in surroundings of its own. Raises CalledProcessError."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Seed", "GIT_AUTHOR_EMAIL": "s@example.com",
        "GIT_COMMITTER_NAME": "Seed", "GIT_COMMITTER_EMAIL": "s@example.com",
    }  # fmt: skip
    finished = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=environment | (variables or {}),
        input=stdin,
        capture_output=True,
        check=True,
    )
    return os.fsdecode(finished.stdout).strip()
