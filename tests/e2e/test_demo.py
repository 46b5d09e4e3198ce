"""The demo and the tutorial: what they tell is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from tests.support import kubectl, towpath_process
from tests.support.demo_process import Demo, demo

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorials" / "first-pipeline.md"


def _commands(page: str) -> list[list[str]]:
    """Return the commands of a page's `console` blocks, without `towpath` itself."""
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("$ towpath ") for line in lines)
    return [shlex.split(line.removeprefix("$ towpath ")) for line in lines]


def _kubectl_of_the_hints(world: Demo, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command with kubectl that the demo has told to try."""
    told = next(line for line in world.told if line.startswith("  kubectl "))
    arguments = shlex.split(told, comments=True)[1:]
    return subprocess.run(
        [kubectl.find(), f"--cache-dir={folder / 'cache'}", *arguments],
        cwd=folder,
        env=towpath_process.environment(folder),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_every_command_of_the_tutorial(tmp_path: Path) -> None:
    """From `make run` to the history of prod; and a second start goes on where the first has ended."""
    commands = _commands(TUTORIAL.read_text())
    assert len(commands) >= 9
    with demo(tmp_path) as world:
        world.until("preprod takes what is new by itself")
        assert any(line.startswith('  +  lmsImageTag: "20') for line in world.told)
        hints = world.until("Ctrl-C stops the demo.")
        pushed = 0
        for arguments in commands:
            done = world.run(*arguments)
            assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
            if arguments[:2] == ["demo", "push"]:
                pushed = world.until("to preprod: Succeeded", after=hints)
        world.until("to prod: Succeeded", after=pushed)
        shown = world.run("get", "stages").stdout
        freight = [line.split()[1] for line in shown.splitlines()[1:]]
        assert len(freight) == 2
        assert len(set(freight)) == 1, "both hold the newest"
        assert _kubectl_of_the_hints(world, tmp_path).stdout.count("\n") > 2
    assert world.told[-1].startswith("The demo has stopped")
    with demo(tmp_path) as again:
        again.until("The example two-environments is unchanged")
        again.until("to preprod: Succeeded")
        again.until("Ctrl-C stops the demo.")
        assert again.run("history", "prod").stdout.count("Warehouse/example-container") == 1


def test_a_push_without_a_demo_says_so(tmp_path: Path) -> None:
    """And how to start one."""
    done = towpath_process.run(tmp_path, "demo", "push", "--data", tmp_path / "none")
    assert done.returncode == 1
    assert "start one with: towpath demo" in done.stderr


def test_a_second_demo_on_the_same_data_is_refused(tmp_path: Path) -> None:
    """It names what holds the directory; the first goes on."""
    with demo(tmp_path) as world:
        world.until("Ctrl-C stops the demo.")
        data = tmp_path / ".towpath" / "demo"
        second = towpath_process.run(tmp_path, "demo", "--data", data, "--listen", "127.0.0.1:0")
        assert second.returncode == 1
        assert "towpath up" in second.stderr
        assert world.run("get", "stages").returncode == 0
