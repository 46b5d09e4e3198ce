"""`make generate`: writes what is made from the types; `--check` says what is out of date.

deploy/crds (CustomResourceDefinitions), deploy/openapi/v3 (paths and schemas by group and version) and
docs/reference/kinds (a page for each kind). Nothing else is in those folders. And docs/reference/openapi.json, our routes.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import yaml

from towpath import __version__
from towpath.resources import crd, openapi, reference
from towpath.resources.reviews import REVIEWS
from towpath.resources.scheme import BUILT_IN, KARGO, SCHEME
from towpath.server import openapi as routes
from towpath.server.application import ENDPOINTS

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("deploy/crds", "deploy/openapi/v3", "docs/reference/kinds")
_HEAD = "# Made from the types by `make generate`; not to be edited.\n"


def files() -> dict[str, str]:
    """Return the content of every generated file by its path in the repository."""
    made: dict[str, str] = {}
    for kind in SCHEME:
        if kind.group not in BUILT_IN:
            text = yaml.safe_dump(
                crd.definition(kind), sort_keys=False, width=110, allow_unicode=True
            )
            made[f"deploy/crds/{kind.group}_{kind.plural}.yaml"] = _HEAD + text
        made[f"docs/reference/kinds/{kind.singular}.md"] = reference.page(kind)
    ordered = sorted((*SCHEME, *REVIEWS), key=lambda kind: (kind.group, kind.version))
    for (group, version), kinds in itertools.groupby(
        ordered, lambda kind: (kind.group, kind.version)
    ):
        document = openapi.document(list(kinds), version=__version__)
        made[f"deploy/openapi/v3/{group or 'core'}_{version}.json"] = (
            json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        )
    listed = "".join(
        f"- [{kind.name}]({kind.singular}.md) (`{kind.api_version}`)\n"
        for kind in sorted(SCHEME, key=lambda kind: (kind.group != KARGO, kind.group, kind.name))
    )
    whole = json.dumps(routes.document(ENDPOINTS), indent=1, ensure_ascii=False)
    made["docs/reference/openapi.json"] = f"{whole}\n"
    made["docs/reference/kinds/README.md"] = f"# Kinds\n\n{listed}"
    return made


def stale(root: Path = ROOT) -> list[str]:
    """Return what differs between the repository and what would be generated, one line each."""
    made = files()
    found = []
    for name, text in made.items():
        path = root / name
        if not path.is_file():
            found.append(f"{name}: missing")
        elif path.read_text("utf-8") != text:
            found.append(f"{name}: out of date")
    for folder in FOLDERS:
        kept = sorted(path.relative_to(root).as_posix() for path in (root / folder).glob("*"))
        found += [f"{name}: nothing generates it any more" for name in kept if name not in made]
    return found


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write, or with `--check` compare. Returns the exit code."""
    found = stale(root)
    if arguments == ["--check"]:
        for line in found:
            print(f"generate: {line}; run `make generate`", file=sys.stderr)
        return 1 if found else 0
    if arguments:
        print("usage: python -m tools.generate [--check]", file=sys.stderr)
        return 1
    made = files()
    for line in found:
        name = line.partition(":")[0]
        path = root / name
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name], "utf-8")
        else:
            path.unlink()
        print(f"generate: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
