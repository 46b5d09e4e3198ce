"""What stands for the caller: renewed in time, bounded in time, and never shown."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from towpath.clients.argocd.bearers import Bearers
from towpath.clients.argocd.server_access import Bearer, ExecPlugin
from towpath.clock import VirtualClock
from towpath.errors import Unauthenticated
from towpath.resources import moments

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/usr/local/bin:/usr/bin:/bin"


def bearers(bearer: Bearer, clock: VirtualClock) -> Bearers:
    """Return what renews a bearer."""
    return Bearers(bearer, clock, source="kubeconfig k", programs=PATH)


def plugin(folder: Path, script: str) -> Bearer:
    """Return a program that gives credentials."""
    program = folder / "login"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    return Bearer(
        plugin=ExecPlugin(argv=(str(program), "one"), environment=(("K", "v"),), folder=folder)
    )


async def test_a_token_as_it_is() -> None:
    """There is nothing to renew."""
    found = bearers(Bearer(token="t"), VirtualClock())
    assert (await found.shown()).token == "t"
    found.forget()
    assert (await found.shown()).token == "t"
    assert "t" not in repr(await found.shown()).partition("(")[2]
    assert (await bearers(Bearer(), VirtualClock()).shown()).token == ""


async def test_a_token_from_a_file_is_read_again(tmp_path: Path) -> None:
    """After a minute, and at once where it was refused."""
    clock, file = VirtualClock(), tmp_path / "token"
    file.write_text("one\n")
    found = bearers(Bearer(token_file=file), clock)
    assert (await found.shown()).token == "one"
    file.write_text("two")
    assert (await found.shown()).token == "one"
    await clock.advance(61)
    assert (await found.shown()).token == "two"
    file.write_text("three")
    found.forget()
    assert (await found.shown()).token == "three"
    file.unlink()
    found.forget()
    with pytest.raises(
        Unauthenticated, match="kubeconfig k: the file with the token cannot be read"
    ) as caught:
        await found.shown()
    assert (str(file) in caught.value.message, caught.value.place) == (False, str(file))


async def test_a_program_gives_a_token_until_it_ends(tmp_path: Path) -> None:
    """It is told what is asked of it, and asked again shortly before the end."""
    clock = VirtualClock()
    ends = moments.written(moments.later(clock.now(), timedelta(seconds=600)))
    credential = json.dumps({"status": {"token": "t1", "expirationTimestamp": ends}})
    bearer = plugin(
        tmp_path,
        f"echo \"$1 $K $KUBERNETES_EXEC_INFO\" >> {tmp_path}/calls; cat <<'END'\n{credential}\nEND",
    )
    found = bearers(bearer, clock)
    assert [(await found.shown()).token for _ in range(3)] == ["t1", "t1", "t1"]
    await clock.advance(560)
    await found.shown()
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 1
    await clock.advance(20)
    await found.shown()
    assert len((tmp_path / "calls").read_text().splitlines()) == 2
    first, second, told = calls[0].split(" ", 2)
    assert (first, second) == ("one", "v")
    assert json.loads(told)["spec"] == {"interactive": False}


async def test_a_program_may_give_a_certificate(tmp_path: Path) -> None:
    """With its key."""
    credential = {"status": {"clientCertificateData": "C", "clientKeyData": "K"}}
    found = bearers(plugin(tmp_path, f"echo '{json.dumps(credential)}'"), VirtualClock())
    shown = await found.shown()
    assert (shown.certificate, shown.key) == (b"C", b"K")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo no rights >&2; exit 3", r"login ended with 3: no rights"),
        ("echo hello", "no ExecCredential"),
        ("echo '{\"status\":{}}'", "neither a token nor"),
        ('echo \'{"status":{"token":3}}\'', "neither a token nor"),
    ],
)
async def test_a_program_that_gives_nothing_is_named(
    tmp_path: Path, script: str, said: str
) -> None:
    """With what it said."""
    found = bearers(plugin(tmp_path, script), VirtualClock())
    with pytest.raises(Unauthenticated, match=f"kubeconfig k: exec: .*{said}"):
        await found.shown()


async def test_a_program_that_is_not_there_is_named_with_its_hint(tmp_path: Path) -> None:
    """Its author knows where it comes from."""
    bearer = Bearer(plugin=ExecPlugin(argv=("no-such-login",), folder=tmp_path, hint="install it"))
    with pytest.raises(Unauthenticated, match=r"no such program.*install it"):
        await bearers(bearer, VirtualClock()).shown()
