"""Tables: alias and versions instead of digits, no wider than the terminal, every kind with its columns."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from towpath.cli import terminal
from towpath.cli.forms import printing
from towpath.cli.kinds import contents, kinds
from towpath.cli.kinds.columns import Around
from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

SHOP = "/v1beta1/projects/shop"
SHA = "47b33c0c92b54439e5eb7fb80ecc83f8626fe390"
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
HELD: dict[str, Any] = {
    "images": [
        {"repoURL": "registry.example/shop/web", "tag": "1.0.1"},
        {"repoURL": "db", "digest": "sha256:0123456789abcdef0123"},
    ],
    "charts": [
        {"repoURL": "https://charts.example/", "name": "web", "version": "2.0.0"},
        {"repoURL": "oci://charts.example/db", "version": "3.0.0"},
    ],
    "commits": [
        {"repoURL": "https://git.example/shop/deploy.git", "id": "a1b2c3d4" + 32 * "0"},
        {"repoURL": "git@git.example:shop/other", "id": "b", "tag": "v9"},
    ],
    "artifacts": [{"subscriptionName": "models", "version": "7"}],
}
VERSIONS = (
    "web:1.0.1, db@sha256:0123456789ab, web:2.0.0, db:3.0.0, deploy@a1b2c3d, other@v9, models:7"
)
FREIGHT = {
    "metadata": {"name": SHA, "labels": {"kargo.akuity.io/alias": "fearless-fox"}},
    "alias": "fearless-fox",
    "origin": {"kind": "Warehouse", "name": "main"},
    **HELD,
}


def _stage(summary: str, *references: dict[str, Any]) -> dict[str, Any]:
    items = {f"Warehouse/{number}": each for number, each in enumerate(references)}
    status = {"freightSummary": summary, "freightHistory": [{"items": items}]}
    return {"metadata": {"name": "prod"}, "status": status}


# --- what Freight is called --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "known", "shown"),
    [
        ({"name": SHA, **HELD}, {SHA: FREIGHT}, f"fearless-fox ({VERSIONS})"),
        ({"name": SHA}, {SHA: FREIGHT}, f"fearless-fox ({VERSIONS})"),
        ({"name": SHA, **HELD}, {}, f"47b33c0 ({VERSIONS})"),
        ({"name": SHA}, {}, "47b33c0"),
        (FREIGHT, {}, f"fearless-fox ({VERSIONS})"),
        ({}, {}, ""),
        ({"images": 3, "commits": [None, {}], "name": 5}, {}, "@"),
    ],
)
def test_freight_is_shown_by_alias_and_versions(
    reference: dict[str, Any], known: dict[str, Any], shown: str
) -> None:
    """As far as they are known, and never by forty digits."""
    assert contents.shown(reference, known) == shown


def test_stages_and_promotions_tell_aliases(api: Api, call: Call) -> None:
    """Freight is asked for by name; what may not be seen or has gone is told by its versions."""
    image = {"images": [{"repoURL": "r/web", "tag": "1.0.1"}]}
    gone = {"name": "f" * 40, "images": [{"repoURL": "r/db", "tag": "3"}]}
    whole = _stage(SHA, {"name": SHA, **image})
    part = _stage("1/2 Fulfilled", gone)
    both = _stage("2/2 Fulfilled", {"name": SHA, **image}, gone)
    api.answer("GET", f"{SHOP}/stages", {"items": [whole, part, both, _stage("0/1 Fulfilled")]})
    api.answer("GET", f"{SHOP}/freight/{SHA}", FREIGHT)
    told = call("get", "stages", "--no-headers")
    assert "fearless-fox (web:1.0.1)" in told.lines[0]
    assert "1/2 Fulfilled; fffffff (db:3)" in told.lines[1]
    assert "  fearless-fox (web:1.0.1); fffffff (db:3)" in told.lines[2]
    assert "0/1 Fulfilled" in told.lines[3]
    assert SHA not in told.out
    promotion = {"metadata": {"name": "p"}, "spec": {"stage": "prod", "freight": SHA}}
    api.answer("GET", f"{SHOP}/promotions", {"items": [promotion]})
    assert f"fearless-fox ({VERSIONS})" in call("get", "promos").out
    assert SHA not in call("get", "promos").out
    assert SHA in call("get", "promos", "-o", "wide").out
    api.answer("GET", f"{SHOP}/freight/{SHA}", (403, {"error": "no"}))
    assert "47b33c0 (web:1.0.1)" in call("get", "stages").out
    item = {"origin": "Warehouse/main", "freight": SHA, "promotion": "p", "reference": image}
    api.answer("GET", "/towpath/v1/projects/shop/stages/prod/history", {"items": [item]})
    assert "47b33c0 (web:1.0.1)" in call("history", "prod").lines[1]
    assert SHA in call("history", "prod", "-o", "wide").lines[1]


def test_many_freight_are_listed_instead_of_asked_for_one_by_one(api: Api, call: Call) -> None:
    """One request, however many Promotions there are."""
    names = [f"{number:040d}" for number in range(20)]
    promotions = [
        {"metadata": {"name": f"p{name}"}, "spec": {"freight": name, "stage": "prod"}}
        for name in names
    ]
    labelled = [
        {"metadata": {"name": name, "labels": {"kargo.akuity.io/alias": f"alias-{place}"}}}
        for place, name in enumerate(names)
    ]
    api.answer("GET", f"{SHOP}/promotions", {"items": promotions})
    api.answer("GET", f"{SHOP}/freight", {"groups": {"": {"items": labelled}}})
    assert "alias-19" in call("get", "promos").lines[-1]
    assert [asked.path for asked in api.asked] == [f"{SHOP}/promotions", f"{SHOP}/freight"]


# --- how wide ----------------------------------------------------------------------------------------


@given(
    st.integers(1, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.text(max_size=60), min_size=columns, max_size=columns),
            min_size=1,
            max_size=5,
        )
    ),
    st.integers(0, 250),
)
def test_lines_are_no_wider_than_the_terminal(rows: list[list[str]], width: int) -> None:
    """Where columns of ten characters allow that; what has room for all of it is not cut."""
    whole = printing.table(rows)
    lines = printing.table(rows, width=width)
    least = 10 * len(rows[0]) + 3 * (len(rows[0]) - 1)
    assert max(map(len, lines)) <= max(width, least)
    widest = sum(
        max(len(terminal.visible(cell)) for cell in column) for column in zip(*rows, strict=True)
    )
    if widest + 3 * (len(rows[0]) - 1) <= width:
        assert lines == whole


def test_a_short_cell_is_cut_only_after_the_long_ones() -> None:
    """The room that short columns leave goes to the long ones."""
    row = ["name", "a" * 30, "b" * 200]
    [line] = printing.table([row], width=80)
    assert len(line) == 80
    assert line.startswith(f"name   {'a' * 30}   bbb")
    assert line.endswith("…")


class _Terminal:
    """A command on a real terminal of some width."""

    def __init__(self, columns: int) -> None:
        self._ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def run(self, *arguments: str) -> list[str]:
        code = "from towpath.cli.main import main; main()"
        environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], stdout=self.theirs, env=environment
        )
        os.close(self.theirs)
        printed = b""
        try:
            while part := os.read(self._ours, 1 << 16):
                printed += part
        except OSError:
            pass  # the other side is closed: that was all
        os.close(self._ours)
        assert process.wait(60) == 0
        return printed.decode().replace("\r\n", "\n").splitlines()


def test_on_a_terminal_tables_fit_and_elsewhere_they_are_whole(api: Api, call: Call) -> None:
    """A real terminal of 70 columns; `-o wide` and `--no-trunc` show all."""
    message = "word " * 40 + "end"
    stage = _stage("", {"name": SHA, **HELD})
    stage["status"]["conditions"] = [{"type": "Ready", "status": "True", "message": message}]
    api.answer("GET", f"{SHOP}/stages", {"items": [stage]})
    cut = _Terminal(70).run("get", "stages")
    assert max(map(len, cut)) <= 70
    assert "47b33c0" in cut[1]
    assert "end" not in cut[1]
    for more in (("--no-trunc",), ("-o", "wide")):
        whole = _Terminal(70).run("get", "stages", *more)
        assert message in whole[1]
        assert VERSIONS in whole[1]
    assert message in call("get", "stages").out  # which is no terminal


# --- the kinds ---------------------------------------------------------------------------------------

EVENTS = [
    {
        "metadata": {"name": f"e{number}"},
        "type": "Normal",
        "reason": "PromotionCreated",
        "lastTimestamp": f"2026-03-01T11:5{number}:00Z",
        "involvedObject": {"kind": "Promotion", "name": "p"},
        "message": "made",
    }
    for number in (5, 1)
]


@pytest.mark.parametrize(
    ("word", "path", "document", "headers", "row"),
    [
        (
            "secrets",
            "/api/v1/namespaces/shop/secrets",
            {
                "metadata": {"name": "s", "labels": {"kargo.akuity.io/cred-type": "git"}},
                "type": "Opaque",
                "data": {"password": "Kioq", "repoURL": "Kioq"},
            },
            "NAME FOR TYPE AGE KEYS",
            ["s", "git", "Opaque", "<unknown>", "password, repoURL"],
        ),
        (
            "cm",
            "/v1beta1/projects/shop/configmaps",
            {"metadata": {"name": "c"}, "data": {"a": "1"}, "binaryData": {"b": ""}},
            "NAME DESCRIPTION KEYS AGE",
            ["c", "", "a, b", "<unknown>"],
        ),
        (
            "sa",
            "/api/v1/namespaces/shop/serviceaccounts",
            {"metadata": {"name": "ci"}},
            "NAME AGE",
            ["ci", "<unknown>"],
        ),
        (
            "rbacroles",
            "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles",
            {
                "metadata": {"name": "r"},
                "rules": [
                    {"verbs": ["get", "list"], "resources": ["stages"]},
                    {"verbs": ["promote"], "resources": ["stages"], "resourceNames": ["dev"]},
                ],
            },
            "NAME AGE MAY",
            ["r", "<unknown>", "get, list stages; promote stages (dev)"],
        ),
        (
            "rolebindings",
            "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
            {
                "metadata": {"name": "b"},
                "roleRef": {"kind": "Role", "name": "r"},
                "subjects": [
                    {"kind": "ServiceAccount", "namespace": "shop", "name": "ci"},
                    {"kind": "User", "name": "ann"},
                ],
            },
            "NAME ROLE AGE SUBJECTS",
            ["b", "Role/r", "<unknown>", "ServiceAccount/shop/ci, User/ann"],
        ),
        (
            "tasks",
            "/apis/kargo.akuity.io/v1alpha1/namespaces/shop/promotiontasks",
            {"metadata": {"name": "t"}, "spec": {"steps": [{"uses": "git-clone"}, {"task": {}}]}},
            "NAME AGE STEPS",
            ["t", "<unknown>", "git-clone, task"],
        ),
        (
            "clustertasks",
            "/apis/kargo.akuity.io/v1alpha1/clusterpromotiontasks",
            {"metadata": {"name": "t"}, "spec": {}},
            "NAME AGE STEPS",
            ["t", "<unknown>", ""],
        ),
    ],
)
def test_kinds_of_the_kubernetes_api(
    api: Api,
    call: Call,
    word: str,
    path: str,
    document: dict[str, Any],
    headers: str,
    row: list[str],
) -> None:
    """Each with its path, its columns and its own apiVersion."""
    api.answer("GET", path, {"items": [document]})
    told = call("get", word)
    assert told.lines[0].split() == headers.split(), told.err
    kind = kinds.named(word)
    _, rows = printing.rows(kind, [document], Around(now=NOW, freight={}))
    assert rows == [row]
    api.answer("GET", f"{path}/{row[0]}", document)
    found = yaml.safe_load(call("get", word, row[0], "-o", "yaml").out)
    assert found["apiVersion"] == kind.api_version
    assert found["kind"] == kind.name
    assert call("get", word, "-o", "name").out == f"{kind.printed}/{row[0]}\n"


def test_events_are_in_order_with_their_objects(api: Api, call: Call) -> None:
    """The latest last, as a log."""
    api.answer("GET", "/api/v1/namespaces/shop/events", {"items": EVENTS})
    _, rows = printing.rows(kinds.named("events"), EVENTS, Around(now=NOW, freight={}))
    assert rows == [
        ["9m", "Normal", "PromotionCreated", "promotion/p", "made"],
        ["5m", "Normal", "PromotionCreated", "promotion/p", "made"],
    ]
    assert call("get", "ev", "-o", "wide").lines[1].split()[-2:] == ["made", "e1"]


def test_several_kinds_at_once(api: Api, call: Call) -> None:
    """With commas, or as KIND/NAME; a table for each, one List."""
    stage, warehouse = {"metadata": {"name": "prod"}}, {"metadata": {"name": "w"}}
    api.answer("GET", f"{SHOP}/stages", {"items": [stage]})
    api.answer("GET", f"{SHOP}/warehouses", {"items": [warehouse]})
    api.answer("GET", f"{SHOP}/stages/prod", stage)
    api.answer("GET", f"{SHOP}/warehouses/w", warehouse)
    tables = call("get", "stages,warehouses").out.split("\n\n")
    assert [table.split()[0] for table in tables] == ["NAME", "NAME"]
    for arguments in (["stages,warehouses"], ["stage/prod", "warehouse/w"]):
        told = call("get", *arguments, "-o", "name")
        assert told.lines == ["stage.kargo.akuity.io/prod", "warehouse.kargo.akuity.io/w"]
        items = json.loads(call("get", *arguments, "-o", "json").out)["items"]
        assert [item["kind"] for item in items] == ["Stage", "Warehouse"]
    told = call("get", "stage/prod", "warehouse/nope", "-o", "name")
    assert (told.code, told.lines) == (1, ["stage.kargo.akuity.io/prod"])
    assert call("get", "stages", "warehouse/w").code == 1
    assert call("get", "stages,stagez").code == 1
    assert call("get", ",").code == 1
    assert call("get", "stage/").code == 1


def test_every_kind_that_people_write_or_read_can_be_named() -> None:
    """By its plural, its singular, its short names and as it is printed; the others are the server's own."""
    inner = {
        "ClusterConfig",
        "ClusterRole",
        "ClusterRoleBinding",
        "Lease",
        "Namespace",
        "PromotionJournal",
        "PromotionRequest",
        "Target",
    }
    for kind in scheme.SCHEME:
        if kind.name not in inner:
            printed = f"{kind.name.lower()}.{kind.group}" if kind.group else kind.name.lower()
            for word in (kind.name, printed):
                assert kinds.named(word).name == kind.name
            found = kinds.named(
                printed if kind.name == "Role" else kind.name
            )  # Kargo's go by that word
            assert (found.group, found.version) == (kind.group, kind.version)
            assert found.in_project == kind.namespaced


def test_a_run_is_explained_and_its_log_read_by_the_name_it_is_printed_with(
    api: Api, call: Call
) -> None:
    """As `get -o name` prints it, and by the short name of its kind."""
    run = "/apis/argoproj.io/v1alpha1/namespaces/shop/analysisruns"
    api.answer("GET", run, {"items": [{"metadata": {"name": "prod.1"}}]})
    printed = call("get", "ar", "-o", "name").lines[0]
    assert printed == "analysisrun.argoproj.io/prod.1"
    told = {"analysisRun": "prod.1", "phase": "Running", "metrics": []}
    api.answer("GET", "/towpath/v1/projects/shop/analysis-runs/prod.1/explain", told)
    for named in (printed, "analysisrun/prod.1", "ar/prod.1"):
        assert call("explain", named).lines == ["AnalysisRun prod.1: Running"]


def test_what_is_not_there_is_answered_with_what_is(api: Api, call: Call) -> None:
    """The Kubernetes API says only that it is missing; a Project that does not exist is no empty list."""
    secrets = "/api/v1/namespaces/shop/secrets"
    missing = {"kind": "Status", "message": 'secrets "deplo" not found', "code": 404}
    api.answer("GET", f"{secrets}/deplo", (404, missing))
    api.answer("GET", secrets, {"items": [{"metadata": {"name": "deploy"}}]})
    api.answer("GET", SHOP, {"metadata": {"name": "shop"}})
    told = call("get", "secret", "deplo")
    assert told.code == 1
    assert told.err == (
        'towpath: secrets "deplo" not found in Project shop; did you mean "deploy"?\n'
    )
    api.answer("GET", secrets, {"items": []})
    assert call("get", "secrets").err == "No resources found.\n"
    api.answer("GET", SHOP, (404, {"error": 'no "shop"; did you mean "shop2"?'}))
    told = call("get", "secrets")
    assert (told.code, told.err) == (1, 'towpath: no "shop"; did you mean "shop2"?\n')


def test_a_word_that_is_no_kind_or_command_names_the_one_that_is_meant(call: Call) -> None:
    """And all kinds that there are."""
    told = call("get", "stagez")
    assert "'stagez' is no kind; did you mean stages? There are: projects" in told.err
    assert "rolebindings" in told.err
    assert "there are: projects" in call("get", "quux").err
    for typed, meant in (
        ("gett", "towpath get"),
        ("stages", "towpath get stages"),
        ("GET", "towpath get"),
        ("abort", "towpath promote --abort"),
        ("status", "towpath get stages"),
    ):
        told = call(typed)
        assert told.code == 1
        assert f"Did you mean '{meant}'" in told.err
    assert "Did you mean" not in call("quux").err
    assert "Did you mean '--project'" in call("get", "stages", "--projct", "x").err
