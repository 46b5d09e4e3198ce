"""The page about Jira, as somebody follows it: its Secret, its steps, its lines, with a Jira that wants to be left alone on the way."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from tests.support import towpath_process, waiting
from tests.support.towpath_process import COMMAND
from tests.support.tracker_contracts import JiraObserver
from towpath.clients.trackers.jira.texts import as_text
from towpath.demo.jira.server import TOKEN, USER, JiraServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.towpath_process import Running

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "tell-jira.md"
IMAGE = "registry.example/app"
FREIGHT = "f" * 40


def _blocks(language: str) -> list[str]:
    found = re.findall(
        rf"^ *```{language}\n(.*?)^ *```", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    return [textwrap.dedent(each) for each in found]


@pytest.fixture
def jira() -> Iterator[JiraServer]:
    """Return a Jira with the project."""
    observer = JiraObserver()
    made = JiraServer(observe=observer)
    made.site.project("SHOP")
    yield made
    made.close()
    assert observer.problems == [], observer.problems


def _documents(steps: list[str]) -> list[dict[str, Any]]:
    def of(kind: str, name: str, **more: Any) -> dict[str, Any]:
        metadata = {"name": name, **({} if kind == "Project" else {"namespace": "shop"})}
        return {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": kind,
            "metadata": metadata,
            **more,
        }

    origin = {"kind": "Warehouse", "name": "app"}
    stages = []
    for name, text in zip(("preprod", "prod"), steps, strict=True):
        sources = {"direct": True} if name == "preprod" else {"stages": ["preprod"]}
        template = {"spec": {"steps": yaml.safe_load(text)}}
        requested = [{"origin": origin, "sources": sources}]
        stages.append(
            of("Stage", name, spec={"requestedFreight": requested, "promotionTemplate": template})
        )
    spec = {"freightCreationPolicy": "Manual", "subscriptions": [{"image": {"repoURL": IMAGE}}]}
    images = [{"repoURL": IMAGE, "tag": "1.10", "digest": f"sha256:{'a' * 64}"}]
    freight = of("Freight", FREIGHT, origin=origin, images=images)
    return [of("Project", "shop"), of("Warehouse", "app", spec=spec), *stages, freight]


@pytest.mark.slow
def test_the_page(tmp_path: Path, jira: JiraServer) -> None:
    """Secret, steps and lines; the ticket goes from Stage to Stage, and Jira wants to be left alone for a while."""
    secret, first, second, _ = _blocks("yaml")
    apply, promote = _blocks("sh")
    plan, promote = promote.splitlines()
    mine = secret.replace("shop.atlassian.net", jira.url)
    mine = mine.replace("towpath@shop.example", USER).replace("the-token", TOKEN)
    (tmp_path / "jira.yaml").write_text(mine)
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"egress": {"allow": [jira.url.partition("//")[2]]}}))
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump_all(_documents([first, second])))
    with towpath_process.up(tmp_path, config=config) as server:
        _ran(server, tmp_path, "towpath apply -f shop.yaml")
        _ran(server, tmp_path, apply)
        [freight] = _freight(server)
        told = _ran(server, tmp_path, plan.replace("$freight", freight))
        assert 'an issue "Release 1.10" in project SHOP' in told
        assert jira.site.contents.issues == {}
        jira.faults.limited, jira.faults.retry_after = 1, "10"
        _ran(server, tmp_path, promote.replace(" --wait", "").replace("$freight", freight))
        waiting.until(lambda: "alone" in str(_promotion(server)), lambda: "the step waits")
        explained = _ran(server, tmp_path, f"towpath explain promotion/{_name(server)} -p shop")
        assert "its rate limit is used up" in explained, explained
        waiting.until(lambda: _phase(server) == "Succeeded", lambda: str(_promotion(server)))
        [issue] = jira.site.contents.issues.values()
        assert (issue.status, issue.fix_versions) == ("Released to preprod", ["1.10"])
        assert [as_text(each.body) for each in issue.comments] == ["1.10 is in preprod."]
        to_prod = promote.replace("preprod", "prod").replace("$freight", freight)
        _ran(server, tmp_path, to_prod)
        assert issue.status == "Released to prod"
        assert len(jira.site.contents.issues) == 1


def _ran(server: Running, folder: Path, line: str) -> str:
    words = [*COMMAND, *shlex.split(line)[1:]]
    environment = towpath_process.environment(
        folder, TOWPATH_SERVER=server.address, TOWPATH_TOKEN=server.token
    )
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def _asked(server: Running, path: str) -> Any:
    headers = {"Authorization": f"Bearer {server.token}"}
    with httpx.Client(trust_env=False) as client:
        return json.loads(
            client.get(f"{server.address}/v1beta1/projects/shop{path}", headers=headers).text
        )


def _freight(server: Running) -> list[str]:
    return [each["metadata"]["name"] for each in _asked(server, "/freight")["groups"][""]["items"]]


def _promotion(server: Running) -> Any:
    items = _asked(server, "/promotions")["items"]
    return items[0] if items else {}


def _name(server: Running) -> str:
    return str(_promotion(server)["metadata"]["name"])


def _phase(server: Running) -> str:
    return str(_promotion(server).get("status", {}).get("phase"))
