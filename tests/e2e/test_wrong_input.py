"""Wrong input ends in a condition or message that names the cause and where it stands; then it is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support import registry, sandbox
from tests.support.git_server import git
from tests.support.sandbox import BRANCH, GIT, PROJECT, TAGS, WAREHOUSE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.sandbox import Sandbox


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One world for the tests that leave it as they found it."""
    with sandbox.running(tmp_path_factory.mktemp("wrong")) as found:
        found.apply_example()
        found.push_image(TAGS[0])
        found.refresh("--wait")
        found.settled("preprod", TAGS[0])
        yield found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Sandbox]:
    """A world of its own."""
    with sandbox.running(tmp_path) as found:
        yield found


def _stage(name: str, *steps: dict[str, Any], **sources: Any) -> dict[str, Any]:
    """Return a Stage with steps of its own."""
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name, "namespace": PROJECT},
        "spec": {
            "requestedFreight": [
                {
                    "origin": {"kind": "Warehouse", "name": WAREHOUSE},
                    "sources": sources or {"direct": True},
                }
            ],
            "promotionTemplate": {"spec": {"steps": list(steps)}},
        },
    }


def _clone(
    branch: str = BRANCH, url: str = "https://github.com/test/sandbox.git"
) -> dict[str, Any]:
    checkout = [{"branch": branch, "path": "./src"}]
    return {"uses": "git-clone", "config": {"repoURL": url, "checkout": checkout}}


def _update(key: str, value: str = "x") -> dict[str, Any]:
    config = {"path": "./src/preprod/values.yaml", "updates": [{"key": key, "value": value}]}
    return {"uses": "yaml-update", "as": "update", "config": config}


def _promoted(world: Sandbox, stage: dict[str, Any]) -> tuple[str, str]:
    """Promote to a Stage of these steps; return the phase it ended in and all that was said."""
    world.apply(stage)
    name = stage["metadata"]["name"]
    [freight] = world.freight()
    done = world.towpath(
        "promote", "--project", PROJECT, "--stage", name, "--freight", freight["metadata"]["name"],
        "--wait",
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    promotion = world.promotions(name)[-1]
    log = world.ok("logs", promotion["metadata"]["name"], "--project", PROJECT)
    world.ok("delete", "stage", name, "--project", PROJECT)
    ready = world.condition(promotion, "Ready")
    return promotion["status"]["phase"], f"{promotion['status']['message']}\n{log}\n{ready}"


def test_an_unknown_step(shared: Sandbox) -> None:
    """The manifest is taken, with a warning; the Promotion says what there is."""
    stage = _stage("unknown", {"uses": "git-clown", "config": {}})
    phase, said = _promoted(shared, stage)
    assert phase == "Errored"
    assert "there is no step 'git-clown'" in said
    assert "git-clone" in said


def test_an_unknown_key_in_the_values(shared: Sandbox) -> None:
    """File, key, and what is there instead."""
    phase, said = _promoted(shared, _stage("key", _clone(), _update("general.lmsImagTag")))
    assert phase == "Errored"
    assert "./src/preprod/values.yaml" in said
    assert "general.lmsImagTag" in said
    assert "lmsImageTag" in said.replace("general.lmsImagTag", "")


def test_a_missing_branch(shared: Sandbox) -> None:
    """The repository, the branch, and those there are."""
    phase, said = _promoted(shared, _stage("branch", _clone("main")))
    assert phase == "Errored"
    assert "has no branch 'main'" in said
    assert "master" in said


def test_an_empty_repository(shared: Sandbox) -> None:
    """It says that it is empty."""
    shared.git.create("empty.git", branch=BRANCH)
    url = "https://github.com/test/empty.git"
    shared.apply(
        {
            **shared.credential(),
            "metadata": {**shared.credential()["metadata"], "name": "empty"},
            "stringData": {**shared.credential()["stringData"], "repoURL": url},
        }
    )
    phase, said = _promoted(shared, _stage("empty", _clone(url=url)))
    assert phase == "Errored"
    assert "is empty: it has no commit yet" in said


def test_a_config_that_is_no_config_of_the_step(shared: Sandbox) -> None:
    """All that is wrong, at once, before anything was run."""
    before = shared.commits()
    wrong = {"uses": "git-clone", "config": {"repoUrl": "https://github.com/test/sandbox.git"}}
    commit = {"uses": "git-commit", "config": {"path": "./src", "message": "Try"}}
    push = {"uses": "git-push", "config": {"path": "./src"}}
    steps = (_clone(), _update("general.lmsImageTag"), commit, push, wrong)
    phase, said = _promoted(shared, _stage("config", *steps))
    assert phase == "Errored"
    assert shared.commits() == before
    assert 'nothing was run: step 5 "step-5" (git-clone)' in said
    assert "invalid git-clone config" in said
    for field in ("repoURL", "checkout", "repoUrl"):
        assert field in said


def test_a_push_that_a_hook_refuses(shared: Sandbox) -> None:
    """The server's own words are in the log; nothing is on the branch."""
    shared.git.hook(GIT, "pre-receive", "echo no pushing on Fridays >&2; exit 1")
    before = shared.commits()
    push = {"uses": "git-push", "config": {"path": "./src"}}
    commit = {"uses": "git-commit", "config": {"path": "./src", "message": "Try"}}
    stage = _stage("hook", _clone(), _update("general.lmsImageTag"), commit, push)
    phase, said = _promoted(shared, stage)
    shared.git.hook(GIT, "pre-receive", "exit 0")
    assert phase == "Errored"
    assert "remote: no pushing on Fridays" in said
    assert shared.commits() == before


def test_a_credential_that_is_wrong_or_missing(shared: Sandbox) -> None:
    """Which Secret was used, or that none matches; its value is nowhere."""
    shared.apply(shared.credential(password="hunter2-wrong"))
    phase, said = _promoted(shared, _stage("wrong", _clone()))
    assert phase == "Errored"
    assert "the server refused the credentials" in said
    assert f"{PROJECT}/git" in said
    shared.ok("delete", "-f", "-", stdin=_yaml(shared.credential()))
    phase, said = _promoted(shared, _stage("missing", _clone()))
    assert phase == "Errored"
    assert "none matches this URL" in said
    shared.apply(shared.credential())
    for path in shared.folder.rglob("*"):
        if path.is_file() and path.suffix != ".pack":
            assert b"hunter2-wrong" not in path.read_bytes(), path


def test_two_stages_upstream_of_each_other(shared: Sandbox) -> None:
    """The writer is warned; nothing moves and the explanation says why."""
    fail = {"uses": "fail", "config": {}}
    printed = shared.towpath(
        "apply", "-f", "-",
        stdin=_yaml(_stage("hen", fail, stages=["egg"]), _stage("egg", fail, stages=["hen"])),
    )  # fmt: skip
    assert printed.returncode == 0
    assert "hen <- egg" in printed.stderr or "egg <- hen" in printed.stderr
    told = shared.ok("explain", "hen", "--project", PROJECT)
    assert "not verified in egg yet" in told
    shared.ok("delete", "stage", "hen", "egg", "--project", PROJECT)


def test_a_bad_regular_expression(shared: Sandbox) -> None:
    """It is refused where it is written, naming the line, the field and what is wrong."""
    warehouse = shared.warehouse()
    wrong = {
        "apiVersion": warehouse["apiVersion"],
        "kind": "Warehouse",
        "metadata": {"name": "wrong", "namespace": PROJECT},
        "spec": {
            "subscriptions": [
                {
                    "image": {
                        "repoURL": f"{sandbox.HOST}/{sandbox.REPOSITORY}",
                        "allowTagsRegexes": ["^(unclosed"],
                    }
                }
            ]
        },
    }
    done = shared.towpath("apply", "-f", "-", stdin=yaml.safe_dump(wrong))
    assert done.returncode == 1
    assert "spec.subscriptions[0].image.allowTagsRegexes[0]" in done.stderr + done.stdout
    assert "missing )" in done.stderr + done.stdout
    done = shared.towpath("refresh", "warehouse", "wrong", "--project", PROJECT)
    assert done.returncode == 1


def test_a_warehouse_deleted_and_made_again(shared: Sandbox) -> None:
    """The same artifacts are the same Freight; nothing is promoted twice."""
    [before] = shared.freight()
    commits = shared.commits()
    shared.ok("delete", "warehouse", WAREHOUSE, "--project", PROJECT)
    assert shared.refresh().returncode == 1
    shared.ok("apply", "-f", str(sandbox.EXAMPLE))
    shared.refresh("--wait")
    warehouse = shared.until(
        "a discovery",
        lambda: (
            shared.condition(shared.warehouse(), "Ready").get("status") == "True"
            and shared.warehouse()
        ),
    )
    assert warehouse["status"]["lastFreightID"] == before["metadata"]["name"]
    [after] = shared.freight()
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert (shared.commits(), shared.held("preprod")) == (commits, TAGS[0])


def test_a_registry_that_is_down_then_up(tmp_path: Path) -> None:
    """The condition names the subscription and the cause; when it is back, Freight comes by itself."""
    port = registry.free_port()
    with sandbox.outside(tmp_path) as (_, git_server):
        config = tmp_path / "config.yaml"
        config.write_text(sandbox.config(f"http://127.0.0.1:{port}", git_server.url))
        from tests.support import towpath_process

        with towpath_process.up(tmp_path, config=config) as server:
            world = sandbox.Sandbox(tmp_path, _, git_server, server)
            world.apply_example()
            message = world.until(
                "a condition",
                lambda: world.condition(world.warehouse(), "Healthy").get("message"),
            )
            assert "spec.subscriptions[0]" in message
            assert f"127.0.0.1:{port}" in message
            assert "Connection refused" in message
            with registry.serving(tmp_path / "late", port=port) as late:
                world.registry = late
                world.push_image(TAGS[0])
                world.settled("preprod", TAGS[0])
                assert world.condition(world.warehouse(), "Healthy")["status"] == "True"


def test_a_project_deleted_while_it_promotes(world: Sandbox) -> None:
    """It goes whole, and can be made again."""
    world.apply_example()
    world.git.hook(GIT, "pre-receive", "sleep 1")
    world.push_image(TAGS[0])
    world.refresh("--wait")
    world.until("a Promotion that runs", lambda: _running(world))
    world.ok("delete", "project", PROJECT)
    world.until("the Project is gone", lambda: not world.get("/v1beta1/projects")["items"])
    world.git.hook(GIT, "pre-receive", "exit 0")
    world.until(
        "the namespace is gone",
        lambda: world.towpath(*world.everything, stdin=_yaml(world.credential())).returncode == 0,
    )
    world.refresh("--wait")
    world.settled("preprod", TAGS[0])
    assert git(world.git.path(GIT), "rev-list", "--count", BRANCH) in ("2", "3")


def _running(world: Sandbox) -> bool:
    return any(
        (each.get("status") or {}).get("phase") == "Running" for each in world.promotions("preprod")
    )


def _yaml(*documents: dict[str, Any]) -> str:
    import yaml

    return str(yaml.safe_dump_all(documents))


def test_a_registry_that_asks_who_we_are(tmp_path: Path) -> None:
    """Without a Secret, with a wrong one, with the right one: the condition says which was used."""
    from tests.support import git_server, towpath_process

    with (
        registry.serving(tmp_path / "registry", asks=True) as images,
        git_server.serving(tmp_path / "git") as repositories,
    ):
        repositories.create(GIT, sandbox.CHART, branch=BRANCH)
        images.push(sandbox.REPOSITORY, TAGS[0])
        config = tmp_path / "config.yaml"
        config.write_text(sandbox.config(images.url, repositories.url))
        with towpath_process.up(tmp_path, config=config) as server:
            world = sandbox.Sandbox(tmp_path, images, repositories, server)
            world.apply_example()
            world.until("a condition", lambda: "no Secret matches" in _unhealthy(world))
            secret = {
                **world.credential(),
                "metadata": {
                    "name": "images",
                    "namespace": PROJECT,
                    "labels": {"kargo.akuity.io/cred-type": "image"},
                },
                "stringData": {
                    "repoURL": f"{sandbox.HOST}/{sandbox.REPOSITORY}",
                    "username": registry.USER,
                    "password": "hunter2-wrong",
                },
            }
            world.apply(secret)
            world.refresh("--wait")
            world.until("the Secret's name", lambda: f"{PROJECT}/images" in _unhealthy(world))
            assert "hunter2" not in _unhealthy(world)
            secret["stringData"]["password"] = registry.PASSWORD
            world.apply(secret)
            world.refresh("--wait")
            world.settled("preprod", TAGS[0])


def _unhealthy(world: Sandbox) -> str:
    found = world.condition(world.warehouse(), "Healthy")
    return str(found.get("message", "")) if found.get("status") == "False" else ""
