"""The operator's file: what it means, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from towpath import errors
from towpath.app.settings import commands, jobs, operator
from towpath.app.settings.rendering import renderers
from towpath.clients.confinement import Limits
from towpath.clients.confinement.allowed_program import AllowedProgram
from towpath.clients.git.mirrors.extent import CheckoutBounds
from towpath.clients.git.pushing.integration import Policy
from towpath.clients.git.upkeep import MirrorLimits
from towpath.verification.job import Job, JobContainer
from towpath.verification.jobs.containers import ContainerRunner
from towpath.verification.jobs.kept import LogBounds
from towpath.verification.jobs.running import ProgramRunner

WHOLE = """\
registries:
  us-east1-docker.pkg.dev:
    mirrors: ["http://127.0.0.1:5000", "https://mirror.example/proxy"]
git:
  insteadOf:
    http://127.0.0.1:3000/: ["https://github.com/test/"]
  checkout: {files: 1000, bytes: 1Gi}
  pool: {trees: 3, bytes: 5000}
  mirrors: {age: 48h, bytes: 7MiB}
  pushPolicy: RebaseOrFail
egress:
  allow: ["127.0.0.1:9000", "localhost:9001"]
polling:
  minimum: 1m30s
"""


def _read(folder: Path, text: str) -> operator.OperatorSettings:
    path = folder / "towpath.yaml"
    path.write_text(text)
    return operator.read(path)


def test_everything_it_may_say(tmp_path: Path) -> None:
    """Addresses that it names count as allowed."""
    found = _read(tmp_path, WHOLE)
    assert found.mirrors == {
        "us-east1-docker.pkg.dev": ["http://127.0.0.1:5000", "https://mirror.example/proxy"]
    }
    assert found.git.instead_of == {"http://127.0.0.1:3000/": ["https://github.com/test/"]}
    assert found.git.bounds == CheckoutBounds(1000, 1 << 30)
    assert (found.git.pool.trees, found.git.pool.bytes) == (3, 5000)
    assert found.git.limits == MirrorLimits(bytes=7 << 20, seconds=172_800)
    assert found.git.push_policy is Policy.REBASE_OR_FAIL
    assert found.minimum_seconds == 90
    assert found.allowed == [
        "127.0.0.1:9000", "localhost:9001", "127.0.0.1:5000", "mirror.example:443", "127.0.0.1:3000",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "{}", "# nothing\n", "---\n"])
def test_it_may_say_nothing(tmp_path: Path, text: str) -> None:
    """Then everything is as it is without it."""
    assert _read(tmp_path, text) == operator.OperatorSettings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("registrys: {}", "field `registrys`"),
        ("git: {pushPolicy: Rebase}", "git.pushPolicy"),
        ("egress: {caBundle: /nowhere/ca.pem}", "egress.caBundle: /nowhere/ca.pem cannot be read"),
        (
            "egress: {caBundle: /etc/hostname}",
            "egress.caBundle: /etc/hostname holds no certificates",
        ),
        ("git: {insteadof: {}}", "git"),
        ("polling: {minimum: 5}", "polling.minimum"),
        ("polling: {minimum: 5 minutes}", 'polling.minimum: unknown unit " minutes"'),
        ("polling: {minimum: -5m}", "polling.minimum: '-5m' is less than no time"),
        ("changeLog: {age: 99999999h}", "changeLog.age: invalid duration"),
        ("egress: {allow: [localhost]}", "egress.allow[0]: 'localhost' is not HOST:PORT"),
        ("egress: {allow: ['x:99999']}", "egress.allow[0]"),
        ("registries: {h: {mirrors: [ftp://x]}}", "registries.h.mirrors[0]: 'ftp://x' is not http"),
        ("registries: {'h/x': {mirrors: []}}", "must be the host of a registry"),
        ("git: {insteadOf: {'https://x/': []}}", "name at least one base"),
        ("git: {insteadOf: {here: ['https://x/']}}", "must be the base of URLs"),
        ("git: {checkout: {files: 0}}", "git.checkout.files: 0 is not a number from 1 on"),
        ("git: {checkout: {bytes: 2 GB}}", "git.checkout.bytes: '2 GB' is not a size such as 2Gi"),
        ("git: {checkout: {bytes: 0}}", "git.checkout.bytes"),
        ("git: {checkout: {bytes: true}}", "git.checkout.bytes"),
        ("git: {pool: {trees: -1}}", "git.pool.trees"),
        ("git: {mirrors: {age: 30d}}", "git.mirrors.age: unknown unit"),
        ("git: {ssh: {knownHostsFile: hosts}}", "git.ssh.knownHostsFile: 'hosts' must be a whole"),
        ("git: {ssh: {knownHostsFile: '/a%h'}}", "git.ssh.knownHostsFile: '/a%h' must be a whole"),
        ("git: {ssh: {knownHostsFile: /no-such-file}}", "/no-such-file cannot be read: No such"),
        (
            "git: {ssh: {knownHostsFile: /dev/null}}",
            "/dev/null cannot be read: it is not a regular",
        ),
        ("git: {ssh: {knownHostsFile: /etc/hostname}}", "has no line of a known_hosts file"),
        ("git: {ssh: {trustFirstUse: 1}}", "git.ssh.trustFirstUse"),
        ("promotions: {disk: none}", "promotions.disk: 'none' is not a size such as 2Gi"),
        ("argocd: {connections: {A: {}}}", "`projects`"),
        (
            "argocd: {connections: {A_: {projects: [a], kubernetes: {inCluster: true}}}}",
            "argocd.connections.A_: the key",
        ),
        (
            "argocd: {connections: {a: {projects: [], kubernetes: {inCluster: true}}}}",
            "a.projects: name the Projects",
        ),
        (
            "argocd: {connections: {a: {projects: ['['], kubernetes: {inCluster: true}}}}",
            "a.projects[0]:",
        ),
        ("argocd: {connections: {a: {projects: [x]}}}", "a.kubernetes: give kubernetes or rest"),
        (
            "argocd: {connections: {a: {projects: [x], kubernetes: {}}}}",
            "a.kubernetes.kubeconfig: name a kubeconfig",
        ),
        (
            "argocd: {connections: {a: {projects: [x], kubernetes: {kubeconfig: k}}}}",
            "'k' is not an absolute path",
        ),
        (
            "argocd: {connections: {a: {projects: [x], url: x, kubernetes: {inCluster: true}}}}",
            "a.url: 'x' is not http",
        ),
        (
            "argocd: {connections: {a: {projects: [x], rest: {server: 'ftp://x', tokenFile: /t}}}}",
            "a.rest.server: 'ftp://x' is not",
        ),
        (
            "argocd: {connections: {a: {projects: [x], rest: {server: 'https://x', tokenFile: t}}}}",
            "a.rest.tokenFile: 't' is not an absolute",
        ),
        (
            "argocd: {connections: {a: {projects: [x], rest: {server: 'https://x', tokenFile: /t, caFile: /no-such-file}}}}",
            "a.rest.caFile: /no-such-file cannot be read",
        ),
        (
            "argocd: {connections: {a: {projects: [x], rest: {server: 'https://x', tokenFile: /t, caFile: /c, insecure: true}}}}",
            "a.rest.insecure: with caFile it contradicts",
        ),
        (
            "argocd: {connections: {a: &a {projects: [x], default: true, kubernetes: {inCluster: true}}, b: *a}}",
            "argocd.connections.b.default: a is the default of x already",
        ),
        ("commands: {a: {}}", "`program`"),
        ("commands: {a: {program: sh}}", "commands.a.program: 'sh' is not an absolute path"),
        ("commands: {A_b: {program: /a}}", "commands.A_b: the key is the name"),
        ("commands: {a: {program: /a, read: [x]}}", "commands.a.read[0]: 'x' is not an absolute"),
        ("commands: {a: {program: /a, seconds: 0}}", "commands.a.seconds: 0"),
        ("commands: {a: {program: /a, seconds: 100000}}", "commands.a.seconds: 100000"),
        ("commands: {a: {program: /a, memory: x}}", "commands.a.memory: 'x' is not a size"),
        ("commands: {a: {program: /a, network: true}}", "field `network`"),
        ("forges: {git.example: {provider: cvs}}", "forges.git.example.provider: 'cvs' is none of"),
        ("registryCache: {byTag: Never}", "registryCache.byTag: 'Never' is none of Allow, Forbid"),
        ("forges: {git.example: {api: nowhere}}", "forges.git.example.api: 'nowhere' is not http"),
        ("forges: {'git.example:80': {}}", "the key must be the host of a forge"),
        ("jobs: {runner: kubernetes}", "jobs.runner"),
        ("jobs: {runner: programs}", "jobs.programs: with runner: programs, write at least one"),
        ("jobs: {runner: podman, programs: {a: {program: /a}}}", "run with runner: programs"),
        (
            "jobs: {runner: programs, programs: {a: {program: a}}}",
            "jobs.programs.a.program: 'a' is",
        ),
        (
            "jobs: {runner: programs, programs: {a: {program: /a, images: ['[']}}}",
            "jobs.programs.a.images[0]",
        ),
        ("jobs: {runner: docker, images: ['{']}", "jobs.images[0]"),
        ("jobs: {runner: docker, engine: docker}", "jobs.engine: 'docker' is not an absolute"),
        ("jobs: {runner: docker, network: 'a b'}", "jobs.network: 'a b' is no value"),
        ("jobs: {runner: docker, seconds: 0}", "jobs.seconds: 0"),
        ("jobs: {runner: docker, atOnce: 0}", "jobs.atOnce: 0"),
        ("jobs: {logs: {size: x}}", "jobs.logs.size: 'x'"),
        ("jobs: {logs: {age: 14d}}", "jobs.logs.age: "),
        ("a: 1\na: 2\n", "line 2"),
        ("[1]", "object"),
        ("a: [\n", "line"),
        ("---\n{}\n---\n{}\n", "it holds 2 documents"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    """File, key and cause."""
    with pytest.raises(errors.BadRequest) as error:
        _read(tmp_path, text)
    assert "towpath.yaml" in error.value.message
    assert said in error.value.message


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It says why."""
    with pytest.raises(errors.BadRequest, match="No such file"):
        operator.read(tmp_path / "none.yaml")


def test_programs_that_steps_may_run(tmp_path: Path) -> None:
    """Are those that are listed, with what is said of them; none otherwise."""
    text = """
    commands:
      check: {program: /opt/check, args: [-x], seconds: 5, memory: 1Gi, output: 2000, read: [/opt], confinement: IfPossible}
      plain: {program: /opt/plain}
    """
    found = commands.allowed(_read(tmp_path, text).commands)
    assert found == {
        "check": AllowedProgram(
            program=Path("/opt/check"),
            arguments=("-x",),
            seconds=5,
            memory_bytes=1 << 30,
            output_bytes=2000,
            read=(Path("/opt"),),
            must_confine=False,
        ),
        "plain": AllowedProgram(program=Path("/opt/plain")),
    }
    assert commands.allowed(_read(tmp_path, "").commands) == {}


def test_what_runs_jobs(tmp_path: Path) -> None:
    """Nothing, unless it is said; programs may have the network here, which those of steps have not."""
    assert jobs.runner(_read(tmp_path, "").jobs, path="/bin") is None
    text = """
    jobs:
      runner: programs
      programs:
        smoke: {program: /opt/smoke, args: [-x], network: true, images: ["ghcr.io/shop/*"]}
    """
    runner = jobs.runner(_read(tmp_path, text).jobs, path="/bin")
    assert isinstance(runner, ProgramRunner)
    container = JobContainer(name="a", image="ghcr.io/shop/smoke:1", args=["-y"])
    runner.check(container)
    job = Job(name="j", project="p", run="r", run_uid="u", metric="m", container=container)
    command = runner.command(job, tmp_path)
    assert list(command.argv[-3:]) == ["/opt/smoke", "-x", "-y"]
    assert '"network": true' in command.argv[4]
    assert command.seconds == 600
    engine = jobs.runner(_read(tmp_path, "jobs: {runner: podman, seconds: 5}").jobs, path="/bin")
    assert isinstance(engine, ContainerRunner)
    assert engine.command(job, tmp_path).seconds == 5
    bounds = _read(tmp_path, "jobs: {logs: {size: 1Mi, total: 1Gi, age: 1h}}").jobs.bounds
    assert bounds == LogBounds(bytes=1 << 20, total_bytes=1 << 30, seconds=3600)


def test_what_renders_has_its_bounds(tmp_path: Path) -> None:
    """In seconds and sizes; programs are looked for on the PATH that is given."""
    text = "rendering: {confinement: IfPossible, seconds: 5, memory: 1Gi, output: 2000}\n"
    found = renderers(_read(tmp_path, text).rendering, programs=str(tmp_path))
    assert found.limits == Limits(seconds=5, memory_bytes=1 << 30, output_bytes=2000)
    assert not found.must_confine
    assert found.kustomize is None
    usual = renderers(_read(tmp_path, "").rendering, programs=str(tmp_path))
    assert usual.limits == Limits()
    assert usual.must_confine


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{seconds: 0}", r"rendering\.seconds: 0"),
        ("{seconds: -1}", r"rendering\.seconds"),
        ("{memory: much}", r"rendering\.memory: 'much' is not a size"),
        ("{output: 0}", r"rendering\.output"),
        ("{confinement: Sometimes}", "Sometimes"),
        ("{other: 1}", "may hold .*rendering"),
    ],
)
def test_what_renders_is_bounded_by_what_can_be_read(tmp_path: Path, text: str, said: str) -> None:
    """The key is named."""
    with pytest.raises(errors.BadRequest, match=said):
        _read(tmp_path, f"rendering: {text}\n")
