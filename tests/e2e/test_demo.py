"""The demo and the tutorial: what they tell is what happens, and what they say to type works as it stands."""

from __future__ import annotations

import json
import re
import signal
import socket
from pathlib import Path

from tests.support import towpath_process
from tests.support.demo_process import demo

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorials" / "first-pipeline.md"


def _commands(page: str) -> list[str]:
    """Return the lines of a page's `console` blocks."""
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("$ ") for line in lines)
    return [line.removeprefix("$ ") for line in lines]


def test_every_command_of_the_tutorial(tmp_path: Path) -> None:
    """From `make run` to the history of prod, killed in the end; the next start goes on where that was."""
    commands = _commands(TUTORIAL.read_text())
    assert len(commands) >= 9
    with demo(tmp_path) as world:
        world.until("preprod is Healthy: Argo CD has brought the commit to the cluster.")
        world.until("preprod takes what is new by itself")
        assert any(line.startswith('  +  lmsImageTag: "20') for line in world.told)
        hints = world.until("Ctrl-C stops the demo.")
        pushed = sick = 0
        for line in commands:
            done = world.shell(line)
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
            if line.startswith("towpath demo push"):
                pushed = world.until("to preprod: Succeeded", after=pushed or hints)
                word = "Unhealthy:" if "--crashes" in line else "Healthy:"
                pushed = world.until(f"preprod is {word}", after=pushed)
                sick = pushed if "--crashes" in line else sick
                if "--fails" in line:
                    pushed = world.until("The smoke test of preprod ended Failed:", after=pushed)
                    world.until("Chat #releases: preprod: ", after=pushed)
        promoted = world.until("to prod: Succeeded", after=hints)
        world.until("prod is Healthy", after=promoted)
        world.until("The smoke test of prod has passed.", after=promoted)
        world.until("is now Released to prod.", after=promoted)
        assert '  +  lmsImageTag: "20' in "".join(world.told[promoted:])
        assert '"lms-preprod"' in world.told[sick], "it names the Application"
        stages = json.loads(world.run("get", "stages", "-o", "json").stdout)["items"]
        held = [each["status"]["freightHistory"][0]["id"] for each in stages]
        assert len(held) == 2
        assert len(set(held)) == 2, "what is not healthy does not go on"
        world.process.send_signal(signal.SIGKILL)
    with demo(tmp_path) as again:
        again.until("The example smoke-test-and-ticket is applied")  # its addresses are others
        again.until("to preprod: Succeeded")
        again.until("Ctrl-C stops the demo.")
        assert again.run("history", "prod").stdout.count("Warehouse/example-container") == 1
    assert again.told[-1].startswith("The demo has stopped")


def test_what_the_demo_says_to_type_works_from_any_folder(tmp_path: Path) -> None:
    """Every hint in its order, copied as it stands, although the usual port is taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo(tmp_path, listen=f"127.0.0.1:{port}") as world:
            world.until(f"Port {port} is taken: the API listens on another one")
            world.until("Ctrl-C stops the demo.")
            assert [line.split()[0] for line in world.hints] == [
                *["towpath"] * 5,
                "git",
                "kubectl",
                "kubectl",
                *["towpath"] * 3,
            ]
            for line in world.hints:
                done = world.shell(line)
                assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
            assert "values.yaml" in world.shell("ls sandbox/prod").stdout
            odd = world.shell("towpath demo push --tag 'a b'")
            assert (odd.returncode, odd.stderr.count("\n")) == (1, 1)
            assert odd.stderr.startswith("towpath: --tag a b: a tag has letters")
            odd = world.shell("towpath demo push --tag v1")
            assert odd.returncode == 0
            assert (
                ":v1; the Warehouse passes the tag over; it takes those that match " in odd.stdout
            )
            old = world.shell("towpath demo push --tag 2020-01-01_0000-0000001")
            assert "counts as newer, so no Freight is made of this one" in old.stdout
            second = world.shell(f"towpath demo --data {tmp_path / '.towpath' / 'demo'}")
            assert second.returncode == 1
            assert "(towpath demo)" in second.stderr
            assert second.stderr.count("\n") == 1
            _two_demos(tmp_path)


def _two_demos(folder: Path) -> None:
    """A push names the demos that run when it cannot know which one is meant; the folder it stands in tells it."""
    other = folder / "other"
    other.mkdir()
    where = {"XDG_STATE_HOME": str(folder / "state")}
    with demo(other, state=folder / "state") as second:
        second.until("Ctrl-C stops the demo.")
        asked = towpath_process.run(other / "second terminal", "demo", "push", **where)
        assert asked.returncode == 1
        for each in (folder, other):
            assert f"--data {each / '.towpath' / 'demo'}" in asked.stderr
        named = towpath_process.run(
            folder, "demo", "push", "--data", other / ".towpath" / "demo", **where
        )
        assert named.returncode == 0, named.stderr
        assert second.run("demo", "push").returncode == 0, "TOWPATH_SERVER tells which one is meant"


def test_a_push_without_a_demo_says_so(tmp_path: Path) -> None:
    """And how to start one; the note of one that was killed does not count."""
    done = towpath_process.run(tmp_path, "demo", "push", "--data", tmp_path / "none")
    assert done.returncode == 1
    assert f"start it with: towpath demo --data {tmp_path / 'none'}" in done.stderr
    killed = tmp_path / "killed"
    killed.mkdir()
    (killed / "lock").write_text("process 1 on vm (towpath demo) since 2026-01-01T00:00:00Z")
    (killed / "demo.json").write_text("{}")
    (tmp_path / "state" / "towpath" / "demos").mkdir(parents=True)
    (tmp_path / "state" / "towpath" / "demos" / "1").write_text(str(killed))
    done = towpath_process.run(tmp_path, "demo", "push")
    assert done.returncode == 1
    assert "no demo runs on this machine; start one with `make run`" in done.stderr
