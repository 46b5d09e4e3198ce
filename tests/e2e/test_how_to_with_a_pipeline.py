"""How-to pages about what goes on in a pipeline: their very lines, typed beside a pipeline that has what the page is about.

Only what is the reader's own is put in: names of Promotions and runs, and of the page's Project where the demo has another one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shlex
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import yaml

from tests.support import moving, towpath_process, typed_lines, waiting
from tests.support.demo_process import demo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.support.towpath_process import Running

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = DOCS / "how-to"
PROJECT = moving.PROJECT


def _blocks(page: str) -> list[str]:
    return typed_lines.blocks(PAGES / page)


def _manifests(page: str) -> list[str]:
    """Return the whole manifests of a page, and not what is a part of one."""
    found = re.findall(
        r"^ *```yaml\n(.*?)^ *```", (PAGES / page).read_text(), re.MULTILINE | re.DOTALL
    )
    return [each for each in found if "apiVersion:" in each]


def _set(server: Running) -> str:
    return f"export TOWPATH_SERVER={server.address} TOWPATH_TOKEN={server.token} TOWPATH_PROJECT={PROJECT}\n"


def _typed(folder: Path, server: Running, lines: str) -> str:
    return typed_lines.output(folder, _set(server) + lines, with_errors=True)


def _applied(folder: Path, server: Running, *documents: object) -> None:
    file = folder / "more.yaml"
    texts = [each if isinstance(each, str) else yaml.safe_dump(each) for each in documents]
    file.write_text("\n---\n".join(texts))
    _typed(folder, server, f"towpath apply -f {shlex.quote(str(file))}")


def _stage(name: str, *steps: Mapping[str, object], **annotations: str) -> dict[str, object]:
    request = {"origin": {"kind": "Warehouse", "name": "main"}, "sources": {"direct": True}}
    metadata = {"name": name, "namespace": PROJECT}
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": metadata | ({"annotations": annotations} if annotations else {}),
        "spec": {
            "requestedFreight": [request],
            "promotionTemplate": {"spec": {"steps": list(steps)}},
        },
    }


def _promoted(folder: Path, server: Running, stage: str) -> tuple[str, int]:
    """Promote what there is to a Stage; return the Promotion's name and what the command ended with."""
    line = f"towpath promote -p {PROJECT} --stage {stage} --warehouse main --wait -o name"
    done = typed_lines.done(folder, _set(server) + line)
    assert done.returncode in (0, 2), done.stderr
    return done.stdout.strip().partition("/")[2], done.returncode


@contextmanager
def _a_pipeline(folder: Path, config: Path | None = None) -> Iterator[Running]:
    """Run a server with the Project `shop`, whose Stage `test` has taken its Freight."""
    with towpath_process.up(folder, config=config) as server:
        moving.filled(folder, server)
        yield server


def test_retry_a_promotion(tmp_path: Path) -> None:
    """Of one that fails again: the step before is not run again, and the end is told by the exit code."""
    retry, other = _blocks("retry-a-promotion.md")
    first = {"uses": "compose-output", "as": "made", "config": {"tag": "1"}}
    fails = {"uses": "fail", "as": "notify", "config": {"message": "nobody hears it"}}
    with _a_pipeline(tmp_path) as server:
        _applied(tmp_path, server, _stage("prod", first, fails))
        name, code = _promoted(tmp_path, server, "prod")
        assert code == 2
        mine = [
            re.sub(r"prod\.01j0+\.47b33c0", name, lines).replace("sandbox-example", PROJECT)
            for lines in (retry, other)
        ]
        done = typed_lines.done(tmp_path, _set(server) + mine[0])
        assert done.returncode == 2, done.stderr
        done = typed_lines.done(tmp_path, _set(server) + mine[1])
        assert "of the Stage has begun since" in done.stderr, "as the page says"
        said = _typed(
            tmp_path, server, f"towpath history prod --of promotions\ntowpath logs {name}"
        )
    assert said.count(name) >= 2, "each retry says which Promotion it tries again"
    assert "nobody hears it" in said


def test_freeze_releases(tmp_path: Path) -> None:
    """Held with an end, kept from people by their role, a hotfix with its reason, and all of it taken back."""
    hold, people, hotfix, end = _blocks("freeze-releases.md")
    with _a_pipeline(tmp_path) as server:
        policies = [{"stageSelector": {"name": "glob:*"}, "autoPromotionEnabled": True}]
        config = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "ProjectConfig",
            "metadata": {"name": PROJECT, "namespace": PROJECT},
            "spec": {"promotionPolicies": policies},
        }
        _applied(tmp_path, server, config)
        with moving.client(server) as asking:
            waiting.until(lambda: len(moving.promoted(asking)) >= 2, lambda: "prod takes it, too")
            waiting.until(lambda: _is_in(asking, "prod"), lambda: "it is in prod")
            freight = _freight(asking)
        told = _typed(tmp_path, server, hold)
        assert "no releases over the weekend" in told
        role = f"{people}towpath get role kargo-promoter -o json\n"
        assert '"resourceNames"' in _typed(tmp_path, server, role)
        named = f"freight={freight['name']}\n"
        assert "Succeeded" in _typed(tmp_path, server, named + hotfix)
        told = _typed(
            tmp_path, server, f"towpath history --since 2026-01-01T00:00:00Z -o wide\n{end}"
        )
        assert "hotfix for incident 4711" in told
        assert "SHUT   hold" not in _typed(tmp_path, server, "towpath explain prod")


def test_close_the_window(tmp_path: Path) -> None:
    """The page's windows are taken; while one is active a promotion is refused by its name, and goes once it is taken out."""
    [page] = _manifests("freeze-releases.md")
    config = yaml.safe_load(page)
    config["metadata"] = {"name": PROJECT, "namespace": PROJECT}
    config["spec"]["promotionWindows"][0] |= {
        "rrule": "FREQ=DAILY",
        "dtstart": "20260101T000000Z",
        "dtend": "20260102T000000Z",
    }
    with _a_pipeline(tmp_path) as server:
        _applied(tmp_path, server, config)
        with moving.client(server) as asking:
            freight = _freight(asking)["name"]
        asked = f"towpath promote --stage prod --freight {freight}"
        refused = typed_lines.done(tmp_path, _set(server) + asked)
        assert refused.returncode != 0
        assert "promotion window weekend keeps promotions out" in refused.stderr
        told = _typed(tmp_path, server, "towpath explain prod")
        assert re.search(r"SHUT +window", told), told
        _applied(tmp_path, server, {**config, "spec": {}})
        assert "SHUT   window" not in _typed(tmp_path, server, "towpath explain prod")


def _is_in(asking: httpx.Client, stage: str) -> bool:
    found = asking.get(f"/v1beta1/projects/{PROJECT}/stages/{stage}").json().get("status") or {}
    return bool(found.get("freightHistory")) and not found.get("currentPromotion")


def test_stop_the_line(tmp_path: Path) -> None:
    """What it holds is held, and resuming ends it; a bad version goes nowhere. Nobody can be asked here: `--yes` answers."""
    stop, resume, bad = (
        each.replace("sandbox-example", PROJECT) for each in _blocks("stop-the-line.md")
    )
    with _a_pipeline(tmp_path) as server:
        assert "test" in _typed(tmp_path, server, f"{stop.rstrip()} --yes")
        assert "Line stopped: incident 4711" in _typed(tmp_path, server, "towpath explain test")
        _typed(tmp_path, server, f"{resume.rstrip()} --yes")
        assert "Line stopped" not in _typed(tmp_path, server, "towpath explain test")
        with moving.client(server) as asking:
            alias = _freight(asking)["alias"]
        quarantine, rollback = bad.replace("calm-yarrow", alias).splitlines()
        assert "quarantined" in _typed(tmp_path, server, quarantine)
        refused = typed_lines.done(
            tmp_path, _set(server) + f"towpath promote --stage prod --freight {alias}"
        )
        assert "incident 4711" in refused.stderr
        released = f"towpath quarantine {alias} --release"
        assert released.replace(alias, f"-p {PROJECT} {alias}") in _typed(
            tmp_path, server, "towpath explain prod"
        )
        told = typed_lines.done(tmp_path, f"{_set(server)}{rollback} --yes")
        assert told.returncode == 1, "nothing was there before"
        _typed(tmp_path, server, released)


def _freight(asking: httpx.Client) -> dict[str, str]:
    """Return the name and the alias of the one Freight there is."""
    [item] = asking.get(f"/v1beta1/projects/{PROJECT}/freight").json()["groups"][""]["items"]
    return {"name": item["metadata"]["name"], "alias": item["alias"]}


def test_find_what_is_wrong(tmp_path: Path) -> None:
    """A Promotion that failed: each command says so in its way; then nothing more comes by itself."""
    asked, offline, hold = _blocks("find-what-is-wrong.md")
    with _a_pipeline(tmp_path) as server:
        _applied(
            tmp_path, server, _stage("prod", {"uses": "fail", "config": {"message": "no room"}})
        )
        _promoted(tmp_path, server, "prod")
        doctor, *others = asked.splitlines()
        seen = typed_lines.done(tmp_path, _set(server) + doctor)
        assert seen.returncode in (0, 1), seen.stderr
        assert "you are admin" in seen.stdout
        told = _typed(tmp_path, server, "\n".join(others))
        assert "no room" in told
        mine = offline.replace("./towpath-data", str(tmp_path / "data"))
        seen = typed_lines.done(tmp_path, mine)
        assert "key" in seen.stdout, seen.stderr
        assert "held" in _typed(tmp_path, server, hold)


def test_receive_webhooks(tmp_path: Path) -> None:
    """The page's own receiver, a delivery that is signed with the page's own secret, and the same once more to try."""
    [lines] = _blocks("receive-webhooks.md")
    secret, receiver, *_ = _manifests("receive-webhooks.md")
    key = re.search(r"secret: (\w+)", secret)
    assert key is not None
    body = json.dumps(
        {"ref": "refs/heads/main", "repository": {"clone_url": "https://github.com/you/app.git"}}
    ).encode()
    (tmp_path / "push.json").write_bytes(body)
    with _a_pipeline(tmp_path) as server:
        _applied(tmp_path, server, _dedented(secret), _dedented(receiver))
        with moving.client(server) as asking:
            path = waiting.until(lambda: _listens(asking), lambda: "the receiver listens")
        signed = hmac.new(key[1].encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signed}"}
        answer = httpx.post(f"{server.address}{path}", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        told = _typed(tmp_path, server, lines)
    assert "github.com/you/app" in told
    assert told.count("github") >= 3


def _listens(asking: httpx.Client) -> str:
    items = asking.get(f"/towpath/v1/projects/{PROJECT}/webhooks").json()["items"]
    return next((each["path"] for each in items), "")


def _dedented(text: str) -> str:
    lines = text.splitlines()
    room = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[room:] for line in lines)


def test_tell_a_channel(tmp_path: Path) -> None:
    """The page's Secret and channel: what cannot be delivered waits, and why is told."""
    [lines] = _blocks_within("tell-a-channel.md")
    secret, channel, *_ = map(_dedented, _manifests("tell-a-channel.md"))
    with _a_pipeline(tmp_path) as server:
        _applied(tmp_path, server, secret, channel)
        told = _typed(tmp_path, server, _dedented(lines))
    assert re.search(r"^NAME +CHANNEL +STATE", told, re.MULTILINE), told
    assert "channel/slack" in told or "Channel slack" in told, told


class _Fine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        del format, args


def test_verify_a_stage(tmp_path: Path) -> None:
    """A smoke test that passes: seen, run again, and there is nothing to give up then."""
    see, again = _blocks("verify-a-stage.md")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Fine) as tested:
        threading.Thread(target=tested.serve_forever, daemon=True).start()
        place = f"127.0.0.1:{tested.server_port}"
        config = tmp_path / "towpath.yaml"
        config.write_text(f"egress: {{allow: ['{place}']}}\n")
        with _a_pipeline(tmp_path, config) as server:
            step = {"uses": "compose-output", "config": {"tag": "1"}}
            _applied(
                tmp_path,
                server,
                _stage("preprod", step, **{"towpath.dev/smoke": f"url: http://{place}/healthz"}),
            )
            _promoted(tmp_path, server, "preprod")
            told = _typed(tmp_path, server, see)
            assert "Verification:" in told
            wait, abort = again.splitlines()
            assert "Successful" in _typed(tmp_path, server, wait)
            done = typed_lines.done(tmp_path, _set(server) + abort)
            assert done.returncode in (0, 1), done.stderr
        tested.shutdown()


def test_run_something_when(tmp_path: Path) -> None:
    """The page's lines, with the run's name in them."""
    [lines] = _blocks("run-something-when.md")
    hook = {
        "apiVersion": "towpath.dev/v1alpha1",
        "kind": "StageHook",
        "metadata": {"name": "tell-the-page", "namespace": PROJECT},
        "spec": {
            "stageSelector": {"name": "prod"},
            "events": ["promotion-succeeded"],
            "steps": [{"uses": "compose-output", "as": "tell", "config": {"told": "yes"}}],
        },
    }
    with _a_pipeline(tmp_path) as server:
        _applied(tmp_path, server, hook)
        _promoted(tmp_path, server, "prod")
        listed = f"towpath get hookruns -p {PROJECT} -o name"
        named = waiting.until(
            lambda: _typed(tmp_path, server, listed).strip() if _has_run(tmp_path, server) else "",
            lambda: "the hook runs",
        )
        told = _typed(tmp_path, server, lines.replace("NAME", named.partition("/")[2]))
    assert "tell-the-page" in told
    assert re.search(r"^NAME +HOOK +STAGE +EVENT", told, re.MULTILINE), told


def _has_run(folder: Path, server: Running) -> bool:
    return "Succeeded" in _typed(folder, server, f"towpath get hookruns -p {PROJECT}")


def test_see_what_was_released(tmp_path: Path) -> None:
    """What is in two Stages, of images whose commits nobody has told; a build by a shell that takes the lines."""
    compare, build = _blocks("see-what-was-released.md")
    with _a_pipeline(tmp_path) as server:
        _applied(
            tmp_path, server, _stage("preprod", {"uses": "compose-output", "config": {"a": "b"}})
        )
        _promoted(tmp_path, server, "preprod")
        told = _typed(tmp_path, server, compare.replace("sandbox-example", PROJECT))
        assert "registry.example/app" in told
    assert typed_lines.done(tmp_path, f"bash -n <<'END'\n{build}\nEND").returncode == 0


def test_sign_in_with_oidc(tmp_path: Path) -> None:
    """A group is given what promoters may."""
    [grant] = _blocks("sign-in-with-oidc.md")
    with _a_pipeline(tmp_path) as server:
        told = _typed(tmp_path, server, f"{grant}towpath get role kargo-promoter -o json")
    assert "team-shop" in told


def test_gates_explained(tmp_path: Path) -> None:
    """The questions of the page, with names that there are."""
    [lines] = typed_lines.blocks(DOCS / "explanation" / "gates.md")
    with _a_pipeline(tmp_path) as server:
        with moving.client(server) as asking:
            [(name, _)] = moving.promoted(asking)
            freight = _freight(asking)
        mine = lines.replace("prod.01j0…", name).replace("calm-yarrow", freight["alias"])
        told = _typed(tmp_path, server, mine)
    assert told.count("Stage prod") >= 2
    assert "Warehouse main, looked at" in told


def test_connect_argo_cd(tmp_path: Path) -> None:
    """The command that shows connections, of which there are none; a shell takes the lines for a cluster."""
    *cluster, see, authorize = map(_dedented, _blocks_within("connect-argo-cd.md"))
    with _a_pipeline(tmp_path) as server:
        assert "No Argo CD is connected." in _typed(tmp_path, server, see)
    for lines in (*cluster, authorize):
        assert typed_lines.done(tmp_path, f"bash -n <<'END'\n{lines}\nEND").returncode == 0, lines


def _blocks_within(page: str) -> list[str]:
    """Return blocks of a page, those in lists too."""
    return re.findall(
        r"^ *```sh\n(.*?)^ *```", (PAGES / page).read_text(), re.MULTILINE | re.DOTALL
    )


def test_from_commit_to_ticket(tmp_path: Path) -> None:
    """On the demo: accounts of one's own, what hooks ran, what was told, a template tried out, a plan with the ticket in it."""
    accounts, heard, tried = _blocks("from-commit-to-ticket.md")
    with demo(tmp_path) as world:
        world.until("is now Released to preprod.")
        world.until("Ctrl-C stops the demo.")
        told = world.shell(f"set -e\n{heard}")
        assert told.returncode == 0, told.stderr
        assert "verification-succeeded" in told.stdout
        second = tmp_path / "second terminal"
        (second / "template.yaml").write_text(
            "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {name: a}\n"
            "spec: {args: [{name: host}], metrics: [{name: m, successCondition: 'true', provider: {web: "
            "{url: 'https://{{args.host}}/'}}}]}\n"
        )
        template, plan = tried.splitlines()
        done = world.shell(template)
        assert done.returncode in (0, 2), done.stderr
        done = world.shell(plan)
        assert done.returncode == 0, done.stderr
        assert "Plan " in done.stdout
        (second / "secrets.yaml").write_text(
            "{apiVersion: v1, kind: Secret, metadata: {name: mine, namespace: sandbox-example}, stringData: {a: b}}\n"
        )
        config = tmp_path / ".towpath" / "demo" / "kubeconfig"
        mine = accounts.replace("towpath.kubeconfig", shlex.quote(str(config)))
        done = world.shell(mine)
        assert done.returncode == 0, done.stderr
