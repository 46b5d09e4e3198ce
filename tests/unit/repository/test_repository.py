"""What the repository promises about itself: its pages, its locks, its targets."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _kept_files() -> list[Path]:
    """Return what is under version control or about to be, else (in an archive) the source folders."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        folders = ("src", "tests", "docs", "tools", "benchmarks", "requirements", "deploy")
        return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for name in listed if (path := ROOT / name).is_file()]


PAGES = [path for path in _kept_files() if path.suffix == ".md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file of the repository."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", text)
    missing = [
        link
        for link in links
        if not link.startswith(("http:", "https:", "mailto:")) and not (page.parent / link).exists()
    ]
    assert not missing
    anchors = [
        f"{link}#{anchor}"
        for link, anchor in re.findall(r"\]\(([^)\s#]*)#([^)]+)\)", text)
        if not link.startswith(("http:", "https:"))
        and anchor not in _anchors(page.parent / link if link else page)
    ]
    assert not anchors


def _anchors(page: Path) -> set[str]:
    """Return what a page's headings are called in addresses."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme() -> None:
    """By links, from page to page: what nobody leads to is read by nobody. (Results of benchmarks are a folder.)"""
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        waiting += [(page.parent / link).resolve() for link in links if "://" not in link]
    unread = {
        str(page.relative_to(ROOT))
        for page in PAGES
        if page not in seen and page.parent.name != "results"
    }
    assert not unread


INDEX = ROOT / "docs/README.md"
LISTED = [
    page
    for folder in ("how-to", "reference")
    for page in PAGES
    if page.parent == ROOT / "docs" / folder
]


@pytest.mark.parametrize("page", LISTED, ids=lambda page: page.stem)
def test_every_how_to_and_reference_page_is_listed(page: Path) -> None:
    """On the first page of the documentation: somebody who looks for a thing looks there."""
    links = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", INDEX.read_text("utf-8"))
    assert page in {(INDEX.parent / link).resolve() for link in links}


def test_every_runtime_dependency_has_its_reason() -> None:
    """docs/explanation/dependencies.md lists exactly the dependencies of pyproject.toml."""
    text = (ROOT / "docs/explanation/dependencies.md").read_text("utf-8")
    explained = set(re.findall(r"^\| `([a-z0-9-]+)` \| .{20,} \|$", text, flags=re.MULTILINE))
    declared = {re.split(r"[<>=!~\[; ]", name)[0] for name in PROJECT["project"]["dependencies"]}
    assert explained == declared


@pytest.mark.parametrize("lock", ["run", "dev", "bootstrap"])
def test_locks_are_hashed_and_name_no_index(lock: str) -> None:
    """Each requirement of a lock has hashes; no address says where to get it."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    assert "://" not in text
    assert "--index" not in text
    requirements = re.findall(
        r"^[a-z0-9][a-z0-9._-]*==.*?(?=^[a-z0-9]|\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert requirements
    assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_the_run_lock_holds_every_runtime_dependency() -> None:
    """A dependency cannot be added without locking it."""
    text = (ROOT / "requirements/run.lock").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9._-]+)==", text, flags=re.MULTILINE))
    declared = {re.split(r"[<>=!~\[; ]", name)[0] for name in PROJECT["project"]["dependencies"]}
    assert declared <= locked


def test_no_file_names_the_machine_it_was_written_on() -> None:
    """Nothing kept holds an absolute home or checkout path, or a package index's host."""
    telling = re.compile(
        "|".join(("/" + "work/", "/root" + "/", "pypi" + r"\.org", "npmjs" + r"\.org"))
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _kept_files()
        if path.suffix not in {".png", ".lock"} and path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if telling.search(line)
    ]
    assert not found


def test_make_clean_removes_what_other_targets_make() -> None:
    """What is ignored because a target makes it; data stays."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    removed = re.search(r"^clean:.*\n\trm -rf (.*)$", makefile, re.MULTILINE)
    assert removed is not None
    made = {"$(VENV)", ".tools", "dist", "ui/node_modules", "src/towpath/server/page/built*"}
    assert made <= set(removed[1].split())
    assert ".towpath" not in removed[1].split()


def test_make_help_names_every_target() -> None:
    """Every target people may call has a line in `make help`, and the documented ones exist."""
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    targets = set(re.findall(r"^  make ([\w-]+)", shown, flags=re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony is not None
    assert targets == set(phony[1].split())
    assert {
        "help",
        "setup",
        "run",
        "test",
        "check",
        "generate",
        "bench",
        "soak",
        "kill",
        "oracle",
    } <= targets


@pytest.mark.parametrize(
    "script", sorted((ROOT / "tools").glob("*.sh")), ids=lambda path: path.name
)
def test_a_failing_command_fails_its_script(script: Path) -> None:
    """`set -e` does not see a failure on the left of `&&`; no script may rely on such a line as a step."""
    text = script.read_text("utf-8")
    assert "set -euo pipefail" in text
    steps = [line for line in text.splitlines() if re.match(r"^(step|\s*\"\$bin)", line)]
    assert not [line for line in steps if "&&" in line or "||" in line]
