"""SIGKILL in the midst of an export or an import: the Project is on the other side as a whole or not at all, and the command works again."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support import moving, towpath_process
from tests.support.moving import PROJECT, cli, client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.towpath_process import Running

EXPORT = ("export", "project", PROJECT)


def exported(folder: Path, server: Running, key: str) -> Path:
    """Take the Project out, with a server and a client that are killed on the way first."""
    file, key_file = folder / "shop.towpath", folder / "new.key"
    key_file.write_text(key)
    arguments = (*EXPORT, str(file), "--for", str(key_file))
    killed = cli(folder, server, *arguments, TOWPATH_KILL_AT="disk.before-name")
    assert killed.returncode == -9, killed.stderr
    assert not file.exists()
    done = cli(folder, server, *arguments)
    assert done.returncode == 0, done.stderr
    assert "objects and" in done.stdout
    return file


def test_killed_on_both_sides(tmp_path: Path) -> None:
    """At every named point of both commands; at the end nothing was promoted twice, and the source is removed."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with towpath_process.up(there) as target:
        key = cli(there, target, "import", "--request").stdout
    with towpath_process.up(here, TOWPATH_KILL_AT="transfer.writing:2") as dying:
        moving.filled(here, dying)
        (here / "new.key").write_text(key)
        arguments = (*EXPORT, str(here / "shop.towpath"), "--for", str(here / "new.key"))
        assert cli(here, dying, *arguments).returncode == 1
        assert dying.process.wait(30) == -9
    with towpath_process.up(here) as source, client(source) as asking:
        past, promoted = moving.told(asking), moving.promoted(asking)
        assert [phase for _, phase in promoted] == ["Succeeded"]
        file = exported(here, source, key)
        assert moving.VALUE.encode() not in gzip.decompress(file.read_bytes())
        _killed(there, file, "transfer.adopting:4")
        with towpath_process.up(there) as target, client(target) as other:
            assert not moving.there(other)
            _send_half(target, file.read_bytes())
            assert not moving.there(other)
        _killed(there, file, "transfer.adopted")
        with towpath_process.up(there) as target, client(target) as other:
            again = cli(there, target, "import", str(file))
            assert again.returncode == 0, again.stderr
            assert "is here already, from this very archive" in again.stdout
            assert moving.there(other)
            assert moving.told(other) == past
            assert moving.promoted(other) == promoted
        removed = cli(here, source, *EXPORT, "--remove")
        assert removed.returncode == 0, removed.stderr


@pytest.mark.soak
@pytest.mark.parametrize(
    "kill", ["transfer.checked", *(f"transfer.adopting:{n}" for n in range(1, 12))]
)
def test_nothing_of_it_is_there_before(tmp_path: Path, kill: str) -> None:
    """Killed before all of it is written, the server knows nothing of the Project, and takes it in the next time."""
    with towpath_process.up(tmp_path) as source:
        moving.filled(tmp_path, source)
        file = exported(tmp_path, source, cli(tmp_path, source, "import", "--request").stdout)
    there = tmp_path / "there"
    (there / "data").mkdir(parents=True)
    # The other side has the same key: that of the one which the archive was sealed for.
    shutil.copy(tmp_path / "data" / "import-key", there / "data" / "import-key")
    _killed(there, file, kill)
    with towpath_process.up(there) as target, client(target) as asking:
        assert not moving.there(asking)
        done = cli(there, target, "import", str(file))
        assert done.returncode == 0, done.stderr
        assert moving.there(asking)


def _killed(folder: Path, file: Path, point: str) -> None:
    """Have a server take an archive in, and killed at a point of it."""
    with towpath_process.up(folder, TOWPATH_KILL_AT=point) as dying:
        assert cli(folder, dying, "import", str(file)).returncode == 1, point
        assert dying.process.wait(30) == -9


def _send_half(server: Running, content: bytes) -> None:
    """Send half of an archive and hang up, as a client that is killed."""
    where = server.address.partition("://")[2]
    connection = http.client.HTTPConnection(where, timeout=30)
    connection.putrequest("POST", "/towpath/v1/imports")
    connection.putheader("Authorization", f"Bearer {server.token}")
    connection.putheader("Content-Length", str(len(content)))
    connection.endheaders()
    connection.send(content[: len(content) // 2])
    with contextlib.suppress(OSError):
        connection.close()
