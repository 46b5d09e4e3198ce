"""Roles, tokens, config maps and credentials on the command line: what is sent, what is printed."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

SHOP = "/v1beta1/projects/shop"
SHARED = "/v1beta1/shared"
SYSTEM = "/v1beta1/system"
MADE = {"metadata": {"name": "x"}}
TOKEN = base64.b64encode(b"s3cret-token").decode()


@pytest.mark.parametrize(
    ("arguments", "path", "body", "line"),
    [
        (
            [
                "role",
                "x",
                "--claim",
                "groups=a,b",
                "--claim",
                "email=ann@example.com",
                "--description",
                "d",
            ],
            f"{SHOP}/roles",
            {
                "metadata": {"name": "x", "annotations": {"kargo.akuity.io/description": "d"}},
                "claims": [
                    {"name": "groups", "values": ["a", "b"]},
                    {"name": "email", "values": ["ann@example.com"]},
                ],
            },
            "role.rbac.kargo.akuity.io/x created",
        ),
        (
            ["role", "x"],
            f"{SHOP}/roles",
            {"metadata": {"name": "x"}},
            "role.rbac.kargo.akuity.io/x created",
        ),
        (
            ["configmap", "x", "--set", "a=1=2", "--set", "b="],
            f"{SHOP}/configmaps",
            {"name": "x", "description": "", "data": {"a": "1=2", "b": ""}},
            "configmap/x created",
        ),
        (
            ["cm", "x", "--set", "a=1", "--system", "--description", "d"],
            f"{SYSTEM}/configmaps",
            {"name": "x", "description": "d", "data": {"a": "1"}},
            "configmap/x created",
        ),
        (
            ["generic-credentials", "x", "--shared", "--set", "a=1"],
            f"{SHARED}/generic-credentials",
            {"name": "x", "description": "", "data": {"a": "1"}},
            "secret/x created",
        ),
        (
            [
                "repo-credentials",
                "x",
                "--git",
                "--repo-url",
                "u",
                "--username",
                "n",
                "--password",
                "p",
            ],
            f"{SHOP}/repo-credentials",
            {
                "name": "x",
                "description": "",
                "type": "git",
                "repoUrl": "u",
                "repoUrlIsRegex": False,
                "username": "n",
                "password": "p",
            },
            "secret/x created",
        ),
    ],
)
def test_create(
    api: Api, call: Call, arguments: list[str], path: str, body: dict[str, Any], line: str
) -> None:
    """What is sent where, and the line that says so."""
    api.answer("POST", path, (201, MADE))
    told = call("create", *arguments)
    assert told.lines == [line], told.err
    assert api.bodies("POST") == [body]
    assert call("create", *arguments, "-o", "jsonpath={.metadata.name}").out == "x"
    api.answer("POST", path, (409, {"error": "x already exists"}))
    told = call("create", *arguments)
    assert (told.code, told.err) == (1, "towpath: x already exists\n")


def test_a_value_from_a_file_is_in_no_argument(
    api: Api, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or piped in; what cannot be read is told without it."""
    api.answer("POST", f"{SHOP}/generic-credentials", (201, MADE))
    (tmp_path / "t").write_text("s3cret")
    assert call("create", "generic-credentials", "x", "--set-file", f"a={tmp_path / 't'}").code == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    assert call("create", "generic-credentials", "x", "--set-file", "a=-").code == 0
    assert [body["data"] for body in api.bodies("POST")] == [{"a": "s3cret"}, {"a": "piped"}]
    assert (
        "cannot be read"
        in call("create", "generic-credentials", "x", "--set-file", "a=/nowhere").err
    )


def test_a_password_is_piped_in_or_asked_for(
    api: Api, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal it says how to give it; an empty one is refused."""
    api.answer("POST", f"{SHARED}/repo-credentials", (201, MADE))
    given = [
        "create",
        "repo-creds",
        "x",
        "--shared",
        "--type=image",
        "--repo-url",
        "u",
        "--username",
        "n",
    ]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"s3cret\n")))
    assert call(*given, "--password-stdin", "--regex").code == 0
    assert api.bodies("POST")[0]["password"] == "s3cret"
    assert api.bodies("POST")[0]["repoUrlIsRegex"] is True
    assert "--password-stdin" in call(*given).err
    assert "empty" in call(*given, "--password", "").err
    assert "one of --password and" in call(*given, "--password", "a", "--password-stdin").err


def test_a_token_is_printed_this_once(api: Api, call: Call) -> None:
    """As it is used; in JSON as the server sends it."""
    made = {**MADE, "data": {"token": TOKEN}}
    for path, option in (
        (f"{SHOP}/roles/ci/api-tokens", ()),
        (f"{SYSTEM}/roles/ci/api-tokens", ("--system",)),
    ):
        api.answer("POST", path, (201, made))
        told = call("create", "token", "x", "--role", "ci", *option)
        assert told.lines == ["secret/x created", "It is shown this once only:", "s3cret-token"]
        assert call("--quiet", "create", "token", "x", "--role", "ci", *option).lines == [
            "s3cret-token"
        ]
    assert api.bodies("POST")[0] == {"name": "x"}
    assert call("create", "token", "x", "--role", "ci", "-o", "jsonpath={.data.token}").out == TOKEN
    api.answer("POST", f"{SHOP}/roles/ci/api-tokens", (201, MADE))
    told = call("create", "token", "x", "--role", "ci")
    assert told.code == 1
    assert "did not send it" in told.err


def test_tables_of_what_is_kept(api: Api, call: Call) -> None:
    """In the columns that people know."""
    for path, item, word, row in (
        (
            f"{SHOP}/roles",
            {"metadata": {"name": "ci"}, "kargoManaged": True},
            "roles",
            "ci true <unknown>",
        ),
        (
            f"{SYSTEM}/roles",
            {"metadata": {"name": "a"}, "kargoManaged": False},
            "roles --system",
            "a false <unknown>",
        ),
        (
            f"{SHOP}/api-tokens",
            {
                "metadata": {
                    "name": "t",
                    "annotations": {
                        "kubernetes.io/service-account.name": "ci",
                        "rbac.kargo.akuity.io/managed": "true",
                    },
                }
            },
            "tokens",
            "t ci true <unknown>",
        ),
        (
            f"{SHARED}/repo-credentials",
            {
                "metadata": {"name": "r", "labels": {"kargo.akuity.io/cred-type": "git"}},
                "stringData": {
                    "repoURL": "https://x",
                    "repoURLIsRegex": "true",
                    "password": "*** REDACTED ***",
                },
            },
            "repo-credentials --shared",
            "r git true https://x <unknown>",
        ),
        (
            f"{SYSTEM}/generic-credentials",
            {"metadata": {"name": "g", "annotations": {"kargo.akuity.io/description": "said"}}},
            "generic-credentials --system",
            "g said <unknown>",
        ),
        (
            f"{SHOP}/configmaps",
            {"metadata": {"name": "c"}, "data": {"k": "v", "l": "w"}},
            "configmaps",
            "c k, l <unknown>",
        ),
    ):
        api.answer("GET", path, [item] if path.endswith("roles") else {"items": [item]})
        told = call("get", *word.split())
        assert told.code == 0, told.err
        assert " ".join(told.lines[1].split()) == row
        bare = call("get", *word.split(), "--no-headers").lines
        assert " ".join(bare[0].split()) == row


def test_some_of_them(api: Api, call: Call) -> None:
    """By name, by role, as what makes them; what is missing is told, and what is there printed."""
    api.answer("GET", f"{SHOP}/api-tokens", {"items": []})
    assert call("get", "tokens", "--role", "ci").code == 0
    assert api.asked[-1].query == {"role": ["ci"]}
    api.answer(
        "GET",
        f"{SHOP}/roles/ci",
        {"metadata": {"name": "ci"}, "serviceAccount": {"metadata": {"name": "ci"}}},
    )
    told = call("get", "roles", "ci", "nope", "-o", "name")
    assert (told.code, told.lines) == (1, ["role.rbac.kargo.akuity.io/ci"])
    assert "nope" in told.err
    told = call("get", "roles", "ci", "--as-kubernetes-resources")
    assert api.asked[-1].query == {"as-resources": ["true"]}
    assert told.lines[1].split() == ["ci", "ci", "<unknown>"]
    api.answer("GET", f"{SHARED}/configmaps", {"items": []})
    assert call("get", "cm", "-p", "kargo-shared-resources").code == 0
    api.answer("GET", f"{SYSTEM}/cluster-config", {"metadata": {"name": "cluster"}})
    assert call("get", "clusterconfig", "-o", "name").lines == [
        "clusterconfig.kargo.akuity.io/cluster"
    ]


def test_update(api: Api, call: Call) -> None:
    """Only what is named is sent; an empty description takes it away."""
    for arguments, path, body in (
        (
            ["configmap", "x", "--set", "a=1", "--unset", "b,c"],
            f"{SHOP}/configmaps/x",
            {"data": {"a": "1"}, "removeKeys": ["b", "c"]},
        ),
        (
            ["generic-credentials", "x", "--description", "", "--shared"],
            f"{SHARED}/generic-credentials/x",
            {"description": ""},
        ),
        (
            ["repo-credentials", "x", "--username", "n"],
            f"{SHOP}/repo-credentials/x",
            {"username": "n"},
        ),
        (
            ["repo-credentials", "x", "--repo-url", "u", "--regex"],
            f"{SHOP}/repo-credentials/x",
            {"repoUrl": "u", "repoUrlIsRegex": True},
        ),
    ):
        api.answer("PATCH", path, MADE)
        told = call("update", *arguments)
        assert told.code == 0, told.err
        assert told.lines[0].endswith("/x updated")
        assert api.bodies("PATCH")[-1] == body


def test_an_alias(api: Api, call: Call) -> None:
    """Freight by name or by the alias that it has."""
    api.answer("GET", f"{SHOP}/freight/old", {"metadata": {"name": "abc"}})
    api.answer("PATCH", f"{SHOP}/freight/abc/alias", None)
    assert call("update", "freight", "--old-alias", "old", "--new-alias", "new").lines == [
        "freight.kargo.akuity.io/abc updated"
    ]
    assert api.asked[-1].query == {"newAlias": ["new"]}
    assert call("update", "freight", "--name", "nope", "--new-alias", "new").code == 1


def test_a_verb_that_nothing_asks_for_is_granted_with_a_warning(api: Api, call: Call) -> None:
    """As Kargo grants it; nothing is said of one that is known, nor where it is taken away."""
    for verb, path in (("grant", "grants"), ("revoke", "revocations")):
        api.answer("POST", f"{SHOP}/roles/{path}", {"metadata": {"name": "ci"}})
        for given, is_told in (("promot", verb == "grant"), ("promote", False), ("*", False)):
            told = call(verb, "--role", "ci", "--resource-type", "stages", "--verb", given)
            assert told.code == 0
            assert ("warning: --verb promot: nothing asks for it" in told.err) == is_told
            assert ("promote" in told.err) == is_told


def test_grant_and_revoke(api: Api, call: Call) -> None:
    """Users by claims, or rights by kind; the role is told."""
    for verb, path in (("grant", "grants"), ("revoke", "revocations")):
        api.answer("POST", f"{SHOP}/roles/{path}", {"metadata": {"name": "ci"}})
        told = call(verb, "--role", "ci", "--claim", "groups=a", "--claim", "groups=b")
        assert told.lines == ["role.rbac.kargo.akuity.io/ci updated"], told.err
        claims = [{"name": "groups", "values": ["a", "b"]}]
        assert api.asked[-1].body == {"role": "ci", "userClaims": {"claims": claims}}
        assert (
            call(
                verb,
                "--role",
                "ci",
                "--resource-type",
                "stages",
                "--verb",
                "get,list",
                "--verb",
                "promote",
            ).code
            == 0
        )
        details: dict[str, Any] = {"resourceType": "stages", "verbs": ["get", "list", "promote"]}
        assert api.asked[-1].body == {"role": "ci", "resourceDetails": details}
        assert (
            call(
                verb, "--role", "ci", "--resource-type=stages", "--verb=get", "--resource-name=prod"
            ).code
            == 0
        )
        assert api.asked[-1].body == {
            "role": "ci",
            "resourceDetails": {**details, "verbs": ["get"], "resourceName": "prod"},
        }
        api.answer(
            "POST",
            f"{SHOP}/roles/{path}",
            (403, {"error": "you may not grant what you may not do"}),
        )
        assert call(verb, "--role", "ci", "--claim", "a=b").code == 1


def test_delete(api: Api, call: Call) -> None:
    """Each of its kind, where it is kept; one that is not there stops none of the others."""
    for arguments, path, line in (
        (["role", "x"], f"{SHOP}/roles/x", "role.rbac.kargo.akuity.io/x"),
        (["token", "x", "--system"], f"{SYSTEM}/api-tokens/x", "secret/x"),
        (["cm", "x", "--shared"], f"{SHARED}/configmaps/x", "configmap/x"),
        (["repo-creds", "x"], f"{SHOP}/repo-credentials/x", "secret/x"),
        (["generic-creds", "x"], f"{SHOP}/generic-credentials/x", "secret/x"),
        (["clusterconfig"], f"{SYSTEM}/cluster-config", "clusterconfig.kargo.akuity.io/cluster"),
    ):
        api.answer("DELETE", path, (204, None))
        assert call("delete", *arguments).lines == [f"{line} deleted"]
        assert call("delete", *arguments, "-o", "name").lines == [line]
        assert call("--quiet", "delete", *arguments).out == ""
    told = call("delete", "role", "nope", "x")
    assert (told.code, told.lines) == (1, ["role.rbac.kargo.akuity.io/x deleted"])
    assert '"name": "x"' in call("delete", "role", "x", "-o", "json").out


def test_refresh_of_the_configuration_of_all(api: Api, call: Call) -> None:
    """No Project, no name."""
    api.answer("POST", f"{SYSTEM}/cluster-config/refresh", None)
    assert call("refresh", "clusterconfig").lines == [
        "clusterconfig.kargo.akuity.io/cluster refreshed"
    ]


def test_a_value_that_must_be_given_anew_is_told_with_its_option(api: Api, call: Call) -> None:
    """The server does not know by which option its client gives it."""
    said = "data[password]: Required value: it was given only as its mask"
    api.answer("PATCH", f"{SHOP}/repo-credentials/deploy", (422, {"error": said}))
    told = call("update", "repo-credentials", "deploy", "--image")
    assert told.code == 1
    assert told.err.rstrip().endswith("here: with --password-stdin")
