"""What lies in `deploy/` to be run: the image's definition, the unit of systemd, the proxies' configurations."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from towpath.cli.instance import up

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = DEPLOY / "container/Containerfile"
UNIT = DEPLOY / "systemd/towpath.service"


@dataclass(frozen=True)
class _Instruction:
    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Its words, where it is written as a list of them."""
        found: list[str] = json.loads(self.rest)
        return found


def _stages() -> list[list[_Instruction]]:
    """Return the instructions of each stage of the image, the first of each its FROM."""
    text = re.sub(r"(?m)^\s*#.*\n", "", CONTAINERFILE.read_text("utf-8"))
    stages: list[list[_Instruction]] = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.strip():
            continue
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            stages.append([])
        stages[-1].append(_Instruction(name, rest.strip()))
    return stages


def _all(name: str, stage: int | None = None) -> list[_Instruction]:
    chosen = _stages() if stage is None else [_stages()[stage]]
    return [each for instructions in chosen for each in instructions if each.name == name]


def test_images_are_named_with_their_versions() -> None:
    """Whole, and both stages on the same: what is built runs where it was built."""
    bases = [re.split(r"\s+AS\s+", each.rest) for each in _all("FROM")]
    assert len(bases) == 2
    assert len({base for base, *_ in bases}) == 1
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-[a-z]+", bases[0][0])


def test_what_is_copied_is_there() -> None:
    """In the checkout and not kept out, or in a stage before."""
    kept = (ROOT / ".dockerignore").read_text("utf-8").split()
    stages = {each.rest.split()[-1] for each in _all("FROM") if " AS " in each.rest}
    assert kept[kept.index("*") :][0] == "*"
    for each in _all("COPY"):
        *sources, _ = [word for word in each.rest.split() if not word.startswith("--")]
        given = re.search(r"--from=(\S+)", each.rest)
        if given:
            assert given[1] in stages
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{Path(source).parts[0]}" in kept
    assert not _all("ADD"), "COPY fetches nothing and unpacks nothing"


def test_packages_are_those_of_the_locks() -> None:
    """Hashed; Debian's without recommendations and without lists that stay in a layer; nothing is piped into a shell."""
    for each in _all("RUN"):
        assert not re.search(r"(curl|wget)\b|\|\s*(ba)?sh", each.rest)
        if re.search("pip install", each.rest):
            assert "--require-hashes" in each.rest or (
                "--no-deps" in each.rest and "--no-index" in each.rest
            )
        if "apt-get install" in each.rest:
            assert "--no-install-recommends" in each.rest
            assert "apt-get update" in each.rest
            assert "rm -rf /var/lib/apt/lists/*" in each.rest
    final = _stages()[-1]
    assert not any("pip" in each.rest for each in final), "what installs stays in the first stage"


def test_it_is_not_roots_and_writes_only_its_volumes() -> None:
    """A number for the user; what starts is a list of words, so that signals reach it."""
    [user] = _all("USER", -1)
    assert re.fullmatch(r"([1-9]\d*):([1-9]\d*)", user.rest)
    names = [each.name for each in _stages()[-1]]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name == "RUN")
    [volumes] = _all("VOLUME", -1)
    assert volumes.words == ["/data", "/keys"]
    [start], [entry] = _all("CMD", -1), _all("ENTRYPOINT", -1)
    assert entry.words == ["towpath"]
    assert start.words[0] == "up"
    assert start.words[start.words.index("--data") + 1] in volumes.words
    [stop] = _all("STOPSIGNAL", -1)
    assert stop.rest == "SIGTERM"
    environment = " ".join(each.rest for each in _all("ENV"))
    assert "TOWPATH_KEY_FILE=/keys/" in environment
    assert not re.search(r"TOKEN|PASSWORD|SECRET", environment)


def test_its_health_is_looked_at() -> None:
    """Where it listens, by what the image has."""
    [check] = _all("HEALTHCHECK", -1)
    found = re.search(r"CMD (\[.*\])", check.rest)
    assert found is not None
    words: list[str] = json.loads(found[1])
    assert words[0] == "python"
    compile(words[2], "HEALTHCHECK", "exec")
    assert "/healthz" in words[2]
    [ports] = _all("EXPOSE", -1)
    listens = dict(zip(_all("CMD", -1)[0].words, _all("CMD", -1)[0].words[1:], strict=False))
    wanted = [listens[option].rpartition(":")[2] for option in ("--listen", "--listen-tls")]
    assert ports.rest.split() == wanted
    assert f":{wanted[0]}/healthz" in words[2]


def _unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def _started() -> list[list[str]]:
    return [_all("CMD", -1)[0].words, _unit()["ExecStart"][0].split()[1:]]


@pytest.mark.parametrize("words", _started(), ids=["image", "unit"])
def test_the_options_are_those_of_the_command(words: list[str]) -> None:
    """None is misspelt, and each has its value."""
    command = up.command
    known = {name for each in command.params for name in each.opts}
    options = [word for word in words[1:] if word.startswith("--")]
    assert set(options) <= known
    assert len(words) == 1 + 2 * len(options)
    form = next(each for each in command.params if "--log-format" in each.opts)
    assert isinstance(form.type, click.Choice)
    assert words[words.index("--log-format") + 1] in form.type.choices


def test_the_unit_shuts_out_what_towpath_does_not_need() -> None:
    """Each setting of the list; two that loosen one are absent."""
    unit = _unit()
    for key in (
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectHome",
        "ProtectClock",
        "ProtectHostname",
        "ProtectControlGroups",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
        "LockPersonality",
        "RemoveIPC",
    ):
        assert unit[key] == ["yes"], key
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["CapabilityBoundingSet"] == unit["AmbientCapabilities"] == [""]
    assert unit["User"] == ["towpath"]
    assert unit["UMask"] == ["0077"]
    assert "ReadWritePaths" not in unit
    assert unit["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    written = {f"/var/lib/{each}" for each in unit["StateDirectory"][0].split()}
    words = unit["ExecStart"][0].split()
    data = Path(words[words.index("--data") + 1])
    [key_file] = [each for each in unit["Environment"] if each.startswith("TOWPATH_KEY_FILE=")]
    sealed_by = Path(key_file.partition("=")[2])
    assert str(data.parent) in written
    assert str(sealed_by.parent) in written
    assert data.parent != sealed_by.parent, "the key lies apart from the data"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """And finds that little is left open: its own measure, of which 10 is everything."""
    program = tmp_path / "towpath"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/towpath/bin/towpath", str(program)))
    verified = _analyzed("verify", "--man=no", str(unit))
    assert unit.name not in verified.stderr, verified.stderr
    secure = _analyzed("security", "--offline=yes", "--threshold=25", "--no-pager", str(unit))
    assert secure.returncode == 0, secure.stdout[-3_000:]


def _analyzed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )
