"""`towpath wait`, exit codes of Kargo's, completion, the dashboard, manifests from an address."""

from __future__ import annotations

import http.server
import os
import subprocess
import threading
import webbrowser
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.cli.fake_api import Stream, frame
from towpath.cli import main
from towpath.cli.completion import completing
from towpath.cli.objects import waited_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.shell_completion import CompletionItem

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

SHOP = "/v1beta1/projects/shop"


def _stage(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "prod"}, "spec": {}, "status": status}


HOLDING = _stage(
    freightHistory=[
        {
            "items": {"Warehouse/w": {"name": "abc"}},
            "verificationHistory": [{"phase": "Successful"}],
        }
    ],
    conditions=[
        {"type": "Healthy", "status": "True"},
        {"type": "Ready", "status": "False", "message": "why"},
    ],
    lastFreightID="abc",
)


@pytest.mark.parametrize(
    ("what", "is_so"),
    [
        ("condition=Healthy", True),
        ("condition=healthy", False),
        ("condition=Ready", False),
        ("condition=Ready=false", True),
        ("verified", True),
        ("freight=abc", True),
        ("freight=other", False),
        ("jsonpath={.status.lastFreightID}", True),
        ("jsonpath={.status.lastFreightID}=abc", True),
        ("jsonpath=.status.lastFreightID=other", False),
        ("jsonpath={.status.nope}", False),
        ('jsonpath={.status.conditions[?(@.type=="Ready")].status}=False', True),
        ("delete", False),
    ],
)
def test_what_is_waited_for(what: str, is_so: bool) -> None:
    """Of an object that is there."""
    goal = waited_for.goal(what)
    assert goal.is_reached(HOLDING) is is_so
    assert goal.state(HOLDING)


def test_waiting_until_a_stage_holds_freight(api: Api, call: Call) -> None:
    """By its alias; the stream tells when."""
    api.answer("GET", f"{SHOP}/freight/fox", {"metadata": {"name": "abc"}})
    frames = [frame("ADDED", _stage()), frame("MODIFIED", HOLDING)]
    api.answer("GET", f"{SHOP}/stages/prod", Stream(frames, stay=True))
    told = call("wait", "stage", "prod", "--for", "freight=fox")
    assert (told.code, told.lines) == (0, ["stage.kargo.akuity.io/prod freight=fox"])


def test_waiting_comes_to_an_end(api: Api, call: Call) -> None:
    """By time, with what is the case instead; by a Promotion that ended otherwise; by what is not there."""
    api.answer("GET", f"{SHOP}/stages/prod", Stream([frame("ADDED", HOLDING)], stay=True))
    told = call("wait", "stage/prod", "--for=condition=Ready", "--timeout=1s")
    assert told.code == 3
    assert "condition=Ready is not so; Ready is False: why" in told.err
    ended = {
        "metadata": {"name": "p"},
        "spec": {"stage": "prod"},
        "status": {"phase": "Failed", "message": "no"},
    }
    api.answer("GET", f"{SHOP}/promotions/p", Stream([frame("ADDED", ended)], stay=True))
    told = call("wait", "promo", "p", "--for=phase=Succeeded")
    assert (told.code, told.err) == (
        2,
        "towpath: promotion.kargo.akuity.io/p: phase=Succeeded will not be so; it is Failed: no\n",
    )
    assert call("wait", "stage", "nope", "--for=verified").code == 1


def test_waiting_until_it_is_gone(api: Api, call: Call) -> None:
    """What can be watched, what cannot, and what was never there."""
    stays = [frame("ADDED", HOLDING), frame("DELETED", HOLDING)]
    api.answer("GET", f"{SHOP}/stages/prod", Stream(stays, stay=True))
    assert call("wait", "stage", "prod", "--for=delete").lines == [
        "stage.kargo.akuity.io/prod is gone"
    ]
    assert call("wait", "project", "nope", "--for=delete").code == 0


@pytest.mark.parametrize(("before", "code"), [((), 2), (("--kargo-exit-codes",), 0)])
def test_exit_codes_of_kargo(api: Api, call: Call, before: tuple[str, ...], code: int) -> None:
    """Any end of a Promotion is 0 there."""
    promotion = {
        "metadata": {"name": "p"},
        "spec": {"stage": "prod"},
        "status": {"phase": "Failed"},
    }
    api.answer("POST", f"{SHOP}/stages/prod/promotions", (201, promotion))
    api.answer("GET", f"{SHOP}/promotions/p", Stream([frame("ADDED", promotion)], stay=True))
    told = call(*before, "promote", "--stage", "prod", "--freight-alias", "fox", "--wait")
    assert told.code == code
    api.answer(
        "POST",
        f"{SHOP}/stages/prod/promotions/downstream",
        (207, {"promotions": [], "errors": "half"}),
    )
    told = call(*before, "promote", "--downstream-from", "prod", "--freight-alias", "fox")
    assert told.code == (0 if before else 1)
    assert "half" in told.err


def test_exit_codes_of_kargo_by_the_environment(
    api: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For scripts in which only the word is exchanged."""
    monkeypatch.setenv("TOWPATH_KARGO_EXIT_CODES", "true")
    promotion = {
        "metadata": {"name": "p"},
        "spec": {"stage": "prod"},
        "status": {"phase": "Errored"},
    }
    api.answer("POST", f"{SHOP}/stages/prod/promotions", (201, promotion))
    api.answer("GET", f"{SHOP}/promotions/p", Stream([frame("ADDED", promotion)], stay=True))
    assert call("promote", "--stage", "prod", "--freight-alias", "fox", "--wait").code == 0


def _completed(arguments: list[str], begun: str) -> list[str]:
    from click.shell_completion import ShellComplete

    found: list[CompletionItem] = ShellComplete(
        main.towpath, {}, "towpath", "_TOWPATH_COMPLETE"
    ).get_completions(arguments, begun)
    return [each.value for each in found]


def test_completion_of_kinds_names_and_aliases(api: Api) -> None:
    """The server is asked for what there is."""
    for path, names in (("stages", ("prod", "preprod")), ("warehouses", ("main",))):
        api.answer(
            "GET", f"{SHOP}/{path}", {"items": [{"metadata": {"name": name}} for name in names]}
        )
    api.answer("GET", "/v1beta1/projects", {"items": [{"metadata": {"name": "shop"}}]})
    labelled = {"metadata": {"name": "abc", "labels": {"kargo.akuity.io/alias": "fox"}}}
    api.answer("GET", f"{SHOP}/freight", {"groups": {"": {"items": [labelled]}}})
    api.answer("GET", f"{SHOP}/roles", [{"metadata": {"name": "ci"}}])
    for arguments, begun, words in (
        (["get"], "stage", ["stages", "stagehooks"]),
        (["get", "stages"], "p", ["prod", "preprod"]),
        (["get", "stages", "-p"], "s", ["shop"]),
        (["delete", "warehouse"], "", ["main"]),
        (["promote", "--stage"], "pre", ["preprod"]),
        (["promote", "--freight-alias"], "", ["fox"]),
        (["approve", "--stage"], "prod", ["prod"]),
        (["verify"], "prod", ["prod"]),
        (["refresh"], "w", ["warehouse"]),
        (["refresh", "warehouse"], "", ["main"]),
        (["create", "token", "x", "--role"], "", ["ci"]),
        (
            ["get", "stages", "-o"],
            "js",
            ["json", "jsonpath=", "jsonpath-as-json=", "jsonpath-file="],
        ),
        (["get", "nonsense"], "", []),
        ([], "comp", ["compare", "completion"]),
    ):
        assert _completed(arguments, begun) == words, arguments


def test_completion_without_an_answer_offers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server, no token, a server that is not there."""
    assert _completed(["get", "stages"], "") == []
    monkeypatch.setenv("TOWPATH_SERVER", "http://127.0.0.1:1")
    monkeypatch.setenv("TOWPATH_TOKEN", "x")
    monkeypatch.setenv("TOWPATH_PROJECT", "shop")
    assert _completed(["get", "stages"], "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, call: Call) -> None:
    """What a shell reads; bash takes it."""
    told = call("completion", shell)
    assert told.code == 0
    assert "_TOWPATH_COMPLETE" in told.out
    assert completing.script(shell) == told.out.strip()
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=told.out, text=True, check=True)


def test_the_dashboard(api: Api, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address alone is passed on; without a browser it is printed."""
    opened: list[str] = []

    def opens(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", opens)
    assert call("dashboard").lines == [f"opened {api.address}"]
    assert opened == [api.address]
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    assert call("dashboard").lines == [api.address]
    assert call("dashboard", "--print").lines == [api.address]


@pytest.fixture
def web() -> Iterator[str]:
    """A server with a manifest, one that leads elsewhere, one that is too large for nobody."""
    text = b"apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: shop}\n"

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            assert "Authorization" not in self.headers
            if self.path == "/p.yaml":
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            elif self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "file:///etc/passwd")
                self.end_headers()
            else:
                self.send_error(404)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_manifests_from_an_address(
    api: Api, call: Call, web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without our token; what cannot be fetched is told with the address."""
    monkeypatch.setenv("NO_PROXY", "*")
    made = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Project",
        "metadata": {"name": "shop"},
    }
    api.answer("PUT", "/v1beta1/resources", {"results": [{"createdResourceManifest": made}]})
    assert call("apply", "-f", f"{web}/p.yaml").lines == ["project.kargo.akuity.io/shop created"]
    assert "404" in call("apply", "-f", f"{web}/nope").err
    assert "not allowed" in call("apply", "-f", f"{web}/away").err
    assert "passwords in addresses" in call("apply", "-f", "http://me:s3cret@127.0.0.1/x").err
    assert "s3cret" not in call("apply", "-f", "http://me:s3cret@127.0.0.1/x").err


def test_no_token_is_in_the_arguments_of_a_child(
    api: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser gets the address."""
    started: list[Any] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **_: started.append(given))
    monkeypatch.setenv("BROWSER", "")
    call("dashboard")
    assert os.environ["TOWPATH_TOKEN"] not in str(started)
    assert api.address
