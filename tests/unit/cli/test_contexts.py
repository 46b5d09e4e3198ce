"""Which server a command speaks to, as whom; the file that keeps it, and who may read that."""

from __future__ import annotations

import base64
import json
import stat
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.unit.cli import fake_api
from towpath.cli.contexts import connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

STAGES = "/v1beta1/projects/shop/stages"
VERSION = "/v1beta1/system/server-version"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where contexts are kept."""
    return tmp_path / "config" / "towpath" / "config"


@pytest.fixture
def bare(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """A server that nothing names."""
    for name in ("TOWPATH_SERVER", "TOWPATH_TOKEN", "TOWPATH_PROJECT"):
        monkeypatch.delenv(name)
    api.answer("GET", STAGES, {"items": [{"metadata": {"name": "prod"}}]})
    api.answer("GET", VERSION, {"version": "v1"})
    return api


def _write(file: Path, *contexts: dict[str, Any], current: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({"currentContext": current, "contexts": list(contexts)}))


def _context(api: Api, name: str = "here", **more: Any) -> dict[str, Any]:
    return {"name": name, "apiAddress": api.address, "bearerToken": fake_api.TOKEN, **more}


def test_a_token_in_a_file_is_tried_and_kept_for_its_owner_alone(
    bare: Api, call: Call, file: Path, tmp_path: Path
) -> None:
    """Mode 0600 whatever the mask; later commands need nothing; the token is never printed."""
    token = tmp_path / "token"
    token.write_text(f"{fake_api.TOKEN}\n")
    told = call("login", bare.address, "--token-file", token, "-p", "shop")
    assert told.code == 0, told.err
    assert told.lines == [f"signed in to {bare.address}, from now on context 127.0.0.1"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert call("get", "stages", "-o", "name").lines == ["stage.kargo.akuity.io/prod"]
    for arguments in (
        ["config", "view"],
        ["config", "get-contexts"],
        ["config", "view", "-o", "json"],
    ):
        shown = call(*arguments)
        assert bare.address in shown.out
        assert fake_api.TOKEN not in shown.out + shown.err
    assert fake_api.TOKEN in call("config", "view", "--raw").out
    assert call("config", "get-project").lines == ["shop"]
    assert call("logout").code == 0
    assert not file.exists()
    assert call("get", "stages").code == 1


def test_a_token_that_the_server_does_not_take_is_not_kept(
    bare: Api, call: Call, file: Path, tmp_path: Path
) -> None:
    """It says so instead."""
    token = tmp_path / "token"
    token.write_text("another")
    told = call("login", bare.address, "--token-file", token)
    assert told.code == 1
    assert "invalid token" in told.err
    assert not file.exists()


def test_contexts_are_chosen_renamed_and_forgotten(bare: Api, call: Call, file: Path) -> None:
    """As kubectl has it."""
    _write(file, _context(bare, "a", project="shop"), _context(bare, "b"), current="a")
    assert call("config", "current-context").lines == ["a"]
    assert call("config", "get-contexts", "-o", "name").lines == ["a", "b"]
    assert call("config", "get-contexts").lines[1].startswith("*         a")
    assert call("config", "use-context", "b").code == 0
    assert "no Project is named" in call("get", "stages").err
    assert call("get", "stages", "--context", "a").code == 0
    assert call("config", "set-project", "shop").code == 0
    assert call("get", "stages").code == 0
    assert call("config", "unset-project").code == 0
    assert call("config", "rename-context", "b", "c").code == 0
    assert call("config", "rename-context", "c", "a").code == 1
    assert call("config", "current-context").lines == ["c"]
    assert call("config", "delete-context", "c").code == 0
    told = call("get", "stages", "-p", "shop")
    assert "choose one of a with `towpath config use-context`" in told.err
    assert call("get", "stages", "--context", "a", "--server", "http://x").code == 1
    assert call("logout", "--context", "nope").code == 1


def test_the_first_that_names_a_server_counts(
    bare: Api, call: Call, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options, then our variables, then Kargo's, then the current context."""
    _write(file, _context(bare, "good", project="shop"), current="good")
    assert call("get", "stages").code == 0
    monkeypatch.setenv("KARGO_API_ADDRESS", "http://127.0.0.1:1")
    assert call("get", "stages").code == 0  # both of Kargo's, or neither
    monkeypatch.setenv("KARGO_API_TOKEN", "x")
    assert "no Project is named" in call("get", "stages").err  # the file is ignored whole
    assert "127.0.0.1:1: no answer" in call("get", "stages", "-p", "shop").err
    monkeypatch.setenv("TOWPATH_CONTEXT", "good")
    assert call("get", "stages").code == 0
    monkeypatch.setenv("TOWPATH_SERVER", "http://127.0.0.1:2")
    monkeypatch.setenv("TOWPATH_TOKEN", "x")
    assert "127.0.0.1:2: no answer" in call("get", "stages", "-p", "shop").err
    assert call("get", "stages", "--context", "good").code == 0


def test_scripts_for_kargo_find_their_server(
    bare: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its two variables."""
    monkeypatch.setenv("KARGO_API_ADDRESS", bare.address)
    monkeypatch.setenv("KARGO_API_TOKEN", fake_api.TOKEN)
    assert call("get", "stages", "--project=shop", "-o=name").lines == [
        "stage.kargo.akuity.io/prod"
    ]


def test_the_file_of_kargo_is_read_where_ours_is_not_there(
    bare: Api, call: Call, tmp_path: Path, file: Path
) -> None:
    """And never written."""
    kargos = tmp_path / "config" / "kargo" / "config"
    kargos.parent.mkdir(parents=True)
    text = yaml.safe_dump(
        {
            "apiAddress": bare.address,
            "bearerToken": fake_api.TOKEN,
            "authMethod": "admin",
            "project": "shop",
        }
    )
    kargos.write_text(text)
    assert call("get", "stages", "-o", "name").lines == ["stage.kargo.akuity.io/prod"]
    assert kargos.read_text() == text
    _write(file, _context(bare, "ours"), current="ours")
    assert "no Project is named" in call("get", "stages").err


def test_a_token_goes_to_its_own_server_only(bare: Api, call: Call, file: Path) -> None:
    """That of a context is not sent to another address, with or without a slash at its end."""
    _write(file, _context(bare), current="here")
    told = call("get", "stages", "-p", "shop", "--server", "http://127.0.0.1:1")
    assert "there is no token for the server http://127.0.0.1:1" in told.err
    assert call("get", "stages", "-p", "shop", "--server", f"{bare.address}/").code == 0


def test_what_is_not_in_the_form_of_the_file_is_told_with_its_place(call: Call, file: Path) -> None:
    """File, key, and what it must be."""
    file.parent.mkdir(parents=True)
    for text, said in (
        ("a: [", "line 1: it is not YAML"),
        ("- a", "it must hold keys and values"),
        ("contexts: 1", "contexts: it must be a list"),
        ("contexts: [{}]", "contexts[0].name: it must be a name"),
        ("contexts: [{name: a, apiAddress: 1}]", "contexts[0].apiAddress: it must be a text"),
        ("contexts: [{name: a, callbackPort: x}]", "contexts[0].callbackPort: it must be a number"),
    ):
        file.write_text(text)
        told = call("config", "view")
        assert told.code == 1
        assert str(file) in told.err
        assert said in told.err


def _jwt(end: float) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part({'exp': end})}.x"


def test_a_token_that_has_ended_is_not_sent(bare: Api, call: Call, file: Path) -> None:
    """How to get another is told."""
    _write(file, {**_context(bare, project="shop"), "bearerToken": _jwt(1.0)}, current="here")
    told = call("get", "stages")
    assert told.code == 1
    assert "is expired; log in again: towpath login --context here" in told.err
    assert not bare.asked


def test_the_end_of_tokens_that_say_it() -> None:
    """Others just are."""
    assert connection.end_of(_jwt(42.0)) == 42.0
    for token in ("opaque", "a.b.c", "a.e30.c", "..", "a.bnVsbA.c"):
        assert connection.end_of(token) is None


def test_a_link_to_the_file_stays_a_link(bare: Api, call: Call, file: Path, tmp_path: Path) -> None:
    """Of those who keep their settings elsewhere; what is written there is for its owner alone, too."""
    real = tmp_path / "dotfiles"
    _write(real, _context(bare, "a"), current="a")
    file.parent.mkdir(parents=True)
    file.symlink_to(real)
    assert call("config", "set-project", "shop").code == 0
    assert file.is_symlink()
    assert "shop" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_what_can_be_read_on_its_way_is_warned_of(call: Call, tmp_path: Path) -> None:
    """Plain HTTP to another machine, and a certificate that is not looked at."""
    token = tmp_path / "token"
    token.write_text("x")
    told = call("login", "http://127.0.0.2:1", "--token-file", token, "--insecure-skip-tls-verify")
    assert "in the clear" in told.err
    assert "is not looked at" in told.err


def test_two_logins_at_once_lose_nothing(file: Path) -> None:
    """One waits for the other."""
    import threading

    from towpath.cli.contexts import context_file
    from towpath.cli.contexts.context_file import ServerContext

    def add(number: int) -> None:
        context = ServerContext(name=f"c{number}", address=f"http://127.0.0.1:{number + 1}")
        context_file.change(file, lambda servers: servers.with_(context))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(context_file.read(file).contexts) == 12


def test_what_is_missing_is_said_in_the_order_in_which_it_helps(
    bare: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the server; and no command is named that is refused next."""
    told = call("get", "stages")
    assert "no server is named" in told.err
    assert "set-project" not in told.err
    monkeypatch.setenv("TOWPATH_SERVER", bare.address)
    monkeypatch.setenv("TOWPATH_TOKEN", fake_api.TOKEN)
    told = call("get", "stages")
    assert "no Project is named: give --project NAME, or set TOWPATH_PROJECT\n" in told.err
    told = call("config", "set-project", "shop")
    assert told.code == 1
    assert "TOWPATH_PROJECT names the Project" in told.err
    assert "use-context" not in told.err
