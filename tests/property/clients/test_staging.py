"""Our commit of a work tree has the tree that `git add --all` and `git commit` make of the same work tree."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from tests.support import git_client, work_trees
from tests.support.examples import examples
from tests.support.git_server import GitServer
from tests.support.work_trees import EXECUTABLE, FILE, Case, Impossible, Step

CRLF = b"# c\r\nimage:\r\n  tag: v1 # keep\r\nb: x\r\n"


async def _same(
    client: git_client.Client, server: GitServer, case: Case, branch: str, *, opaque: bool = False
) -> None:
    try:
        pair = await work_trees.pair(client, server, "app.git", case, branch)
    except Impossible:
        return
    try:
        pair.tree.opaque = opaque
        assert work_trees.listed(pair.tree.path) == work_trees.listed(pair.plain)
        for step in [*case.steps, Step("commit")]:
            if step.kind != "commit":
                await pair.do(step)
                continue
            expected, made = await pair.staged()
            assert made == expected, pair.told(expected, made)
            if made is None:
                return
            await pair.commit()
    except Impossible:
        return
    finally:
        pair.end()
        await client.repositories.give_back(pair.tree)
        await asyncio.gather(*client.pool._tasks)


def _run(how: settings, longest: int) -> None:
    """Draw cases for one client: its mirror and its pool go from one to the next, as they do for Promotions."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        server = GitServer(Path(folder) / "server")
        server.create("app.git")
        client = git_client.Client(Path(folder) / "client", server, allow_file=True)
        runner.run(client.start())
        numbers = itertools.count()

        @how
        @given(work_trees.cases(longest))
        @example(  # a link that leads back to itself, and a file below it
            Case(
                {"a.txt": (FILE, b"")},
                [Step("link", "dir", b"dir/c.txt"), Step("write", "dir/.gitignore", b"", None)],
            )
        )
        @example(
            Case(
                {".gitattributes": (FILE, b"* text=auto\n"), "values.yaml": (FILE, CRLF)},
                [Step("write", "values.yaml", CRLF.replace(b"v1", b"1.2.0"))],
            )
        )
        @example(
            Case(
                {'"q".txt': (FILE, b"1"), "run": (EXECUTABLE, b"1")},
                [Step("write", '"q".txt', b"2"), Step("write", "run", b"2")],
            )
        )
        @example(  # what could not be written leaves nothing behind
            Case({"dir/c.txt": (FILE, b"1")}, [Step("write", "dir", b"2")])
        )
        @example(  # what is ignored stays out once its deletion was committed
            Case(
                {"x.log": (FILE, b"1"), ".gitignore": (FILE, b"*.log\n")},
                [Step("delete", "x.log"), Step("commit"), Step("write", "x.log", b"2")],
            )
        )
        def same(case: Case) -> None:
            runner.run(_same(client, server, case, f"b{next(numbers)}"))

        try:
            same()
        finally:
            runner.run(client.repositories.close())
            runner.run(git_client.closed())


_HOW = settings(suppress_health_check=list(HealthCheck))


def test_a_commit_has_the_tree_that_git_makes() -> None:
    """Whatever attributes, modes, links, line ends, encodings, ignored files, folders and names there are."""
    _run(settings(_HOW, max_examples=examples(25)), longest=5)


@pytest.mark.soak
def test_a_commit_has_the_tree_that_git_makes_for_long() -> None:
    """The same with more of each."""
    _run(settings(_HOW, max_examples=1_000), longest=10)
