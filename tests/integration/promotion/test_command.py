"""The step `command`: programs that the operator allows, JSON in and out, and nothing that they do goes further."""

from __future__ import annotations

import asyncio
import json
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.support import steps
from tests.support.waiting import until_async
from towpath.clients.confinement.allowed_program import AllowedProgram
from towpath.errors import Timeout
from towpath.promotion.disclosed import Disclosed
from towpath.promotion.disk_room import DiskRoom
from towpath.promotion.programs import Programs
from towpath.promotion.step import Errored, Failed, Succeeded
from towpath.promotion.steps.command import Command, read_output
from towpath.promotion.work_directory import WorkDirectory

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome


PYTHON = (Path(sys.prefix), Path(sys.base_prefix))
"""What the programs here are made of."""


def _allowed(tmp_path: Path, code: str, **more: Any) -> WorkDirectory:
    """Return a work directory whose one program, `it`, is some Python."""
    root, file = tmp_path / "work", tmp_path / "it"
    root.mkdir(exist_ok=True)
    file.write_text(f"#!{sys.executable}\n{textwrap.dedent(code)}")
    file.chmod(0o755)
    room = DiskRoom(root, more.pop("disk", 64 << 20))
    read = (*more.pop("read", ()), *PYTHON)
    allowed = AllowedProgram(program=file, read=read, **more)
    programs = Programs(allowed={"it": allowed}, look_seconds=0.05)
    return WorkDirectory(root, room=room, programs=programs)


async def _run(
    tmp_path: Path, code: str, config: dict[str, Any] | None = None, **more: Any
) -> Outcome:
    directory = _allowed(tmp_path, code, **more)
    given = {"name": "it", **(config or {})}
    return await steps.run(
        Command(), directory.root, given, directory=directory, freight=[{"name": "f"}]
    )


async def test_it_is_told_what_it_is_for_and_its_answer_is_the_output(tmp_path: Path) -> None:
    """One document in, one out; arguments of the operator come first, and the environment is its own."""
    code = """
    import json, os, sys
    given = json.load(sys.stdin)
    home = os.environ["HOME"]
    json.dump({"given": given, "args": sys.argv[1:], "home": os.listdir(home),
               "names": sorted(os.environ), "cwd": os.path.basename(os.getcwd())}, sys.stdout)
    print("done", file=sys.stderr)
    """
    (tmp_path / "work/a").mkdir(parents=True)
    config = {"args": ["--x", "$(y)"], "input": {"n": [1, "é"]}, "workingDirectory": "a"}
    said = await _run(tmp_path, code, config, arguments=("first",))
    assert isinstance(said, Succeeded)
    assert said.message == "done"
    assert said.output is not None
    assert said.output["given"] == {
        "project": "shop",
        "stage": "test",
        "promotion": "test.01jzzzzzzzzzzzzzzzzzzzzzzz.abcdef0",
        "freight": [{"name": "f"}],
        "input": {"n": [1, "é"]},
    }
    assert said.output["args"] == ["first", "--x", "$(y)"]
    assert said.output["home"] == []
    assert said.output["cwd"] == "a"
    own = {"PATH", "HOME", "TMPDIR", "LANG", "LC_CTYPE", "GIT_ALLOW_PROTOCOL", "PWD", "SHLVL", "_"}
    assert {each for each in said.output["names"] if not each.lower().endswith("_proxy")} <= own


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("pass", Succeeded, ""),
        ("import sys; sys.exit('not on a Friday')", Failed, "it said no: not on a Friday"),
        ("raise SystemExit(1)", Failed, "it said no: and not why"),
        ("raise SystemExit(3)", Errored, "it ended with exit code 3"),
        ("raise SystemExit(95)", Errored, "it ended with exit code 95"),
        ("import os; os.kill(os.getpid(), 15)", Errored, "it was ended by signal 15"),
        ("print('hello')", Errored, "it put out no JSON"),
        ("print('[1]')", Errored, "JSON that is no object"),
        ("print('{} {}')", Errored, "it put out no JSON"),
        ("""print('{"a": NaN}')""", Errored, "it put out no JSON"),
        ('import os; os.write(1, b\'{"a": "\\xff"}\')', Errored, "it put out no JSON"),
        ("""print('{"a":' * 101 + '1' + '}' * 101)""", Errored, "more than 100 levels deep"),
        ("""print('{"a":' * 5_000 + '1' + '}' * 5_000)""", Errored, "too deep to be read"),
    ],
)
async def test_what_it_says_is_what_it_comes_to(
    tmp_path: Path, code: str, kind: type, said: str
) -> None:
    """By its exit code and its output."""
    outcome = await _run(tmp_path, code)
    assert isinstance(outcome, kind), outcome
    assert said in steps.told(outcome)
    assert not isinstance(outcome, Errored) or not outcome.final


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            {"name": "its"},
            'no program "its" (`commands` in the server\'s configuration file); did you mean "it"?',
        ),
        ({"name": "/bin/sh"}, 'there is "it"'),
        ({"timeout": "10m"}, "config.timeout: 10m is not between no time and the 60 s"),
        ({"timeout": "0s"}, "config.timeout"),
        ({"timeout": "soon"}, "config.timeout"),
    ],
)
async def test_what_is_not_allowed_is_final(
    tmp_path: Path, config: dict[str, Any], said: str
) -> None:
    """And says what is."""
    outcome = await _run(tmp_path, "pass", config)
    assert isinstance(outcome, Errored)
    assert outcome.final
    assert said in outcome.message


async def test_it_is_off_unless_the_operator_lists_programs(tmp_path: Path) -> None:
    """Which the message says."""
    outcome = await steps.run(Command(), tmp_path, {"name": "sh"})
    assert outcome == Errored(
        message='config.name: "sh" is not allowed, as no program is; the operator allows programs by `commands` in the '
        "server's configuration file",
        final=True,
    )


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """As the manifest has it; one that would lie outside is inside."""
    outcome = await _run(tmp_path, "pass", {"workingDirectory": "../../nowhere"})
    assert "../../nowhere: there is no such folder" in steps.told(outcome)


@pytest.mark.parametrize(
    "code",
    [
        "open(BEYOND + '/new', 'w')",
        "open(BEYOND + '/secret').read()",
        "import os; os.listdir(BEYOND)",
        "import os; os.symlink(BEYOND + '/secret', 'link'); open('link', 'a')",
        "import os; os.link(BEYOND + '/secret', 'link')",
        "import os; os.rename('.', BEYOND + '/moved')",
        "import os; os.unlink(BEYOND + '/secret')",
        "open('/etc/passwd')",
        "open('/tmp/of-a-command', 'w')",
        "open('/proc/1/environ')",
        "import socket; socket.socket()",
        "import os; os.setsid()",
        "import os; os.setpgid(0, 0)",
        "import os, subprocess; subprocess.run(['true'], start_new_session=True, check=True)",
    ],
)
async def test_it_reaches_nothing_but_the_work_directory(tmp_path: Path, code: str) -> None:
    """What it is told to reach is not there for it."""
    beyond = tmp_path / "beyond"
    beyond.mkdir()
    (beyond / "secret").write_text("unseen")
    outcome = await _run(tmp_path, f"BEYOND = {str(beyond)!r}\n{code}\nprint('{{}}')")
    assert isinstance(outcome, Failed)
    assert "Error" in outcome.message
    assert steps.contents(beyond) == {"secret": "unseen"}


async def test_what_it_may_read_besides_is_the_operators(tmp_path: Path) -> None:
    """And it cannot write there."""
    (tmp_path / "rules").write_text("all")
    code = f"""
    import json
    path = {str(tmp_path / "rules")!r}
    try:
        open(path, "a")
    except PermissionError:
        print(json.dumps({{"rules": open(path).read()}}))
    """
    outcome = await _run(tmp_path, code, read=(tmp_path / "rules",))
    assert outcome == Succeeded(output={"rules": "all"})


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("while True: print('x' * 65536)", "more than the 1,048,576 bytes"),
        ("import sys\nwhile True: sys.stderr.write('x' * 65536)", "did not finish within"),
        ("x = []\nwhile True: x.append(bytearray(1 << 20))", "MemoryError"),
        ("n = 0\nwhile True:\n    open(str(n), 'w').write('x' * 65536); n += 1", "disk"),
        ("import os\nf = open('f', 'w')\nwhile True: f.write('x' * 65536)", ""),
        ("import time; time.sleep(3600)", "did not finish within 0.5 s"),
        (
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)",
            "did not finish within 0.5 s",
        ),
    ],
    ids=["stdout", "stderr", "memory", "files", "a-large-file", "time", "deaf"],
)
async def test_what_has_no_end_is_ended(tmp_path: Path, code: str, said: str) -> None:
    """By the bound that it comes to first."""
    is_slow = "sleep" in code or "stderr" in code
    seconds = 0.5 if is_slow else 60.0
    outcome = await _run(tmp_path, code, disk=8 << 20, memory_bytes=128 << 20, seconds=seconds)
    assert isinstance(outcome, Errored | Failed)
    assert said in outcome.message


async def test_a_horde_ends_with_the_step(tmp_path: Path) -> None:
    """Also the children that ignore SIGTERM and whose parent has ended, when the step is cancelled."""
    code = """
    import os, signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for _ in range(40):
        if not os.fork():
            if os.fork():
                os._exit(0)
            with open("numbers", "a") as file:
                file.write(f"{os.getpid()}\\n")
            while True:
                time.sleep(1)
    while True:
        time.sleep(1)
    """
    directory = _allowed(tmp_path, code)
    numbers = directory.root / "numbers"
    task = asyncio.ensure_future(
        steps.run(Command(), directory.root, {"name": "it"}, directory=directory)
    )

    async def begun() -> bool:
        return numbers.exists() and numbers.read_text().count("\n") == 40

    assert await until_async(begun)
    found = [psutil.Process(int(each)) for each in numbers.read_text().split()]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    _, alive = psutil.wait_procs(found, timeout=5)
    assert alive == []
    assert {each.name for each in tmp_path.iterdir()} == {"work", "it"}


async def test_secrets_of_its_input_are_masked_wherever_they_come_back(tmp_path: Path) -> None:
    """In the message, though it is cut in the middle of one, and in the output."""
    secret = "".join(chr(97 + place % 26) + str(place % 10) for place in range(600))
    code = """
    import json, sys
    given = json.load(sys.stdin)["input"]
    print(given * 3, file=sys.stderr)
    print(json.dumps({"it": given}))
    sys.exit(int(sys.argv[1]))
    """
    disclosed = Disclosed()
    disclosed.learn(secret)
    good = await _run(tmp_path, code, {"args": ["0"], "input": secret})
    bad = await _run(tmp_path, code, {"args": ["1"], "input": secret})
    assert isinstance(good, Succeeded)
    shown = [disclosed.said(good.message), disclosed.said(steps.told(bad))]
    shown.append(json.dumps(disclosed.shown({"a": good.output})))
    for text in shown:
        assert not any(secret[place : place + 12] in text for place in range(len(secret) - 12))


async def test_work_trees_are_not_trusted_after_it(tmp_path: Path) -> None:
    """Whatever it came to."""

    class Tree:
        opaque = False

        async def catch_up(self) -> None:
            """Its index is as it should be."""

    tree: Any = Tree()
    directory = _allowed(tmp_path, "raise SystemExit(1)")
    directory.trees[directory.root / "tree"] = tree
    directory.edits[directory.root / "tree/f"] = []
    await steps.run(Command(), directory.root, {"name": "it"}, directory=directory)
    assert tree.opaque
    assert directory.edits == {}


async def test_its_own_timeout_is_kept(tmp_path: Path) -> None:
    """Where it is shorter than the operator's."""
    directory = _allowed(tmp_path, "import time; time.sleep(3600)")
    with pytest.raises(Timeout, match=r"it did not finish within 0\.2 s"):
        await directory.run_allowed("it", [], cwd=".", stdin=b"{}", seconds=0.2)
    outcome = await _run(tmp_path, "import time; time.sleep(3600)", {"timeout": "200ms"})
    assert "it did not finish within 0.2 s" in steps.told(outcome)


def test_output_that_is_large_is_read() -> None:
    """As any other."""
    large = {"a": ["x" * 1000] * 1000}
    assert read_output(json.dumps(large).encode(), "it") == large
    assert read_output(b" \n", "it") is None
