"""Signing in: password, browser, code, kubeconfig; renewal. The provider is one that runs here, over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import json
import threading
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.unit.cli import fake_api
from towpath.cli.contexts import signing_in
from towpath.errors import Forbidden, Timeout
from towpath.sdk.callback import Callback
from towpath.sdk.oidc import OpenIdProvider
from towpath.sdk.signing_in import TrustedProvider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

CONFIG = "/v1beta1/system/public-server-config"
LOGIN = "/v1beta1/login"
PASSWORD = "correct horse"


@dataclass
class FakeProvider:
    """What a provider was asked, and what it answers."""

    address: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    """Errors of the token endpoint, one after the other, before it gives tokens."""
    nonce: str = ""
    challenge: str = ""
    id_token: str = fake_api.TOKEN


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@contextmanager
def _provider() -> Iterator[FakeProvider]:
    found = FakeProvider()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            doors = {
                "issuer": found.address,
                "authorization_endpoint": f"{found.address}/authorize",
                "token_endpoint": f"{found.address}/token",
                "device_authorization_endpoint": f"{found.address}/device",
                "scopes_supported": ["openid", "offline_access"],
            }
            self._send(200, doors)

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(urllib.parse.parse_qsl(text))
            found.asked.append(form)
            if self.path == "/device":
                uri = f"{found.address}/enter"
                self._send(
                    200,
                    {
                        "device_code": "dc",
                        "user_code": "ABCD",
                        "verification_uri": uri,
                        "interval": 1,
                        "expires_in": 60,
                    },
                )
            elif found.pending:
                self._send(400, {"error": found.pending.pop(0)})
            elif form["grant_type"] == "authorization_code" and not self._is_proven(form):
                self._send(400, {"error": "invalid_grant"})
            else:
                self._send(200, {"id_token": self._token(), "refresh_token": "again"})

        def _is_proven(self, form: dict[str, str]) -> bool:
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            return base64.urlsafe_b64encode(digest).decode().rstrip("=") == found.challenge

        def _token(self) -> str:
            if found.nonce:
                return f"{_part({})}.{_part({'nonce': found.nonce})}.x"
            return found.id_token

        def _send(self, status: int, document: Any) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider."""
    with _provider() as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where contexts are kept."""
    return tmp_path / "config" / "towpath" / "config"


@pytest.fixture
def ways(api: Api, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> Api:
    """A server with a password and a provider, which nothing names."""
    for name in ("TOWPATH_SERVER", "TOWPATH_TOKEN"):
        monkeypatch.delenv(name)
    api.open_paths |= {CONFIG, LOGIN}
    oidc = {
        "issuerUrl": provider.address,
        "clientId": "web",
        "cliClientId": "cli",
        "scopes": ["email"],
    }
    api.answer("GET", CONFIG, {"adminAccountEnabled": True, "oidcConfig": oidc, "skipAuth": False})

    def login(asked: fake_api.Asked) -> tuple[int, Any]:
        if asked.headers.get("Authorization") == f"Bearer {PASSWORD}":
            return 200, {"idToken": fake_api.TOKEN}
        return 403, {"error": "invalid password"}

    api.answer("POST", LOGIN, login)
    api.answer("GET", "/v1beta1/projects", {"items": [{"metadata": {"name": "shop"}}]})
    return api


def _visits(provider: FakeProvider, **more: str) -> Callable[[str], bool]:
    """Return a browser in which somebody signs in at once."""

    def visit(address: str) -> bool:
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        provider.nonce, provider.challenge = asked["nonce"], asked["code_challenge"]
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == "cli"
        assert asked["scope"] == "openid email offline_access"
        answer = urllib.parse.urlencode({"state": asked["state"], **({"code": "c"} | more)})
        back = asked["redirect_uri"].replace("localhost", "127.0.0.1")
        urllib.request.urlopen(f"{back}?code=evil&state=other", timeout=10).close()
        urllib.request.urlopen(f"{back}?{answer}", timeout=10).close()
        return True

    return visit


def test_the_password_is_sent_once_and_not_kept(
    ways: Api, call: Call, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By option, or piped in; bare `login` does it again."""
    for arguments, piped in (
        (["--password", PASSWORD], b""),
        (["--password-stdin"], PASSWORD.encode() + b"\n"),
    ):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped)))
        told = call("login", ways.address, "--admin", *arguments)
        assert told.code == 0, told.err
        assert PASSWORD not in file.read_text() + told.out + told.err
        assert call("get", "projects", "-o", "name").code == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PASSWORD.encode())))
    assert call("login", "--password-stdin").code == 0
    assert len(yaml.safe_load(file.read_text())["contexts"]) == 1


def test_a_wrong_password_keeps_what_was_there(ways: Api, call: Call, file: Path) -> None:
    """And is not repeated."""
    assert call("login", ways.address, "--admin", "--password", PASSWORD).code == 0
    before = file.read_text()
    told = call("login", ways.address, "--admin", "--password", "wrong one")
    assert told.code == 1
    assert "invalid password" in told.err
    assert "wrong one" not in told.err
    assert file.read_text() == before


def test_nobody_to_ask(ways: Api, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal it says how the password can be given."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert "--password-stdin" in call("login", ways.address, "--admin").err


def test_what_the_server_does_not_have_is_told_with_what_it_has(ways: Api, call: Call) -> None:
    """So that the next try succeeds."""
    ways.answer("GET", CONFIG, {"adminAccountEnabled": False})
    told = call("login", ways.address, "--admin", "--password", "x")
    assert "--token-file" in told.err
    ways.answer("GET", CONFIG, {"adminAccountEnabled": True})
    told = call("login", ways.address, "--sso")
    assert "it trusts no OpenID provider; there is --admin" in told.err


def test_signing_in_with_a_browser(
    ways: Api, provider: FakeProvider, call: Call, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What proves that it was us is checked on both sides; visits of others are waited past."""
    monkeypatch.setattr(signing_in, "open_in_browser", _visits(provider))
    told = call("login", ways.address, "--sso")
    assert told.code == 0, told.err
    kept = yaml.safe_load(file.read_text())["contexts"][0]
    assert kept["authMethod"] == "sso"
    assert kept["refreshToken"] == "again"
    assert provider.asked[-1]["code"] == "c"
    told = call("login", "--insecure-skip-tls-verify")
    assert told.code == 0, told.err
    assert "refreshToken" not in yaml.safe_load(file.read_text())["contexts"][0]


def test_a_refusal_in_the_browser(
    ways: Api, call: Call, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Says why, and keeps nothing."""

    def refuses(address: str) -> bool:
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        back = asked["redirect_uri"].replace("localhost", "127.0.0.1")
        said = urllib.parse.urlencode({"state": asked["state"], "error": "access_denied"})
        urllib.request.urlopen(f"{back}?{said}", timeout=10).close()
        return True

    monkeypatch.setattr(signing_in, "open_in_browser", refuses)
    told = call("login", ways.address, "--sso")
    assert told.code == 1
    assert "access_denied" in told.err
    assert not file.exists()


def test_a_token_of_another_sign_in_is_refused(provider: FakeProvider) -> None:
    """The nonce is ours or it is nothing."""
    oidc = TrustedProvider(issuer=provider.address, client_id="cli", scopes=("email",))
    visit = _visits(provider)

    def visits_for_another(address: str) -> None:
        visit(address)
        provider.nonce = "another"

    with pytest.raises(Forbidden, match="another sign-in"):
        OpenIdProvider(oidc).in_browser(0, visits_for_another, 20)


def test_nobody_comes_back() -> None:
    """The wait has an end."""
    with Callback(0) as callback, pytest.raises(Timeout):
        callback.wait("state", 0.01)


def test_signing_in_by_a_code(
    ways: Api, provider: FakeProvider, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider is asked no more often than it wants."""
    provider.pending = ["authorization_pending", "slow_down"]
    pauses: list[float] = []
    monkeypatch.setattr("towpath.cli.contexts.signing_in.time.sleep", pauses.append)
    told = call("login", ways.address, "--device")
    assert told.code == 0, told.err
    assert f"Sign in at {provider.address}/enter and type in the code ABCD" in told.err
    assert pauses == [1.0, 1.0, 6.0]
    assert call("get", "projects", "-o", "name").code == 0
    for error, said in (
        ("access_denied", "refused"),
        ("expired_token", "nobody typed"),
        ("x", "refuses: x"),
    ):
        provider.pending = [error]
        told = call("login", ways.address, "--device")
        assert told.code == 1
        assert said in told.err


def test_a_token_that_has_ended_is_renewed_and_kept(
    ways: Api, provider: FakeProvider, call: Call, file: Path
) -> None:
    """Without a word; where the provider does not, it is told how to sign in again."""
    old = f"{_part({})}.{_part({'exp': 1})}.x"
    context = {
        "name": "c",
        "apiAddress": ways.address,
        "bearerToken": old,
        "refreshToken": "r1",
        "authMethod": "sso",
    }
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump({"currentContext": "c", "contexts": [context]}))
    assert call("get", "projects", "-o", "name").code == 0
    kept = yaml.safe_load(file.read_text())["contexts"][0]
    assert (kept["bearerToken"], kept["refreshToken"]) == (fake_api.TOKEN, "again")
    assert provider.asked[-1]["refresh_token"] == "r1"
    file.write_text(yaml.safe_dump({"currentContext": "c", "contexts": [context]}))
    provider.pending = ["invalid_grant"]
    told = call("get", "projects")
    assert told.code == 1
    assert "invalid_grant; log in again: towpath login --context c" in told.err


def test_the_token_of_a_kubeconfig(
    ways: Api, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the current context's user; others have none."""
    kubeconfig = tmp_path / "kube"
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    assert "cannot be read" in call("login", ways.address, "--kubeconfig").err
    document = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"user": "u"}}],
        "users": [{"name": "u", "user": {"token": fake_api.TOKEN}}],
    }
    kubeconfig.write_text(yaml.safe_dump(document))
    assert call("login", ways.address, "--kubeconfig").code == 0
    assert call("get", "projects", "-o", "name").code == 0
    kubeconfig.write_text(yaml.safe_dump({**document, "users": [{"name": "u", "user": {}}]}))
    assert "has no token" in call("login", ways.address, "--kubeconfig").err
    kubeconfig.write_text("a: 1")
    assert "no current context" in call("login", ways.address, "--kubeconfig").err


def test_a_provider_is_asked_over_tls_or_on_this_machine() -> None:
    """A password-like thing goes there."""
    from towpath.errors import BadRequest

    with pytest.raises(BadRequest, match="over https only"):
        OpenIdProvider(TrustedProvider(issuer="http://idp.example", client_id="c", scopes=()))
