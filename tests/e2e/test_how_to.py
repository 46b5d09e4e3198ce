"""The how-to pages: their very lines, in their order, typed by somebody who has what the page asks for.

Only what is the reader's own is put in: the address of the server, where another one than 127.0.0.1:8080 is taken.
"""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

from tests.support import github_apps, moving, nginx, towpath_process, typed_lines, waiting
from tests.support.demo_process import demo

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "how-to"
UP = "towpath up --data ./towpath-data"


def _blocks(page: str) -> list[str]:
    return typed_lines.blocks(PAGES / page)


def _ran(folder: Path, lines: str) -> str:
    return typed_lines.output(folder, lines, with_errors=True)


def test_back_up_restore_and_rotate(tmp_path: Path) -> None:
    """A backup of the server that runs, one of it stopped, a restore, a new key, and a start after each."""
    running, stopped, restored = _blocks("back-up-and-restore.md")
    [rotated] = _blocks("rotate-the-key.md")
    assert running.count("http://127.0.0.1:8080") == 1
    data = tmp_path / "towpath-data"
    with towpath_process.up(tmp_path, data=data) as server:
        mine = running.replace("http://127.0.0.1:8080", server.address)
        _ran(tmp_path, mine)
        again = typed_lines.done(tmp_path, mine)
        assert "there is a file of that name already" in again.stderr, "it is not written over"
    (tmp_path / "monday.db").rename(tmp_path / "sunday.db")
    _ran(tmp_path, stopped)
    for lines, told in ((restored, "towpath.db.before-restore-"), (rotated, "key")):
        *work, start = lines.splitlines()
        assert start == UP
        assert told in _ran(tmp_path, "\n".join(work))
        with towpath_process.up(tmp_path, data=data):
            pass


def test_apply_and_promote_with_kubectl(tmp_path: Path) -> None:
    """Against the demo: who am I, apply what is there already, promote, look for images."""
    connect, create, apply, promote, look = _blocks("apply-with-kubectl.md")[:5]
    assert connect.startswith(UP)
    assert "kubectl auth whoami" in connect
    with demo(tmp_path) as world:
        world.until("to preprod: Succeeded")
        world.until("Ctrl-C stops the demo.")
        second = tmp_path / "second terminal"
        second.mkdir()
        (second / "examples").symlink_to(ROOT / "examples")
        data = tmp_path / ".towpath" / "demo" / "towpath"
        connected = connect.partition("\n")[2].replace("./towpath-data", str(data))
        done = world.shell(f"set -e\n{connected}")
        assert "admin" in done.stdout, done.stderr
        export = f"export KUBECONFIG='{second / 'towpath.kubeconfig'}'\n"
        made = world.shell(
            export
            + create.replace("-n shop", "-n sandbox-example").replace(
                "--namespace shop", "--namespace sandbox-example"
            )
        )
        assert made.returncode == 0, made.stderr
        difference, *rest = apply.splitlines()
        assert world.shell(export + difference).returncode in (0, 1)
        # The demo's Stages have smoke tests of what Argo CD deploys; those of this example have no Argo CD.
        bare = "kubectl annotate stages --all -n sandbox-example towpath.dev/smoke-"
        for lines in ("\n".join([*rest, bare]), promote, look):
            done = world.shell(f"set -e\n{export}{lines}")
            assert done.returncode == 0, f"{lines}: {done.stdout}{done.stderr}"
        assert world.run("history", "prod").stdout.count("Warehouse/example-container") == 1


def test_see_what_a_promotion_would_change(tmp_path: Path) -> None:
    """Against the demo: plan, look at the lines, promote by the id, and say yes to another plan."""
    look, lines, by_id, asked, again = _blocks("see-what-a-promotion-would-change.md")
    with demo(tmp_path) as world:
        world.until("to preprod: Succeeded")
        world.until("Ctrl-C stops the demo.")
        told = world.shell(look).stdout.splitlines()
        assert re.fullmatch(
            r"Plan [0-9a-f]{16}: Freight [a-z-]+ \(example-container:\S+\) to Stage prod", told[0]
        ), told
        assert told[-2:] == ["  prod/values.yaml (+1 -1)", "  ends Succeeded"]
        freight = told[0].split()[3]
        detailed = world.shell(lines).stdout
        assert re.search(r"^    -.*\n    \+", detailed, re.MULTILINE), detailed
        done = world.shell(f"set -e\n{by_id}")
        assert done.returncode == 0, done.stdout + done.stderr
        done = world.shell(f"set -e\nfreight={freight}\necho y | {asked}")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "changes nothing" in done.stderr
        shown = world.shell(f"plan={told[0].split()[1].strip(':')}\n{again}").stdout.splitlines()
        assert shown[0] == told[0]
        assert shown[1].startswith("OUTDATED: master of ")


def test_use_a_github_app(tmp_path: Path) -> None:
    """The Secret is taken without a warning, and serves the repository as the page says."""
    [lines] = _blocks("use-a-github-app.md")
    (tmp_path / "acme.private-key.pem").write_text(github_apps.pem(github_apps.key()))
    project = tmp_path / "project.yaml"
    project.write_text(
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: shop}\n"
    )
    with towpath_process.up(tmp_path) as server:
        export = f"export TOWPATH_SERVER={server.address} TOWPATH_TOKEN={server.token}\n"
        _ran(tmp_path, f"{export}towpath apply -f project.yaml")
        told = _ran(tmp_path, export + lines)
    assert "Warning" not in told
    page = (PAGES / "use-a-github-app.md").read_text()
    [answer] = re.findall(r"^    (Secret shop/acme-app .*)$", page, re.MULTILINE)
    assert answer in told


def test_write_a_step(tmp_path: Path) -> None:
    """A copy of the example is installed, and its tests pass; only where it is installed to is not the reader's."""
    install, check = _blocks("write-a-step.md")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    copy, pip = install.splitlines()
    assert pip == "pip install --no-deps --editable ./my-step"
    _ran(tmp_path, copy)
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
    where = ["--no-build-isolation", "--python", sys.executable, "--target", "site", "./my-step"]
    _ran(tmp_path, shlex.join([*uv, *where]))
    tested = check.replace("pytest", f"{shlex.quote(sys.executable)} -m pytest -p no:cacheprovider")
    told = _ran(tmp_path, f"export PYTHONPATH={shlex.quote(str(tmp_path / 'site'))}\n{tested}")
    assert " passed" in told


def test_run_behind_a_proxy(tmp_path: Path) -> None:
    """The configuration that the page has written, nginx before it, and the page's own check through it."""
    start, check = _blocks("run-behind-a-proxy.md")
    write, run = start.splitlines()
    assert run == f"{UP} --config towpath.yaml --listen 127.0.0.1:8080 --listen-tls none"
    _ran(tmp_path, write)
    data = tmp_path / "towpath-data"
    config = tmp_path / "towpath.yaml"
    with towpath_process.up(tmp_path, data=data, config=config) as server:
        tls = data / "tls"
        place = server.address.removeprefix("http://").removesuffix("/towpath")
        with nginx.before(place, tmp_path / "nginx", tls / "server.crt", tls / "server.key") as own:
            mine = check.replace("https://towpath.example.com", f"https://{own}")
            assert mine != check
            trusting = f"export SSL_CERT_FILE={tls / 'ca.crt'}\n"
            assert "No resources found." in _ran(tmp_path, trusting + mine)
            written = (tmp_path / "kubeconfig").read_text()
            assert f"server: https://{own}/towpath" in written


def test_upgrade(tmp_path: Path) -> None:
    """A former version's data directory: the page's backup, its start, and its way back."""
    before, start, back = _blocks("upgrade.md")
    assert start == f"{UP}\n"
    [packed] = sorted((ROOT / "tests/fixtures/upgrade").glob("*.tar.gz"))[-1:]
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    data, key = tmp_path / "towpath-data", tmp_path / "keys/key"
    (tmp_path / "data").rename(data)
    key.parent.mkdir(mode=0o700)
    (tmp_path / "key").rename(key)
    _ran(tmp_path, before)
    with towpath_process.up(tmp_path, data=data):
        pass
    assert list((data / "backups").iterdir())
    assert "before-restore" in _ran(tmp_path, back)


def test_run_on_a_vm(tmp_path: Path) -> None:
    """What can be typed without being root is; the unit starts what the page installs, with the file that it writes."""
    install, write, start = _blocks("run-on-a-vm.md")
    config = tmp_path / "config.yaml"
    _ran(tmp_path, write.replace("/etc/towpath/config.yaml", str(config)))
    unit = (ROOT / "deploy/systemd/towpath.service").read_text()
    assert "ExecStart=/opt/towpath/bin/towpath up " in unit
    assert "-m venv /opt/towpath\n" in install
    assert "--config /etc/towpath/config.yaml" in unit
    assert "useradd --system --home-dir /var/lib/towpath " in install
    assert "enable --now towpath\n" in start
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"towpath-{version}-py3-none-any.whl" in install
    with towpath_process.up(tmp_path, config=config) as server:
        server.process.send_signal(signal.SIGHUP)  # what `systemctl reload` sends
        reread = "the settings were read again"
        waiting.until(lambda: reread in (tmp_path / "log").read_text(), lambda: reread)


def test_run_in_a_container(tmp_path: Path) -> None:
    """The page's commands name what the image has, and its health check is content with a server that runs."""
    [lines] = _blocks("run-in-a-container.md")
    image = (ROOT / "deploy/container/Containerfile").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert lines.count(f"towpath:{version}") == 2
    assert "--file deploy/container/Containerfile" in lines
    for volume in re.findall(r"--volume \S+:(/\S+)", lines):
        assert f'"{volume}"' in image
    assert "docker exec towpath cat /data/admin-token" in lines
    assert typed_lines.done(tmp_path, f"bash -n <<'END'\n{lines}\nEND").returncode == 0
    check = re.search(r'CMD \["python", "-c", "(.*)"\]', image)
    assert check is not None
    with towpath_process.up(tmp_path) as server:
        code = check[1].replace("http://127.0.0.1:8080", server.address)
        assert code != check[1]
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert subprocess.run(
        [sys.executable, "-c", code], check=False, stderr=subprocess.DEVNULL
    ).returncode


def test_use_kargos_commands(tmp_path: Path) -> None:
    """The page's commands, with the pipeline of a reader who has one."""
    sign_in, day = _blocks("use-kargos-commands.md")
    (tmp_path / "pipeline.yaml").write_text(
        "{apiVersion: kargo.akuity.io/v1alpha1, kind: Warehouse, metadata: {name: main, namespace: my-app}, "
        'spec: {subscriptions: [{image: {repoURL: "127.0.0.1:1/x"}}]}}\n'
    )
    with towpath_process.up(tmp_path, data=tmp_path / "towpath-data") as server:
        told = _ran(tmp_path, sign_in.replace("http://127.0.0.1:8080", server.address))
        assert "my-app" in told
        assert "deployers created" in _ran(tmp_path, day)
        assert (tmp_path / "ci-token").read_text().count(".") == 2
    assert not (tmp_path / "config" / "towpath" / "config").exists(), "signed out"


def test_give_people_roles(tmp_path: Path) -> None:
    """A grant, a role of one's own, a token that is made, listed and revoked."""
    see, own, more, token = _blocks("give-people-roles.md")
    project = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: shop}\n"
    (tmp_path / "shop.yaml").write_text(project)
    with towpath_process.up(tmp_path) as server:
        there = "until towpath get role kargo-viewer -p shop; do :; done\n"
        told = _ran(
            tmp_path,
            f"{_against(server)}towpath apply -f shop.yaml\n{there}{see}{own}{more}{token}",
        )
        asked = f"{_against(server)}towpath get role kargo-viewer -p shop -o json"
        assert "developers" in _ran(tmp_path, asked)
    rules = told[told.rindex("kind: Role") :] if "kind: Role" in told else told
    assert re.search(r"resourceNames:\s+- prod", rules), rules
    assert "freights/status" not in rules
    assert re.search(r"^dashboard +kargo-viewer", told, re.MULTILINE), told
    assert re.search(r"^secret/dashboard deleted", told, re.MULTILINE), told


def _against(server: towpath_process.Running) -> str:
    return f"export TOWPATH_SERVER={server.address} TOWPATH_TOKEN={server.token}\n"


def test_split_an_instance(tmp_path: Path) -> None:
    """The page's lines, on the instance that it names: the Project is on the new one as it was, and gone from the old one."""
    key, export, taken_in, remove, release, _ = _blocks("split-an-instance.md")
    (tmp_path / "new").mkdir()
    with (
        towpath_process.up(tmp_path) as old,
        towpath_process.up(tmp_path / "new") as new,
        moving.client(old) as asking,
        moving.client(new) as other,
    ):
        moving.filled(tmp_path, old)
        promoted = moving.promoted(asking)
        _ran(tmp_path, _against(new) + key)
        _ran(tmp_path, _against(old) + export)
        refused = typed_lines.done(
            tmp_path, f"{_against(old)}towpath approve --project shop --freight x --stage prod"
        )
        assert refused.returncode == 1
        frozen = typed_lines.done(
            tmp_path, f"{_against(old)}towpath delete stage prod --project shop"
        )
        assert "it moves to an instance of its own" in frozen.stderr
        _ran(tmp_path, _against(old) + release)
        assert typed_lines.done(tmp_path, _against(old) + remove).returncode == 1, (
            "it is not frozen any more"
        )
        (tmp_path / "shop.towpath").unlink()
        _ran(tmp_path, _against(old) + export)
        past = moving.told(asking)
        told = _ran(tmp_path, _against(new) + taken_in)
        assert re.search(r"^test\b", told, re.MULTILINE), told
        _ran(tmp_path, _against(old) + remove)
        waiting.until(lambda: moving.is_gone(asking), lambda: "the Project is gone")
        assert moving.promoted(other) == promoted
        assert moving.told(other) == past
        assert len(moving.told(asking)[2]) == len(past[2]), "history stays"


def test_move_from_kargo(tmp_path: Path) -> None:
    """A folder and a cluster, for which a server of ours stands, whose Kubernetes API answers as one."""
    folder, cluster = _blocks("move-from-kargo.md")
    for name in ("new", "other"):
        (tmp_path / name).mkdir()
    with towpath_process.up(tmp_path) as old, moving.client(old) as asking:
        moving.filled(tmp_path, old)
        promoted = moving.promoted(asking)
        config = tmp_path / "kubeconfig"
        made = towpath_process.run(
            tmp_path, "kubeconfig", "--data", tmp_path / "data", "--output", config
        )
        assert made.returncode == 0, made.stderr
        moving.manifests(asking, tmp_path / "shop-manifests")
        for name, lines in (("new", folder), ("other", cluster)):
            with towpath_process.up(tmp_path / name) as new, moving.client(new) as other:
                told = _ran(tmp_path, _against(new) + lines)
                assert moving.there(other)
                assert "Secrets whose values are masked where they were read are left out" in told
                assert moving.promoted(other) == promoted
                assert [line["freight"] for line in moving.told(other)[2]] == [
                    line["freight"] for line in moving.told(asking)[2]
                ]
