"""`helm-update-chart` and `buildDependencies` with a real repository and a real registry: what is chosen, kept, refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml

from tests.support import chart_server, chart_sources, registry, rendering
from tests.support.chart_server import archive
from tests.support.chart_sources import Secrets
from tests.support.rendering import Bench
from towpath import errors
from towpath.documents import chart, chart_archive, chart_lock
from towpath.promotion.doors.rendering import Renderers
from towpath.promotion.step import Succeeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.chart_server import ChartServer
    from tests.support.registry import Registry


@pytest.fixture
def server() -> Iterator[ChartServer]:
    """A repository with a few versions."""
    with chart_server.serving() as server:
        server.offer(
            ("web", "1.0.0"),
            ("web", "1.2.0"),
            ("web", "2.0.0-rc.1"),
            ("web", "v2.1.0"),
            ("db", "0.3.1"),
        )
        yield server


@pytest.fixture
def secrets() -> Secrets:
    """None, at first."""
    return Secrets()


@pytest.fixture
async def bench(
    tmp_path: Path, server: ChartServer, secrets: Secrets, registries: dict[str, list[str]]
) -> AsyncIterator[Bench]:
    """A work directory whose charts come from the servers of the test."""
    allowed = [f"127.0.0.1:{server.port}"]
    allowed += [mirror.removeprefix("http://") for each in registries.values() for mirror in each]
    async with chart_sources.opened(secrets, allowed, registries) as charts:
        helm = Renderers(helm=rendering.helm(), kustomize=None)
        yield Bench(tmp_path / "p" / "files", rendering=helm, charts=charts)


@pytest.fixture
def registries() -> dict[str, list[str]]:
    """No registry, unless a test brings one."""
    return {}


def _umbrella(bench: Bench, *dependencies: dict[str, Any], **more: Any) -> None:
    document = {"apiVersion": "v2", "name": "umbrella", "version": "1.0.0", **more}
    text = yaml.safe_dump({**document, "dependencies": list(dependencies)}, sort_keys=False)
    bench.write("src/Chart.yaml", text)


async def _update(bench: Bench, **config: Any) -> Succeeded:
    outcome = await bench.run("helm-update-chart", path="./src", **config)
    assert isinstance(outcome, Succeeded), outcome
    return outcome


def _locked(bench: Bench) -> dict[str, str]:
    lock = chart_lock.read(bench.read("src/Chart.lock").encode(), "lock")
    required = chart.dependencies(bench.read("src/Chart.yaml").encode(), "chart")
    assert lock.digest == chart_lock.digest(required, lock.dependencies)
    return {each.name: each.version for each in lock.dependencies}


def _archives(bench: Bench) -> dict[str, bytes]:
    return {name: (bench.root / "src/charts" / name).read_bytes() for name in _charts(bench)}


def _charts(bench: Bench) -> list[str]:
    folder = bench.root / "src/charts"
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


async def test_the_newest_within_a_range_is_taken_and_locked(
    bench: Bench, server: ChartServer
) -> None:
    """Archives are placed, older ones of a dependency go; the second run changes nothing and says nothing."""
    _umbrella(
        bench,
        {"name": "web", "repository": server.url, "version": "^1.0", "alias": "w"},
        {"name": "db", "repository": f"{server.url}/", "version": "*"},
    )
    outcome = await _update(bench)
    assert _locked(bench) == {"web": "1.2.0", "db": "0.3.1"}
    assert _charts(bench) == ["db-0.3.1.tgz", "web-1.2.0.tgz"]
    assert outcome.output == {
        "commitMessage": "Updated chart dependencies for ./src\n\n- web: 1.2.0\n- db: 0.3.1"
    }
    before = _archives(bench)
    lock = bench.read("src/Chart.lock")
    again = await _update(bench)
    assert again.output is None
    assert bench.read("src/Chart.lock") == lock
    assert _archives(bench) == before


async def test_a_step_that_was_cut_off_says_the_same_again(
    bench: Bench, server: ChartServer
) -> None:
    """Though the lock has the new versions already; another step, and another lock, are nothing to it."""
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "^1.0"})
    first = await _update(bench, alias="charts")
    assert first.output is not None
    assert (await _update(bench, alias="charts")).output == first.output
    assert (await _update(bench, alias="other")).output is None
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "1.0.0"})
    await _update(bench, alias="third")
    assert (await _update(bench, alias="charts")).output is None


async def test_versions_are_set_and_nothing_else_of_the_chart(
    bench: Bench, server: ChartServer
) -> None:
    """Comments and quotes stay; what changed is said, also what is gone."""
    text = (
        "apiVersion: v2 # ours\nname: umbrella\nversion: 0.1.0\ndependencies:\n"
        f"- name: web # the shop\n  repository: {server.url}\n  version: '1.0.0' # pinned\n"
    )
    bench.write("src/Chart.yaml", text)
    await _update(bench)
    bench.write("src/charts/old-1.0.0.tgz", "no chart: it is left alone")
    (bench.root / "src/charts/gone-1.0.0.tgz").write_bytes(archive("gone", "1.0.0"))
    wanted = {"repository": server.url, "name": "web", "version": "1.2.0"}
    outcome = await _update(bench, charts=[wanted])
    assert bench.read("src/Chart.yaml") == text.replace("1.0.0", "1.2.0")
    assert outcome.output == {
        "commitMessage": "Updated chart dependencies for ./src\n\n- web: 1.0.0 -> 1.2.0"
    }
    assert _charts(bench) == ["old-1.0.0.tgz", "web-1.2.0.tgz"]
    _umbrella(bench)
    outcome = await _update(bench)
    assert outcome.output == {
        "commitMessage": "Updated chart dependencies for ./src\n\n- web: removed"
    }
    assert not (bench.root / "src/Chart.lock").exists()


async def test_a_lock_whose_versions_stay_is_kept(bench: Bench, server: ChartServer) -> None:
    """Byte by byte, when it was made included, though the range is another."""
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "1.2.0"})
    await _update(bench)
    lock = bench.read("src/Chart.lock")
    _umbrella(bench, {"name": "web", "repository": server.url, "version": ">=1.1 <2"})
    assert (await _update(bench)).output is None
    assert bench.read("src/Chart.lock") == lock


async def test_what_is_not_to_be_had_leaves_the_chart_as_it_was(
    bench: Bench, server: ChartServer
) -> None:
    """The error names chart, repository, range, and what there is."""
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "^1"})
    await _update(bench)
    before = bench.read("src/Chart.yaml") + bench.read("src/Chart.lock")
    for wanted, error, said in (
        (
            {"name": "web", "version": "^9"},
            errors.NotFound,
            r"web is within '\^9'; there are v2\.1\.0",
        ),
        ({"name": "web", "version": "latest"}, errors.BadRequest, "no range"),
    ):
        with pytest.raises(error, match=said):
            await _update(bench, charts=[{"repository": server.url, **wanted}])
        assert bench.read("src/Chart.yaml") + bench.read("src/Chart.lock") == before
        assert _charts(bench) == ["web-1.2.0.tgz"]
    with pytest.raises(errors.BadRequest, match="no dependency has the name 'nope'"):
        await _update(bench, charts=[{"repository": server.url, "name": "nope", "version": "1"}])
    _umbrella(bench, {"name": "other", "repository": server.url, "version": "*"})
    with pytest.raises(errors.NotFound, match="there is no such chart"):
        await _update(bench)
    _umbrella(bench, {"name": "web", "repository": f"{server.url}/nothing", "version": "*"})
    with pytest.raises(errors.NotFound, match="its index: it answered 404"):
        await _update(bench)
    _umbrella(bench, {"name": "web", "repository": "@stable", "version": "*"})
    with pytest.raises(errors.BadRequest, match="are not known here"):
        await _update(bench)
    with pytest.raises(errors.NotFound, match="no chart"):
        await bench.run("helm-update-chart", path="./nowhere")


@pytest.mark.parametrize(
    "range_", ["^1.0", "~1", ">=1.0 <3", "*", ">0-0", "1.x || 2.x", "v2.1.0", "1.0"]
)
async def test_helm_itself_takes_the_same_and_writes_the_same_lock(
    bench: Bench, server: ChartServer, range_: str, tmp_path: Path
) -> None:
    """Compared with Helm's own dependency update, but for when it was done."""
    bench.write("local/Chart.yaml", "apiVersion: v2\nname: local\nversion: 0.3.0\n")
    web = {"name": "web", "repository": server.url, "version": range_, "tags": ["b", "a"]}
    web["import-values"] = cast("Any", [{"parent": "z", "child": "a"}, "data"])
    local = {"name": "local", "repository": "file://../local", "version": "<1"}
    _umbrella(bench, web, local)
    await _update(bench)
    ours = yaml.safe_load(bench.read("src/Chart.lock"))
    (bench.root / "src/Chart.lock").unlink()
    code = f"from helm_python.registry import dependency_update; dependency_update({str(bench.root / 'src')!r})"
    (tmp_path / "home").mkdir()
    subprocess.run(
        [sys.executable, "-c", code],
        env={"HOME": str(tmp_path / "home"), "PATH": os.defpath},
        check=True,
        timeout=60,
    )
    theirs = yaml.safe_load(bench.read("src/Chart.lock"))
    assert ours.pop("generated")
    assert theirs.pop("generated")
    assert ours == theirs


async def test_local_charts_are_packed_without_what_they_ignore(bench: Bench) -> None:
    """The same archive for the same files; outside of the work directory is nothing."""
    bench.write("libs/local/Chart.yaml", "apiVersion: v2\nname: local\nversion: 0.3.0\n")
    bench.write("libs/local/.helmignore", "# comment\n*.txt\n/secret/\ndeep/*/x\n")
    for path in (
        "a.txt",
        "kept",
        "secret/key",
        "deep/a/x",
        "deep/x",
        "templates/.hidden",
        "templates/t.yaml",
    ):
        bench.write(f"libs/local/{path}", "x: 1\n")
    _umbrella(bench, {"name": "local", "repository": "file://../libs/local", "version": "0.x"})
    await _update(bench)
    packed_at = bench.root / "src/charts/local-0.3.0.tgz"
    first = packed_at.read_bytes()
    with tarfile.open(packed_at) as packed:
        assert packed.getnames() == [
            f"local/{each}"
            for each in ("Chart.yaml", ".helmignore", "deep/x", "kept", "templates/t.yaml")
        ]
    packed_at.unlink()
    await _update(bench)
    assert packed_at.read_bytes() == first
    for place in ("file:///etc", "file://../../../etc", "file://../out"):
        _umbrella(bench, {"name": "local", "repository": place, "version": "*"})
        if place.endswith("out"):
            (bench.root / "out").symlink_to("/etc")
        with pytest.raises(
            errors.BadRequest, match=r"outside the working directory|must be relative"
        ):
            await _update(bench)
    _umbrella(bench, {"name": "local", "repository": "file://../libs/local", "version": "9"})
    with pytest.raises(errors.NotFound, match=r"0\.3\.0 is not within"):
        await _update(bench)
    (bench.root / "libs/local/link").symlink_to("/etc/passwd")
    _umbrella(bench, {"name": "local", "repository": "file://../libs/local", "version": "*"})
    with pytest.raises(errors.BadRequest, match="link is a link"):
        await _update(bench)


async def test_dependencies_are_built_before_a_chart_is_rendered(
    bench: Bench, server: ChartServer
) -> None:
    """As the lock says, though newer ones are there; without a lock as the ranges say; a stale lock is refused."""
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "1.0.0"})
    config: dict[str, Any] = {
        "path": "./src",
        "outPath": "out.yaml",
        "releaseName": "rel",
        "buildDependencies": True,
    }
    await bench.run("helm-template", **config)
    assert "name: 'web-1.0.0'" in bench.read("out.yaml")
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "^1"})
    with pytest.raises(errors.BadRequest, match=r"Chart\.lock: it is out of sync"):
        await bench.run("helm-template", **config)
    lock = chart_lock.Locked("web", server.url, "1.0.0")
    required = chart.dependencies(bench.read("src/Chart.yaml").encode(), "")
    text = chart_lock.written(
        [lock], chart_lock.digest(required, [lock]), datetime(2026, 1, 2, tzinfo=UTC)
    )
    bench.write("src/Chart.lock", text.decode())
    (bench.root / "src/charts/web-1.0.0.tgz").unlink()
    await bench.run("helm-template", **config)
    assert "name: 'web-1.0.0'" in bench.read("out.yaml")
    assert bench.read("src/Chart.lock") == text.decode()


async def test_old_charts_list_dependencies_in_a_file_of_their_own(
    bench: Bench, server: ChartServer
) -> None:
    """`requirements.yaml`, as charts of apiVersion v1 do."""
    bench.write("src/Chart.yaml", "apiVersion: v1\nname: old\nversion: 1.0.0\n")
    bench.write(
        "src/requirements.yaml",
        f"dependencies: [{{name: db, repository: '{server.url}', version: '0.x'}}]\n",
    )
    await _update(bench)
    assert "version: 0.3.1" in bench.read("src/requirements.lock")
    assert _charts(bench) == ["db-0.3.1.tgz"]


# --- credentials -------------------------------------------------------------------------------------


async def test_a_credential_goes_to_its_repository_alone(
    bench: Bench, server: ChartServer, secrets: Secrets
) -> None:
    """Over https, where the test has no server: what is sent is seen by the request that is refused; http is anonymous."""
    secrets.known.add(server.url)
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "*"})
    await _update(bench)
    assert {sent for _, sent in server.asked} == {""}
    assert secrets.asked == []
    server.asks = True
    with pytest.raises(errors.Forbidden, match="no Secret of type helm matches"):
        await bench.charts.choose(f"{server.url}/", "db", "*")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Registry]:
    """A real registry that asks who we are."""
    with registry.serving(tmp_path / "registry", asks=True) as running:
        yield running


class TestRegistries:
    """Charts as OCI artifacts, in a real registry."""

    @pytest.fixture
    def registries(self, real: Registry) -> dict[str, list[str]]:
        """The operator's mirror leads to it."""
        return {"charts.example": [real.url]}

    async def test_a_version_is_chosen_among_tags(
        self, bench: Bench, real: Registry, secrets: Secrets
    ) -> None:
        """With the credential for `oci://HOST/PATH/NAME`; `+` is `_` in tags; a version needs no list of tags."""
        for version in ("1.0.0", "1.4.0+build.7", "2.0.0"):
            chart_server.push(real, "team/web", version)
        secrets.known.add("oci://charts.example/team/web")
        _umbrella(
            bench, {"name": "web", "repository": "oci://charts.example/team", "version": "^1"}
        )
        await _update(bench)
        assert _locked(bench) == {"web": "1.4.0+build.7"}
        assert _charts(bench) == ["web-1.4.0+build.7.tgz"]
        assert set(secrets.asked) == {("helm", "oci://charts.example/team/web")}
        wanted = {"repository": "oci://charts.example/team", "name": "web", "version": "2.0.0"}
        await _update(bench, charts=[wanted])
        assert _charts(bench) == ["web-2.0.0.tgz"]

    async def test_without_a_credential_the_error_says_so(
        self, bench: Bench, real: Registry
    ) -> None:
        """And names the repository."""
        chart_server.push(real, "team/web", "1.0.0")
        _umbrella(bench, {"name": "web", "repository": "oci://charts.example/team", "version": "*"})
        with pytest.raises(errors.Forbidden, match="no Secret matches"):
            await _update(bench)

    async def test_what_is_no_chart_is_refused(
        self, bench: Bench, real: Registry, secrets: Secrets
    ) -> None:
        """An image, and an artifact whose contents are another chart."""
        secrets.known |= {f"oci://charts.example/team/{name}" for name in ("image", "web")}
        real.push("team/image", "1.0.0")
        chart_server.push(real, "team/web", "1.0.0", archive("other", "1.0.0"))
        for name, said in (("image", "none of its layers"), ("web", "is chart 'other'")):
            _umbrella(
                bench, {"name": name, "repository": "oci://charts.example/team", "version": "1.0.0"}
            )
            with pytest.raises((errors.Unsupported, errors.BadRequest), match=said):
                await _update(bench)


# --- hostile repositories ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no archive of a chart"),
        (b"\x1f\x8bjunk", "not gzipped"),
        (archive("other", "1.0.0"), "is chart 'other'"),
        (archive("web", "6.6.6"), "version '6.6.6'"),
        (archive("web", "1.0.0", odd="../../escape"), "leads elsewhere"),
        (archive("web", "1.0.0", odd="/etc/cron.d/x"), "leads elsewhere"),
        (archive("web", "1.0.0", odd="web/a/../../x"), "leads elsewhere"),
        (archive("web", "1.0.0", odd="web\\x"), "leads elsewhere"),
        (archive("web", "1.0.0", odd="elsewhere/x"), "one folder"),
        (archive("web", "1.0.0", odd="web/l", type=tarfile.SYMTYPE, linkname="/etc"), "is no file"),
        (
            archive("web", "1.0.0", odd="web/l", type=tarfile.LNKTYPE, linkname="web/Chart.yaml"),
            "is no file",
        ),
        (archive("web", "1.0.0", odd="web/l", type=tarfile.CHRTYPE), "is no file"),
        (archive("web", "1.0.0", odd="web/big", size=101 << 20), "unpacks to more than"),
        (archive("web", "1.0.0", files={"Chart.yaml": "name: [\n"}), r"Chart\.yaml: line 2"),
        (archive("web", "1.0.0", files={"Chart.yaml": "name: web\n"}), "name and a version"),
    ],
)
async def test_an_archive_that_is_not_what_it_should_be_is_refused(
    bench: Bench, server: ChartServer, data: bytes, said: str
) -> None:
    """Though its digest is right; nothing is written."""
    server.files["/charts/web-1.0.0.tgz"] = data
    digest = hashlib.sha256(data).hexdigest()
    server.index({"web": [{"version": "1.0.0", "urls": ["web-1.0.0.tgz"], "digest": digest}]})
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "*"})
    with pytest.raises((errors.BadRequest, errors.TooLarge), match=said):
        await _update(bench)
    assert _charts(bench) == []
    assert not (bench.root / "src/Chart.lock").exists()


async def test_another_digest_than_the_index_says_is_refused(
    bench: Bench, server: ChartServer
) -> None:
    """Somebody has replaced the archive, or the index."""
    server.offer(("web", "1.0.0"), web="0" * 64)
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "*"})
    with pytest.raises(errors.Unavailable, match="another digest"):
        await _update(bench)


@pytest.mark.parametrize(
    "index",
    [
        "",
        "[]",
        "entries: [",
        "entries: 7\n",
        "<html></html>",
        "a: &a [*a]\nentries: {}\n",
        "[" * 9_000,
    ],
)
async def test_an_index_that_is_none_is_said(bench: Bench, server: ChartServer, index: str) -> None:
    """With the repository's address."""
    server.files["/charts/index.yaml"] = index.encode()
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "*"})
    with pytest.raises((errors.BadRequest, errors.NotFound), match=server.url):
        await _update(bench)


async def test_an_index_leads_to_no_address_that_is_refused(
    bench: Bench, server: ChartServer
) -> None:
    """By a URL, or a redirect: metadata services and what the operator has not allowed."""
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "*"})
    for url in ("http://169.254.169.254/latest", "http://127.0.0.1:1/x.tgz", "file:///etc/passwd"):
        server.index({"web": [{"version": "1.0.0", "urls": [url]}]})
        bench.charts._known.clear()
        with pytest.raises((errors.Forbidden, errors.BadRequest)):
            await _update(bench)
    server.index({"web": [{"version": "1.0.0", "urls": ["x.tgz"]}]})
    server.redirects["/charts/x.tgz"] = "http://169.254.169.254/latest"
    bench.charts._known.clear()
    with pytest.raises(errors.Forbidden):
        await _update(bench)


async def test_names_and_versions_make_safe_files(bench: Bench, server: ChartServer) -> None:
    """Whatever a chart or an index says."""
    _umbrella(bench, {"name": "../../web", "repository": server.url, "version": "*"})
    with pytest.raises(errors.BadRequest, match=r"has the name '\.\./\.\./web'"):
        await _update(bench)
    server.index(
        {"web": [{"version": "../../1.0.0", "urls": ["x"]}, {"version": "1", "urls": [7]}]}
    )
    _umbrella(bench, {"name": "web", "repository": server.url, "version": "*"})
    with pytest.raises(errors.NotFound):
        await _update(bench)
    lock = {
        "dependencies": [{"name": "web", "repository": server.url, "version": "../1"}],
        "digest": "x",
    }
    bench.write("src/Chart.lock", json.dumps(lock))
    with pytest.raises(errors.BadRequest):
        await bench.run(
            "helm-template", path="./src", outPath="o", releaseName="r", buildDependencies=True
        )
    assert chart_archive.MOST_BYTES
