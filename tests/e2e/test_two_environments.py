"""The example, from nothing but `towpath up` and `towpath apply`, with a real registry and a real Git server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support import sandbox
from tests.support.git_server import git
from tests.support.sandbox import BRANCH, GIT, PROJECT, TAGS, WAREHOUSE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.sandbox import Sandbox


OLDER = "older-forms"
"""The Project of the example in older forms."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Sandbox]:
    """The world of the example."""
    with sandbox.running(tmp_path) as found:
        yield found


def test_an_image_reaches_preprod_by_itself_and_prod_when_asked(world: Sandbox) -> None:
    """One commit that changes one scalar; other tags and older ones are ignored; prod waits to be asked."""
    before = world.git.read(GIT, "preprod/values.yaml", BRANCH)
    printed = world.apply_example()
    assert printed.count(" created") == 7
    for tag in ("latest", "2026-01-02-aaaaaaa", "v1.0.0", TAGS[1]):
        world.push_image(tag)
    assert world.refresh("--wait").returncode == 0
    world.settled("preprod", TAGS[1])
    assert world.commits() == 2
    after = world.git.read(GIT, "preprod/values.yaml", BRANCH)
    assert after == before.replace("2020-01-01_0000-0000000", TAGS[1])
    changed = git(world.git.path(GIT), "diff", "--numstat", f"{BRANCH}~1", BRANCH)
    assert changed.split() == ["1", "1", "preprod/values.yaml"]
    message = git(world.git.path(GIT), "log", "-1", "--format=%B", BRANCH)
    assert message.strip() == (
        f"Updated ./src/preprod/values.yaml\n\n- general.lmsImageTag: {TAGS[1]}"
    )
    # Older ones, and such that do not match, change nothing.
    world.push_image(TAGS[0])
    world.push_image("2026-01-09_1000-toolong1")
    assert world.refresh("--wait").returncode == 0
    [freight] = world.freight()
    assert [image["tag"] for image in freight["images"]] == [TAGS[1]]
    assert world.held("prod") == ""
    # prod, when asked.
    done = world.towpath(
        "promote", "--project", PROJECT, "--stage", "prod", "--freight", freight["metadata"]["name"],
        "--wait",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    world.settled("prod", TAGS[1])
    assert (world.tag("preprod"), world.tag("prod"), world.commits()) == (TAGS[1], TAGS[1], 3)


def test_older_forms_go_on_working(world: Sandbox) -> None:
    """The example in them does the same; each use is told when it is applied, and stands on the object."""
    manifests = sandbox.EXAMPLE.with_name("older-forms")
    secret = world.credential()
    secret["metadata"]["namespace"] = OLDER
    world.push_image(TAGS[0])
    done = world.towpath("apply", "-f", "-", "-f", str(manifests), stdin=yaml.safe_dump(secret))
    assert done.returncode == 0, done.stderr
    for form in ("promotionPolicies", "allowTags", "author"):
        assert form in done.stderr, "the warnings name it"
    world.until("a commit by the bot", lambda: world.commits() == 2)
    author = git(world.git.path(GIT), "log", "-1", "--format=%an <%ae>", BRANCH)
    assert author == "Release bot <bot@example.com>"
    assert world.tag("preprod") == TAGS[0]
    project = world.get(f"/v1beta1/projects/{OLDER}")
    deprecated = world.condition(project, "Deprecated")
    assert deprecated["reason"] == "OlderForm"
    assert "ProjectConfig" in deprecated["message"]


def test_the_example_uses_no_older_form(world: Sandbox) -> None:
    """What people copy is what is written today."""
    done = world.towpath(*world.everything, stdin=yaml.safe_dump(world.credential()))
    assert done.returncode == 0, done.stderr
    assert "older form" not in done.stderr.lower()
    assert "warning" not in done.stderr.lower()


def test_applying_twice_changes_nothing(world: Sandbox) -> None:
    """Every object is told to be unchanged, also after controllers have worked on it."""
    world.apply_example()
    world.push_image(TAGS[0])
    world.refresh("--wait")
    world.settled("preprod", TAGS[0])
    lines = world.ok("apply", "-f", str(sandbox.EXAMPLE)).splitlines()
    assert len(lines) == 6
    assert all(line.endswith(" unchanged") for line in lines), lines


def test_prod_refuses_what_is_not_verified_upstream(world: Sandbox) -> None:
    """The shut gates are listed; approval opens them; the explanation says the same."""
    world.apply_example()
    world.git.hook(GIT, "pre-receive", "echo closed for repairs >&2; exit 1")
    world.push_image(TAGS[0])
    world.refresh("--wait")
    world.until("a failed Promotion", lambda: _phases(world, "preprod") == ["Errored"])
    [freight] = world.freight()
    name, alias = freight["metadata"]["name"], freight["alias"]
    asked = ("promote", "--project", PROJECT, "--stage", "prod", "--freight-alias", alias)
    refused = world.towpath(*asked)
    assert refused.returncode == 1
    assert f"Freight {alias} is not available to Stage prod" in refused.stderr
    assert "verified: not verified in preprod yet" in refused.stderr
    told = json.loads(
        world.ok("explain", "prod", "--project", PROJECT, "--freight", name, "-o", "json")
    )
    gates = {gate["name"]: gate for gate in told["gates"]}
    assert (gates["requested"]["open"], gates["verified"]["open"]) == (True, False)
    assert gates["verified"]["reason"] == "not verified in preprod yet"
    log = world.ok("logs", world.promotions("preprod")[0]["metadata"]["name"], "--project", PROJECT)
    assert "remote: closed for repairs" in log
    world.ok("approve", "--project", PROJECT, "--stage", "prod", "--freight", name)
    world.git.hook(GIT, "pre-receive", "exit 0")
    assert world.towpath(*asked, "--wait").returncode == 0
    world.settled("prod", TAGS[0])


def test_each_image_is_promoted_and_of_three_at_once_the_newest(world: Sandbox) -> None:
    """Three Freight and three commits in order; three between two looks: one Freight, one commit."""
    world.apply_example()
    for number, tag in enumerate(TAGS, 1):
        world.push_image(tag)
        world.refresh("--wait")
        _until_freight(world, number)
    world.settled("preprod", TAGS[-1])
    subjects = git(world.git.path(GIT), "log", "--reverse", "--format=%b", BRANCH).split()
    assert [word for word in subjects if word in TAGS] == list(TAGS)
    assert world.commits() == 4
    for day in (5, 6, 7):
        world.push_image(f"2026-01-0{day}_1000-ddddddd")
    world.refresh("--wait")
    world.settled("preprod", "2026-01-07_1000-ddddddd")
    assert (len(world.freight()), world.commits()) == (4, 5)
    assert world.tag("prod") == "2020-01-01_0000-0000000"
    assert world.promotions("prod") == []


def test_an_older_freight_promoted_by_hand_stays_until_resumed(world: Sandbox) -> None:
    """A hold; promoting the newest of the Warehouse resumes."""
    world.apply_example()
    for number, tag in enumerate(TAGS[:2], 1):
        world.push_image(tag)
        world.refresh("--wait")
        world.settled("preprod", tag)
        assert len(world.freight()) == number
    older = world.freight()[0]["metadata"]["name"]
    by_hand = ("promote", "--project", PROJECT, "--stage", "preprod", "--freight", older, "--wait")
    assert world.towpath(*by_hand).returncode == 0
    world.settled("preprod", TAGS[0])
    world.push_image(TAGS[2])
    world.refresh("--wait")
    world.until("the third Freight", lambda: len(world.freight()) == 3)
    world.ok("refresh", "stage", "preprod", "--project", PROJECT, "--wait")
    assert world.held("preprod") == TAGS[0]
    assert "Warehouse/example-container" in world.stage("preprod")["status"]["autoPromotionHolds"]
    resume = ("promote", "--project", PROJECT, "--stage", "preprod", "--warehouse", WAREHOUSE)
    assert world.towpath(*resume, "--wait").returncode == 0
    world.settled("preprod", TAGS[2])
    assert "autoPromotionHolds" not in world.stage("preprod")["status"]


def test_history_answers_for_a_stage_that_is_no_more(world: Sandbox) -> None:
    """What was in prod at a given time, after the Stage was deleted."""
    world.apply_example()
    world.push_image(TAGS[0])
    world.refresh("--wait")
    world.settled("preprod", TAGS[0])
    [freight] = world.freight()
    world.ok(
        "promote", "--project", PROJECT, "--stage", "prod", "--freight", freight["metadata"]["name"],
        "--wait",
    )  # fmt: skip
    world.settled("prod", TAGS[0])
    then = datetime.now(UTC).isoformat()
    world.ok("delete", "stage", "prod", "--project", PROJECT)
    world.until(
        "the Stage is gone",
        lambda: len(world.get(f"/v1beta1/projects/{PROJECT}/stages")["items"]) == 1,
    )
    printed = world.ok("history", "prod", "--project", PROJECT, "--at", then, "-o", "json")
    [was] = json.loads(printed)["items"]
    assert was["freight"] == freight["metadata"]["name"]
    assert was["reference"]["images"][0]["tag"] == TAGS[0]
    later = datetime.now(UTC).isoformat()
    printed = world.ok("history", "prod", "--project", PROJECT, "--at", later, "-o", "json")
    assert json.loads(printed)["items"] == []


def test_a_missing_input_of_the_task_refuses_the_promotion(world: Sandbox) -> None:
    """It says which variable."""
    world.apply_example()
    stage = world.stage("preprod")
    del stage["spec"]["promotionTemplate"]["spec"]["steps"][0]["vars"]
    stage["metadata"] = {"name": "lost", "namespace": PROJECT}
    del stage["status"]
    world.apply(stage)
    world.push_image(TAGS[0])
    world.refresh("--wait")
    world.until("Freight", world.freight)
    [freight] = world.freight()
    refused = world.towpath(
        "promote", "--project", PROJECT, "--stage", "lost", "--freight", freight["metadata"]["name"]
    )
    assert refused.returncode == 1
    assert 'missing value for variable "envPath"' in refused.stderr


def _until_freight(world: Sandbox, count: int) -> None:
    world.until(f"{count} Freight", lambda: len(world.freight()) == count)


def _phases(world: Sandbox, stage: str) -> list[str]:
    return [(each.get("status") or {}).get("phase", "Pending") for each in world.promotions(stage)]
