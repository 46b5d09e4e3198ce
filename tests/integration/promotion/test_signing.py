"""Who commits and who signs: keys of both kinds, from every place that may name one, verified by git itself."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support import git_server, signing_keys
from tests.support.git_server import git
from tests.support.git_steps import SITE, Bench
from tests.support.stores import ACTOR, document, opened
from towpath import errors
from towpath.app.settings import git_author
from towpath.app.settings.git_author import GitAuthorSettings
from towpath.credentials.finder import Credentials
from towpath.promotion import committing, git_client
from towpath.promotion.step import Succeeded
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SYSTEM_RESOURCES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.git_server import GitServer
    from tests.support.signing_keys import SigningKey
    from towpath.promotion.committing import CommitIdentity
    from towpath.store.contract import Store

URL = f"{SITE}/app.git"
MEMORY = Path("/dev/shm")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A Git server with one repository."""
    with git_server.serving(tmp_path / "served") as served:
        served.create("app.git", {"values.yaml": "tag: '1'\n"})
        yield served


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
async def bench(tmp_path: Path, server: GitServer) -> Bench:
    """Git steps."""
    made = Bench(tmp_path / "bench", server)
    await made.start()
    return made


@pytest.fixture(params=["ssh", "gpg"])
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SigningKey]:
    """A key of each kind."""
    if request.param == "ssh":
        yield signing_keys.ssh(tmp_path)
        return
    with signing_keys.gpg() as made:
        yield made


def _usual(tmp_path: Path, key: SigningKey | None = None, **named: str) -> CommitIdentity:
    """Return who commits as the operator's file has it."""
    if key is None:
        return git_author.identity(GitAuthorSettings(**named))
    path = tmp_path / "signing.key"
    path.write_text(key.private)
    path.chmod(0o600)
    return git_author.identity(GitAuthorSettings(**named, signing_key_file=str(path)))


async def _as(bench: Bench, store: Store, usual: CommitIdentity, promoter: str = "") -> None:
    """Let a bench's Promotion be as the operator and the ClusterConfig have it."""
    bench.client = await git_client.made(
        Ref(scheme.PROMOTION, "shop", bench.client.promotion),
        bench.client.disclosed,
        store=store,
        repositories=bench.repositories,
        credentials=cast("Credentials", _OpenedBy(bench, store)),
        actor=ACTOR,
        whom="a test",
        usual=usual,
        promoter=promoter,
    )


class _OpenedBy:
    """The credential of the bench's server, and the Secrets of a store."""

    def __init__(self, bench: Bench, store: Store) -> None:
        self.find = bench.credential.find
        self._store = store

    async def open_secret(self, ref: Ref, *, actor: str, reason: str) -> dict[str, str] | None:
        """Return the values of a Secret."""
        return await Credentials(self._store).open_secret(ref, actor=actor, reason=reason)


async def _cluster_config(
    store: Store, secret: str = "", values: dict[str, str] | None = None
) -> None:
    client: dict[str, Any] = {"name": "Cluster", "email": "cluster@example.com"}
    if secret:
        client["signingKeySecret"] = {"name": secret}
    made = document(scheme.CLUSTER_CONFIG, "cluster", "", spec={"gitClient": client})
    await store.create(made, actor=ACTOR)
    if values is not None:
        data = {key: base64.b64encode(text.encode()).decode() for key, text in values.items()}
        held = document(scheme.SECRET, secret, SYSTEM_RESOURCES, data=data)
        await store.create(held, actor=ACTOR)


async def _promoted(bench: Bench, **author: Any) -> None:
    """Clone, edit, commit, tag and push both."""
    await bench.clone(URL, **({"author": author} if author else {}))
    value = bench.name
    await bench.run(
        "yaml-update", {"path": "./src/values.yaml", "updates": [{"key": "tag", "value": value}]}
    )
    await bench.run("git-commit", {"path": "./src", "message": "Promote"})
    await bench.run("git-tag", {"path": "./src", "tag": f"v-{value}", "message": "Promote"})
    for what in ({"tag": f"v-{value}"}, {}):
        pushed = await bench.run("git-push", {"path": "./src", **what}, alias=f"push-{bool(what)}")
        assert isinstance(pushed, Succeeded), pushed


def _people(server: GitServer) -> str:
    return git(server.path("app.git"), "log", "-1", "--format=%an <%ae>, %cn <%ce>", "main")


async def test_without_any_setting_it_is_as_upstream(
    bench: Bench, server: GitServer, store: Store, tmp_path: Path
) -> None:
    """Unsigned."""
    await _as(bench, store, _usual(tmp_path))
    await _promoted(bench)
    assert _people(server) == "Kargo <no-reply@kargo.io>, Kargo <no-reply@kargo.io>"
    assert "gpgsig" not in git(server.path("app.git"), "cat-file", "commit", "main")


@pytest.mark.parametrize("configured", [False, True])
async def test_commits_tell_who_asked_for_them_where_the_operator_wants_it(
    bench: Bench, server: GitServer, store: Store, tmp_path: Path, configured: bool
) -> None:
    """Behind the message, whoever commits; without the setting the message is the manifest's alone."""
    if configured:
        await _cluster_config(store)
    await _as(bench, store, _usual(tmp_path), "email:ann@example.com")
    await _promoted(bench)
    assert git(server.path("app.git"), "log", "-1", "--format=%B", "main").strip() == "Promote"
    bench.name = "next"
    usual = replace(_usual(tmp_path), has_trailers=True)
    await _as(bench, store, usual, "email:ann@example.com")
    await _promoted(bench)
    shown = git(server.path("app.git"), "log", "-1", "--format=%B|%(trailers:only,unfold)", "main")
    trailers = f"Promoted-by: email:ann@example.com\nPromotion: {bench.client.promotion}"
    assert shown.strip() == f"Promote\n\n{trailers}\n|{trailers}"


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Promote", "Promote\n\nA: b\nC: d e\n"),
        (
            "Promote\n\nwhy: because\nit is so",
            "Promote\n\nwhy: because\nit is so\n\nA: b\nC: d e\n",
        ),
        ("Promote\n\nSigned-off-by: x\n", "Promote\n\nSigned-off-by: x\nA: b\nC: d e\n"),
        ("Promote\n\nA: b\nC: d e\n", "Promote\n\nA: b\nC: d e\n"),
        ("A: b", "A: b\n\nA: b\nC: d e\n"),
    ],
)
def test_trailers_behind_a_message(message: str, wanted: str) -> None:
    """In one block with those that are there, each once; a title is none."""
    assert committing.with_trailers(message, ["A: b", "C: d e"]) == wanted
    assert committing.with_trailers(message, ()) == message


def test_what_a_trailer_holds() -> None:
    """One line, whatever somebody is called; nobody is not named."""
    assert committing.trailers("email:a\nB: c", "p.1") == (
        "Promoted-by: email:a B: c",
        "Promotion: p.1",
    )
    assert committing.trailers("", "p.1") == ("Promotion: p.1",)


async def test_the_operator_s_file_names_who_commits_and_signs(
    bench: Bench, server: GitServer, store: Store, tmp_path: Path, key: SigningKey
) -> None:
    """Commit and tag; the key is on no disk, and what it says is masked."""
    usual = _usual(tmp_path, key, name="Deploy Bot", email="deploy@example.com")
    before = set(MEMORY.glob("tp-*"))
    await _as(bench, store, usual)
    await _promoted(bench)
    assert _people(server) == "Deploy Bot <deploy@example.com>, Deploy Bot <deploy@example.com>"
    assert key.verifies(server.path("app.git"), "main")
    assert key.verifies(server.path("app.git"), "v-promotion", "tag")
    assert set(MEMORY.glob("tp-*")) <= before
    line = key.private.splitlines()[3].encode()
    kept = [path.read_bytes() for path in bench.root.rglob("*") if path.is_file()]
    assert kept
    assert not any(line in content for content in kept)
    assert bench.client.disclosed.holds(key.private)


async def test_the_cluster_config_goes_before_the_operator_s_file(
    bench: Bench, server: GitServer, store: Store, tmp_path: Path, key: SigningKey
) -> None:
    """With its own key."""
    await _cluster_config(store, "signing", {"signingKey": key.private})
    other = signing_keys.ssh(tmp_path, "other")
    await _as(bench, store, _usual(tmp_path, other, name="X", email="x@example.com"))
    await _promoted(bench)
    assert _people(server).startswith("Cluster <cluster@example.com>")
    assert key.verifies(server.path("app.git"), "main")
    assert not other.verifies(server.path("app.git"), "main")


async def test_a_cluster_config_without_a_key_keeps_the_operator_s(
    bench: Bench, server: GitServer, store: Store, tmp_path: Path, key: SigningKey
) -> None:
    """As upstream keeps that of its environment."""
    await _cluster_config(store)
    await _as(bench, store, _usual(tmp_path, key))
    await _promoted(bench)
    assert _people(server).startswith("Cluster <cluster@example.com>")
    assert key.verifies(server.path("app.git"), "main")


@pytest.mark.parametrize(
    ("values", "lacks"), [(None, "does not exist"), ({"key": "x"}, "has no signingKey")]
)
async def test_a_key_that_is_to_sign_and_is_not_there(
    bench: Bench,
    server: GitServer,
    store: Store,
    tmp_path: Path,
    values: dict[str, str] | None,
    lacks: str,
) -> None:
    """Nothing is committed unsigned; whoever names an author of their own goes on."""
    await _cluster_config(store, "signing", values)
    await _as(bench, store, _usual(tmp_path))
    head = server.head("app.git")
    with pytest.raises(
        errors.Invalid, match=rf"signingKeySecret: Secret kargo-system-resources/signing {lacks}"
    ):
        await _promoted(bench)
    assert server.head("app.git") == head
    another = bench.another("second")
    another.client = bench.client
    await _promoted(another, name="Ana", email="ana@example.com")
    assert _people(server).startswith("Ana <ana@example.com>")


async def test_whom_the_step_names_signs_with_their_own_key(
    bench: Bench, server: GitServer, store: Store, tmp_path: Path, key: SigningKey
) -> None:
    """Or does not: the operator's key is not theirs."""
    operators = signing_keys.ssh(tmp_path, "operator")
    await _as(bench, store, _usual(tmp_path, operators))
    await _promoted(bench, name="Ana", email="ana@example.com", signingKey=key.private)
    assert key.verifies(server.path("app.git"), "main")
    assert not operators.verifies(server.path("app.git"), "main")
    another = bench.another("second")
    another.client = bench.client
    await _promoted(another, name="Ana", email="ana@example.com")
    assert "gpgsig" not in git(server.path("app.git"), "cat-file", "commit", "main")


async def test_each_promotion_has_a_keyring_of_its_own(bench: Bench, server: GitServer) -> None:
    """Four at once, each with another key of the same person's: each signature is by the right one."""
    names = [f"p{number}" for number in range(4)]
    rings = [signing_keys.gpg() for _ in names]
    try:
        keys = [ring.__enter__() for ring in rings]
        benches = [bench.another(name) for name in names]
        await asyncio.gather(
            *(
                _promoted(each, name="Bot", email="bot@example.com", signingKey=key.private)
                for each, key in zip(benches, keys, strict=True)
            )
        )
        for number, name in enumerate(names):
            good = [key.verifies(server.path("app.git"), f"v-{name}", "tag") for key in keys]
            assert good == [place == number for place in range(len(names))]
    finally:
        for ring in rings:
            ring.__exit__(None, None, None)


def test_what_is_wrong_with_the_operator_s_author(tmp_path: Path) -> None:
    """Is said of the key, before anything starts."""

    def said(**given: str) -> dict[str, str]:
        return dict(git_author.problems(GitAuthorSettings(**given)))

    assert said() == {}
    assert said(name="A", email="a@b.example") == {}
    assert "missing" in said(name="A")["email"]
    assert "missing" in said(email="a@b.example")["name"]
    assert "no address" in said(name="A", email="a")["email"]
    assert "empty" in said(name="<>", email="a@b.example")["name"]
    assert "cannot be read" in said(signing_key_file=str(tmp_path / "none"))["signingKeyFile"]
    path = tmp_path / "key"
    path.write_text("")
    path.chmod(0o600)
    assert "empty" in said(signing_key_file=str(path))["signingKeyFile"]
    path.chmod(0o644)
    assert "others can read" in said(signing_key_file=str(path))["signingKeyFile"]
