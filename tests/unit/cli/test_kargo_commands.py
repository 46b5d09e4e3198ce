"""Every command and flag of Kargo's command line is there, so that a script works with the word exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from towpath.cli import main
from towpath.cli.kinds import kinds
from towpath.cli.kinds.kind_words import WordedGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.unit.cli.conftest import Told

SERVER = "--insecure-skip-tls-verify"
PRINTED = "-o --output --template --allow-missing-template-keys --show-managed-fields"
PROJECT = "-p --project"
FILES = "-f --filename -R --recursive"
REPO = "--git --helm --image --type --repo-url --regex --username --password --description --shared"
CLAIMS = "--role --claim --resource-type --resource-name --verb"

COMMANDS: dict[str, str] = {
    "login": f"--admin --kubeconfig --sso --password --port {SERVER}",
    "logout": "",
    "config view": "--raw",
    "config set-project": "",
    "config get-project": "",
    "apply": f"{FILES} {PRINTED} {SERVER}",
    "create": f"{FILES} {PRINTED} {SERVER}",
    "delete": f"{FILES} {PRINTED} {SERVER} {PROJECT} --name --alias --shared --system",
    "create project": f"{PRINTED} {SERVER}",
    "create role": f"--description --claim {PROJECT} {PRINTED} {SERVER}",
    "create token": f"--role --system {PROJECT} {PRINTED} {SERVER}",
    "create configmap": f"--set --description --shared --system {PROJECT} {PRINTED} {SERVER}",
    "create generic-credentials": f"--set --description --shared --system {PROJECT} {PRINTED} {SERVER}",
    "create repo-credentials": f"{REPO} {PROJECT} {PRINTED} {SERVER}",
    "get": (
        f"{PROJECT} {PRINTED} {SERVER} --no-headers --stage --name --alias --warehouse --origin --role --system --shared "
        "--as-kubernetes-resources"
    ),
    "update freight": f"--name --old-alias --new-alias {PROJECT} {PRINTED} {SERVER}",
    "update configmap": f"--set --unset --description --shared --system {PROJECT} {PRINTED} {SERVER}",
    "update generic-credentials": f"--set --unset --description --shared --system {PROJECT} {PRINTED} {SERVER}",
    "update repo-credentials": f"{REPO} {PROJECT} {PRINTED} {SERVER}",
    "grant": f"{CLAIMS} {PROJECT} {PRINTED} {SERVER}",
    "revoke": f"{CLAIMS} {PROJECT} {PRINTED} {SERVER}",
    "approve": f"--freight --freight-alias --stage {PROJECT} {SERVER}",
    "promote": (
        f"--freight --freight-alias --warehouse --stage --downstream-from --wait --abort --name {PROJECT} {PRINTED} {SERVER}"
    ),
    "refresh": f"--wait {PROJECT} {SERVER}",
    "verify": f"--abort {PROJECT} {SERVER}",
    "logs": f"--metric --container {PROJECT} {SERVER}",
    "dashboard": "",
    "version": f"--client {SERVER}",
    "completion": "",
}
"""Commands with the flags that people write."""

WORDS = {
    "Project": "projects project",
    "Stage": "stages stage",
    "Warehouse": "warehouses warehouse",
    "Promotion": "promotions promotion promos promo",
    "Freight": "freight",
    "Role": "roles role",
    "ConfigMap": "configmaps configmap cm",
    "ProjectConfig": "projectconfig",
    "ClusterConfig": "clusterconfig",
    "Secret": (
        "tokens token repo-credentials repo-creds repocredentials repocreds "
        "generic-credentials generic-creds genericcredentials genericcreds"
    ),
}
"""What people call kinds."""

COLUMNS = {
    "projects": "NAME READY STATUS AGE",
    "stages": "NAME SHARD CURRENT FREIGHT HEALTH READY STATUS AGE",
    "warehouses": "NAME SHARD AGE",
    "freight": "NAME ALIAS ORIGIN AGE",
    "promotions": "NAME SHARD STAGE FREIGHT PHASE AGE",
    "tokens": "NAME ROLE KARGO MANAGED AGE",
    "roles": "NAME KARGO MANAGED AGE",
    "repo-credentials": "NAME TYPE REGEX REPO AGE",
    "generic-credentials": "NAME DESCRIPTION AGE",
    "configmaps": "NAME DESCRIPTION KEYS AGE",
}


def _command(words: str) -> click.Command:
    first, *rest = words.split()
    found = main.load(first)
    for word in rest:
        assert isinstance(found, click.Group)
        found = found.commands[word]
    return found


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_has_the_flags_that_scripts_give(words: str) -> None:
    """By the same names."""
    there = {option for parameter in _command(words).params for option in parameter.opts}
    assert set(COMMANDS[words].split()) <= there


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_explains_itself(words: str, call: Callable[..., Told]) -> None:
    """With an example."""
    told = call(*words.split(), "--help")
    assert told.code == 0
    assert "Examples:" in told.out


@pytest.mark.parametrize("kind", WORDS)
def test_kinds_go_by_the_words_that_people_know(kind: str) -> None:
    """Singular, plural, short."""
    for word in WORDS[kind].split():
        assert kinds.named(word).name == kind, word


@pytest.mark.parametrize("word", COLUMNS)
def test_tables_begin_with_the_columns_that_people_know(word: str) -> None:
    """In their order; what we have besides is behind them."""
    from towpath.cli.forms import printing
    from towpath.cli.kinds.columns import Around

    headers, _ = printing.rows(kinds.named(word), [], Around.now_alone())
    assert " ".join(headers).startswith(COLUMNS[word])


def test_groups_of_kinds_take_every_word_of_a_kind() -> None:
    """`create configmaps`, `create repo-creds`, `update cm`."""
    for group, word, meant in (
        ("create", "configmaps", "configmap"),
        ("create", "repo-creds", "repo-credentials"),
        ("create", "TOKENS", "token"),
        ("create", "roles", "role"),
        ("update", "cm", "configmap"),
        ("update", "genericcreds", "generic-credentials"),
    ):
        found = main.load(group)
        assert isinstance(found, WordedGroup)
        with click.Context(found) as context:
            name, _, rest = found.resolve_command(context, [word, "x"])
        assert (name, rest) == (meant, ["x"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "token", "x"], "--role"),
        (["create", "configmap", "x"], "--set KEY=VALUE"),
        (["create", "configmap", "x", "--set", "novalue"], "KEY=VALUE"),
        (["create", "configmap", "x", "--set", "a=1", "--set", "a=2"], "twice"),
        (
            ["create", "configmap", "x", "--set", "a=1", "--shared", "--system"],
            "exclude one another",
        ),
        (
            ["create", "configmap", "x", "--set", "a=1", "--shared", "-p", "a"],
            "exclude one another",
        ),
        (["create", "repo-credentials", "x"], "--repo-url, --username"),
        (
            [
                "create",
                "repo-credentials",
                "x",
                "--git",
                "--helm",
                "--repo-url",
                "a",
                "--username",
                "b",
            ],
            "give one of --git",
        ),
        (["create", "role", "x", "--claim", "nonsense"], "NAME=VALUE"),
        (["update", "freight", "--new-alias", "a"], "one of --name and --old-alias"),
        (["update", "configmap", "x"], "say what changes"),
        (["update", "configmap", "x", "--set", "a=1", "--unset", "a"], "both name a"),
        (["update", "repo-credentials", "x", "--regex"], "give both"),
        (["update", "stage", "x"], "there are: freight, configmap"),
        (["grant", "--role", "r"], "--claim NAME=VALUE"),
        (["grant", "--role", "r", "--resource-type", "stages"], "give both"),
        (["revoke", "--role", "r", "--claim", "a=b", "--verb", "get"], "either"),
        (["get", "stages", "--system"], "--shared and --system are for"),
        (["get", "repo-credentials", "--system"], "--system"),
        (["get", "stages", "--role", "x"], "--role selects tokens only"),
        (["get", "stages", "--as-kubernetes-resources"], "for roles only"),
        (["get", "stages", "-o", "jsonpath"], "its template is missing"),
        (["get", "stages", "-o", "jsonpath={.a"], "no closing brace"),
        (["get", "stages", "-o", "go-template={{.a"], "closes it"),
        (["get", "stages", "-o", "yaml", "--template", "x"], "--template goes with"),
        (["get", "stages", "-o", "go-template-file=/nowhere"], "cannot be read"),
        (["delete", "stage", "x", "--shared"], "--shared and --system are for"),
        (["refresh", "clusterconfig", "x"], "it takes no name"),
        (["wait", "stage", "--for", "delete"], "name which one"),
        (["wait", "stage", "x", "--for", "nonsense"], "condition=TYPE"),
        (["login"], "name the server and one way"),
        (["login", "http://127.0.0.1:1", "--admin", "--sso"], "give one of"),
        (["login", "ftp://x", "--admin"], "is no address"),
        (["login", "https://me:pw@x", "--admin"], "must not have a user"),
        (["login", "http://127.0.0.1:1", "--sso", "--password", "x"], "go with --admin"),
        (["config", "use-context", "x"], "there is no context 'x'"),
        (["config", "set-project", "x"], "towpath login"),
        (["logout", "--all", "--context", "x"], "either"),
        (["completion", "tcsh"], "tcsh"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(
    arguments: list[str], said: str, call: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is asked of a server."""
    monkeypatch.setenv("TOWPATH_SERVER", "http://127.0.0.1:1")
    monkeypatch.setenv("TOWPATH_TOKEN", "x")
    monkeypatch.setenv("TOWPATH_PROJECT", "shop")
    told = call(*arguments)
    assert told.code == 1
    assert said in told.err
    assert "no answer" not in told.err
    assert not told.out


def _leaves(name: str, command: click.Command) -> Iterable[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for below, found in command.commands.items():
            yield from _leaves(f"{name} {below}", found)
    else:
        yield name, command


def test_no_flag_means_two_things() -> None:
    """Short and long ones of one command differ."""
    for name in main.COMMANDS:
        for words, command in _leaves(name, main.load(name)):
            options = [option for parameter in command.params for option in parameter.opts]
            assert len(options) == len(set(options)), words
