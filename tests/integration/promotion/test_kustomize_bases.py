"""`kustomize-build` of what lies elsewhere: repositories, files and charts are fetched by us, under our guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support import chart_server, chart_sources, git_server, git_steps
from tests.support.chart_sources import Secrets
from tests.support.git_steps import SITE
from tests.support.rendering import Bench
from towpath import errors
from towpath.documents.kustomization import GitBase, charts, git_base, is_elsewhere, mapped
from towpath.promotion.doors import bases
from towpath.promotion.step import Succeeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.chart_server import ChartServer
    from tests.support.git_server import GitServer

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
REMOTE = {
    "deploy/kustomization.yaml": "resources: [../common, config.yaml]\n",
    "deploy/config.yaml": CONFIG % "first",
    "common/kustomization.yaml": "resources: [config.yaml]\n",
    "common/config.yaml": CONFIG % "common",
}


@pytest.fixture
def server() -> Iterator[ChartServer]:
    """Files and charts over HTTP."""
    with chart_server.serving() as server:
        server.offer(("web", "1.0.0"), ("web", "1.2.0"))
        yield server


@pytest.fixture
def git(tmp_path: Path) -> Iterator[GitServer]:
    """Repositories, for those with a password."""
    with git_server.serving(tmp_path / "git") as served:
        yield served


@pytest.fixture
async def remote(tmp_path: Path, git: GitServer) -> AsyncIterator[git_steps.Bench]:
    """Git as a Promotion has it."""
    bench = git_steps.Bench(tmp_path / "towpath", git)
    await bench.start()
    git.create("bases.git", REMOTE)
    git.commit("bases.git", {**REMOTE, "deploy/config.yaml": CONFIG % "second"}, branch="next")
    yield bench
    await bench.repositories.close()
    await bench.pool.close()


@pytest.fixture
async def bench(
    tmp_path: Path, server: ChartServer, remote: git_steps.Bench
) -> AsyncIterator[Bench]:
    """A work directory with an environment."""
    async with chart_sources.opened(Secrets(), [f"127.0.0.1:{server.port}"], {}) as sources:
        bench = Bench(
            tmp_path / "p" / "files", charts=sources, git=remote.client, egress=sources.egress
        )
        bench.write("prod/own.yaml", CONFIG % "own")
        bench.write("shared/data.txt", "shared")
        yield bench


async def _built(bench: Bench, kustomization: str, path: str = "prod") -> list[str]:
    """Return the names of the objects that a kustomization is built to."""
    bench.write("prod/kustomization.yaml", kustomization)
    before = _state(bench)
    outcome = await bench.run("kustomize-build", path=path, outPath="out.yaml")
    assert isinstance(outcome, Succeeded)
    (bench.root / "out.yaml").rename(bench.root.parent / "out.yaml")
    assert _state(bench) == before, "the work directory stays as it is"
    assert sorted(each.name for each in bench.root.parent.iterdir()) == ["files", "out.yaml"]
    text = (bench.root.parent / "out.yaml").read_text()
    return sorted(each["metadata"]["name"] for each in yaml.safe_load_all(text))


def _state(bench: Bench) -> dict[str, tuple[int, str]]:
    return {
        str(path.relative_to(bench.root)): (path.stat().st_ino, path.read_text())
        for path in bench.root.rglob("*")
        if path.is_file()
    }


async def test_a_repository_is_fetched_with_the_projects_credential(
    bench: Bench, git: GitServer
) -> None:
    """At a branch, a tag, a commit or the default branch; what it builds on lies in it as well."""
    git_server.git(git.path("bases.git"), "tag", "v1", "main")
    commit = git.head("bases.git", "next")
    for ref, first in (
        ("", "first"),
        ("?ref=v1", "first"),
        ("?ref=next", "second"),
        (f"?ref={commit}", "second"),
    ):
        names = await _built(bench, f"resources: [own.yaml, '{SITE}/bases.git//deploy{ref}']\n")
        assert names == sorted(["own", "common", first])
    assert {each.user for each in git.requests if each.status == 200} == {git.user}
    names = await _built(bench, f"resources: ['git::{SITE}/bases.git//common?ref=next']\n")
    assert names == ["common"]


async def test_what_a_base_names_elsewhere_is_fetched_too(
    bench: Bench, git: GitServer, server: ChartServer
) -> None:
    """A repository of a repository, its files by HTTP; work trees are clean for the next."""
    server.files["/file.yaml"] = (CONFIG % "by-http").encode()
    at = f"http://127.0.0.1:{server.port}/file.yaml"
    git.create(
        "outer.git",
        {"kustomization.yaml": f"resources: ['{SITE}/bases.git//deploy?ref=main', '{at}']\n"},
    )
    for _ in range(2):
        names = await _built(bench, f"resources: ['{SITE}/outer.git']\n")
        assert names == ["by-http", "common", "first"]


async def test_files_come_by_http_where_kustomize_takes_them(
    bench: Bench, server: ChartServer
) -> None:
    """Resources, patches, files of generators, which keep their names; files of the tree are there as before."""
    at = f"http://127.0.0.1:{server.port}/x"
    server.files["/x/c.yaml"] = (CONFIG % "far").encode()
    server.files["/x/p.yaml"] = b"- {op: add, path: /data, value: {patched: 'yes'}}\n"
    server.files["/x/notes.txt"] = b"text"
    names = await _built(
        bench,
        f"resources: [own.yaml, '{at}/c.yaml']\n"
        f"patches: [{{path: '{at}/p.yaml', target: {{kind: ConfigMap, name: far}}}}]\n"
        f"configMapGenerator: [{{name: made, files: ['{at}/notes.txt', 'key={at}/notes.txt', ../shared/data.txt]}}]\n"
        "generatorOptions: {disableNameSuffixHash: true}\n",
    )
    assert names == ["far", "made", "own"]
    objects = {
        each["metadata"]["name"]: each
        for each in yaml.safe_load_all((bench.root.parent / "out.yaml").read_text())
    }
    assert objects["far"]["data"] == {"patched": "yes"}
    assert objects["made"]["data"] == {"notes.txt": "text", "key": "text", "data.txt": "shared"}
    assert {sent for _, sent in server.asked} == {""}


@pytest.mark.parametrize(
    "told",
    [
        "helmCharts: [{{name: web, repo: '{url}', version: 1.0.0, releaseName: r}}]",
        "helmCharts: [{{name: web, repo: '{url}', version: ^1.0, releaseName: r}}]",
        "helmCharts: [{{name: web, repo: '{url}', releaseName: r}}]",
        "helmGlobals: {{chartHome: ../lib}}\nhelmCharts: [{{name: web, repo: '{url}', version: 1.2.0, releaseName: r}}]",
        "generators: [chart.yaml]",
    ],
)
async def test_charts_are_fetched_to_where_kustomize_looks(
    bench: Bench, server: ChartServer, told: str
) -> None:
    """By the version that is wanted; nothing is left in the work directory."""
    bench.write(
        "prod/chart.yaml",
        "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\n"
        f"name: web\nrepo: '{server.url}'\nversion: 1.2.0\nreleaseName: r\n",
    )
    names = await _built(bench, f"{told.format(url=server.url)}\n")
    assert names == ["web-1.0.0" if "1.0.0" in told else "web-1.2.0"]


async def test_what_cannot_be_fetched_is_said(
    bench: Bench, server: ChartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the kustomization, what it names, and why."""
    for entry, error, said in (
        (
            f"{SITE}/bases.git//deploy?ref=nope",
            errors.NotFound,
            "neither a tag nor a branch 'nope'",
        ),
        (f"{SITE}/bases.git//nowhere", errors.NotFound, "nothing at 'nowhere'"),
        (f"{SITE}/bases.git//../..", errors.BadRequest, "outside the working directory"),
        (f"{SITE}/other.git", errors.TowpathError, "other"),
        ("http://169.254.169.254/x.yaml", errors.Forbidden, "169.254"),
        ("http://127.0.0.1:1/x.yaml", errors.Forbidden, "127.0.0.1:1"),
        (f"http://127.0.0.1:{server.port}/nothing.yaml", errors.NotFound, "name a ref with"),
        ("ext::sh -c id", errors.BadRequest, "does not build"),
        ("git::ext::sh?ref=x", errors.BadRequest, "does not build"),
        (f"{SITE}/bases.git//deploy?ref=--upload-pack=x", errors.TowpathError, "upload-pack"),
    ):
        with pytest.raises(error, match=said):
            await _built(bench, f"resources: ['{entry}']\n")
    with pytest.raises(errors.BadRequest, match="are not read; name a folder"):
        await _built(bench, "resources: ['file:///etc/bases?ref=x']\n")
    with pytest.raises(errors.NotFound, match=r"prod/kustomization\.yaml: chart other"):
        await _built(
            bench, f"helmCharts: [{{name: other, repo: '{server.url}', version: 1.0.0}}]\n"
        )
    place = f"http://127.0.0.1:{server.port}/charts/index.yaml"
    many = ", ".join(f"'{place}?{number}'" for number in range(4))
    monkeypatch.setattr(bases, "_MOST", 3)
    with pytest.raises(errors.TooLarge, match="more than 3 bases"):
        await _built(bench, f"resources: [{many}]\n")
    assert sorted(each.name for each in bench.root.parent.iterdir()) == ["files"]


async def test_a_base_leads_to_nothing_of_this_machine(
    bench: Bench, git: GitServer, tmp_path: Path
) -> None:
    """By links in a repository, or in the archive's place of a chart."""
    (tmp_path / "secret.yaml").write_text(CONFIG % "hidden")
    git.create("evil.git", {"kustomization.yaml": "resources: [link.yaml]\n"})
    work = tmp_path / "evil"
    git_server.git(tmp_path, "clone", "-q", str(git.path("evil.git")), str(work))
    (work / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (work / "up").symlink_to("../../../../../../../../..")
    git_server.git(work, "add", ".")
    git_server.git(work, "commit", "-qm", "links")
    git_server.git(work, "push", "-q", "origin", "HEAD:main")
    for folder in ("", "//up/etc"):
        with pytest.raises(errors.BadRequest) as told:
            await _built(bench, f"resources: ['{SITE}/evil.git{folder}']\n")
        assert "hidden" not in str(told.value)


async def test_long_kustomizations_are_read_in_a_process_of_their_own(
    bench: Bench, server: ChartServer
) -> None:
    """What they name elsewhere is found in them as well."""
    server.files["/far.yaml"] = (CONFIG % "far").encode()
    options = "\n".join(f"  l{number}: {'x' * 60}" for number in range(1_500))
    names = await _built(
        bench,
        f"resources: [own.yaml, 'http://127.0.0.1:{server.port}/far.yaml']\ncommonAnnotations:\n{options}\n",
    )
    assert names == ["far", "own"]


@pytest.mark.parametrize("place", [".fetched", ".fetched/0", ".fetched/0/c.yaml", ".fetched-1"])
async def test_nothing_is_fetched_to_where_a_link_leads(
    bench: Bench, server: ChartServer, tmp_path: Path, place: str
) -> None:
    """The folder for what is fetched is a new one, whatever links the work directory has under its name."""
    outside = tmp_path / "outside"
    (outside / "0").mkdir(parents=True)
    (outside / "0" / "c.yaml").write_text("mine")
    link = bench.root / place
    link.parent.mkdir(parents=True, exist_ok=True)
    to = {".fetched/0": outside / "0", ".fetched/0/c.yaml": outside / "0" / "c.yaml"}
    link.symlink_to(to.get(place, outside))
    if place == ".fetched-1":
        bench.write(".fetched", "a file of that name")
    server.files["/c.yaml"] = (CONFIG % "far").encode()
    at = f"http://127.0.0.1:{server.port}/c.yaml"
    bench.write(
        "prod/kustomization.yaml", f"resources: ['{at}', '{SITE}/bases.git//common?ref=main']\n"
    )
    outcome = await bench.run("kustomize-build", path="prod", outPath="out.yaml")
    assert isinstance(outcome, Succeeded)
    found = sorted(str(each.relative_to(outside)) for each in outside.rglob("*"))
    assert found == ["0", "0/c.yaml"]
    assert (outside / "0" / "c.yaml").read_text() == "mine"


# --- what kustomizations say -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "base"),
    [
        ("https://h.example/o/r//a/b?ref=v1", GitBase("https://h.example/o/r", "a/b", "v1")),
        ("https://h.example/o/r/a?ref=v1", GitBase("https://h.example/o/r", "a", "v1")),
        ("https://h.example/o/r?a=1&ref=a%2Fb", GitBase("https://h.example/o/r", "", "a/b")),
        ("https://h.example/o/r?version=v1", GitBase("https://h.example/o/r", "", "v1")),
        ("https://h.example/g/s/r.git/a", GitBase("https://h.example/g/s/r.git", "a")),
        ("https://h.example/g/s/r.git", GitBase("https://h.example/g/s/r.git")),
        ("https://h.example/g/s/r//", GitBase("https://h.example/g/s/r")),
        ("git::https://h.example/o/r", GitBase("https://h.example/o/r")),
        ("https://h.example/o/p/_git/r/a?ref=x", GitBase("https://h.example/o/p/_git/r", "a", "x")),
        ("https://github.com/o/r", GitBase("https://github.com/o/r")),
        ("github.com/o/r/a?ref=x&timeout=90s", GitBase("https://github.com/o/r", "a", "x")),
        ("gh:o/r//a", GitBase("https://github.com/o/r", "a")),
        ("git@github.com:o/r.git//a?ref=x", GitBase("git@github.com:o/r.git", "a", "x")),
        ("git@h.example:o/r", GitBase("git@h.example:o/r")),
        ("ssh://git@h.example:2222/o/r.git//a", GitBase("ssh://git@h.example:2222/o/r.git", "a")),
        ("https://h.example/o/r/a.yaml", None),
        ("https://github.com/o/r/releases/download/v1/all.yaml", None),
        ("https://h.example/o/r", None),
        ("../base", None),
        ("config.yaml", None),
        ("github.company.example/o/r", None),
        ("/etc/passwd", None),
        ("", None),
    ],
)
def test_what_names_a_repository(entry: str, base: GitBase | None) -> None:
    """As Kustomize reads it."""
    assert git_base(entry) == base
    assert is_elsewhere(entry) == (base is not None or entry.startswith("https://"))


def test_odd_kustomizations_are_left_to_kustomize() -> None:
    """Whatever type a field has; nothing raises."""
    odd: list[Any] = [
        7,
        "x",
        [7, None, {}, []],
        {"a": 1},
        [{"path": 7, "files": 7, "name": []}],
        None,
    ]
    for value in odd:
        for name in (
            "resources",
            "patches",
            "openapi",
            "configMapGenerator",
            "helmCharts",
            "helmGlobals",
        ):
            document = {name: value}
            assert mapped(document, lambda _, entry: entry) == document
            assert charts(document) == []
