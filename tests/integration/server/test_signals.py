"""Signals: SIGHUP has the settings read again, SIGTERM leaves what runs to the next start."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.support.one_stage import OneStage
from tests.support.towpath_process import up
from tests.support.waiting import until
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.towpath_process import Running
    from towpath.demo.loopback import Answer, Request


class _Slow:
    """A service that answers when it is let."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.count = 0

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve; yield the address."""

        def respond(_: Request) -> Answer:
            self.count += 1
            self.asked.set()
            self.may_answer.wait(60)
            return 200, {"Content-Type": "application/json"}, b"{}"

        front = Loopback(respond)
        try:
            yield front.url
        finally:
            self.may_answer.set()
            front.close()


def _configure(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def _allow(url: str) -> str:
    return f"egress: {{allow: ['{url.removeprefix('http://')}']}}\n"


def _said(folder: Path, words: str) -> str:
    """Return the log once it has these words."""

    def found() -> str:
        text = (folder / "log").read_text()
        return text if words in text else ""

    return until(found, (folder / "log").read_text)


def test_a_step_that_runs_is_left_to_the_next_start(tmp_path: Path) -> None:
    """SIGTERM in the midst of a request: the server ends at once and in order, and the next one goes on from there."""
    slow = _Slow()
    with slow.serving() as url:
        config = _configure(tmp_path / "config.yaml", _allow(url))
        steps: list[Any] = [
            {"uses": "compose-output", "as": "first", "config": {"said": "1"}},
            {"uses": "http", "as": "slow", "config": {"url": url, "timeout": "10m"}},
            {"uses": "compose-output", "as": "last", "config": {"said": "2"}},
        ]
        with up(tmp_path, config=config) as server:
            world = OneStage(server)
            name = world.promote(world.make(steps))
            assert slow.asked.wait(60)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) == 0
        assert slow.count == 1
        slow.may_answer.set()
        with up(tmp_path, config=config) as server:
            status = OneStage(server).reaches(name, "Succeeded")
    assert [each["status"] for each in status["stepExecutionMetadata"]] == ["Succeeded"] * 3
    assert slow.count == 2
    text = (tmp_path / "log").read_text()
    assert "stopping" in text
    assert "Traceback" not in text


def test_settings_that_can_be_are_taken_on(tmp_path: Path) -> None:
    """An address that is allowed now is reached; what needs a restart is named; a wrong file changes nothing."""
    slow = _Slow()
    slow.may_answer.set()
    with slow.serving() as url:
        config = _configure(tmp_path / "config.yaml", "polling: {minimum: 5m}\n")
        with up(tmp_path, config=config) as server:
            world = OneStage(server)
            freight = world.make([{"uses": "http", "config": {"url": url}}])
            refused = world.reaches(world.promote(freight), "Errored")
            assert "must not be reached" in refused["message"]
            assert not slow.asked.is_set()

            _hang_up(server, config, "egress: {allow: [nonsense]}\n")
            assert "nonsense" in _said(tmp_path, "the settings stay as they were")

            _hang_up(server, config, _allow(url) + "log: {level: debug}\ngit: {pool: {trees: 3}}\n")
            text = _said(tmp_path, "hold from the next start on: git.pool.trees\n")
            assert 'changed="egress.allow, log.level, polling.minimum"' in text
            world.reaches(world.promote(freight), "Succeeded")
            assert slow.count == 1
            # What is asked for is logged now, with the id that its answer has.
            given = world.request("GET", "/v1beta1/projects").headers["x-request-id"]
            line = next(
                each for each in _said(tmp_path, given).splitlines() if f"request={given}" in each
            )
            assert "path=/v1beta1/projects status=200" in line
            assert server.process.poll() is None


def test_a_renewed_certificate_is_taken_on_at_once(tmp_path: Path) -> None:
    """Nobody has to wait for the hourly look, nor start the server anew; without --config as well."""
    import ssl

    with up(tmp_path) as server:
        host, port = server.tls_address.removeprefix("https://").split(":")
        folder = tmp_path / "data" / "tls"
        before = ssl.get_server_certificate((host, int(port)))
        (folder / "server.crt").unlink()  # it is made anew, as it is when its end is near
        server.process.send_signal(signal.SIGHUP)
        _said(tmp_path, "no settings are read again")
        until(
            lambda: ssl.get_server_certificate((host, int(port))) != before,
            lambda: "the certificate is the one it was",
        )
        assert (folder / "server.crt").exists()


def _hang_up(server: Running, config: Path, text: str) -> None:
    _configure(config, text)
    server.process.send_signal(signal.SIGHUP)
