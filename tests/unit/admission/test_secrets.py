"""Keys of Secrets and ConfigMaps: what they may be called, and which a Secret of a type must have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import USER, running
from towpath.errors import Invalid
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path


def config_map(**fields: Any) -> dict[str, Any]:
    """Return a ConfigMap."""
    metadata = {"name": "m", "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **fields}


def secret(type_: str, *keys: str) -> dict[str, Any]:
    """Return a Secret with keys."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "default"},
        "type": type_,
        "stringData": dict.fromkeys(keys, "hush"),
    }


@pytest.mark.parametrize("key", ["a b", "", "ü", ".", "..", "..a", "a/b", "k" * 254])
async def test_a_key_is_the_name_of_a_file(tmp_path: Path, key: str) -> None:
    """Letters, digits, `-`, `_` and `.`, and no way out of a folder; in both fields."""
    async with running(tmp_path) as world:
        with pytest.raises(Invalid) as told:
            await world.writer.create(config_map(data={key: "v"}, binaryData={key: "dg=="}), USER)
        fields = {cause.path.partition("[")[0] for cause in told.value.causes}
        assert fields == {"data", "binaryData"}


@pytest.mark.parametrize("key", ["a", "KEY_NAME", "key.name", ".hidden", "a..b", "k" * 253])
async def test_other_keys_are_taken(tmp_path: Path, key: str) -> None:
    """A dot in front is a hidden file."""
    async with running(tmp_path) as world:
        written = await world.writer.create(config_map(data={key: "v"}), USER)
        assert written.stored.document["data"] == {key: "v"}


async def test_a_key_is_in_one_of_the_fields(tmp_path: Path) -> None:
    """A mount has one file of a name."""
    async with running(tmp_path) as world:
        with pytest.raises(Invalid, match="duplicate of key present in binaryData"):
            await world.writer.create(config_map(data={"k": "v"}, binaryData={"k": "dg=="}), USER)


async def test_keys_of_an_earlier_version_stay(tmp_path: Path) -> None:
    """What holds such a key can still be changed, and gets no further ones."""
    async with running(tmp_path) as world:
        await world.store.create(config_map(data={"a b": "1"}), actor="x")
        ref = Ref(scheme.CONFIG_MAP, "default", "m")
        wanted = config_map(data={"a b": "2"})
        await world.writer.change(ref, lambda _: wanted, USER, manager="m")
        wanted["data"]["c d"] = "3"
        with pytest.raises(Invalid) as told:
            await world.writer.change(ref, lambda _: wanted, USER, manager="m")
        assert [cause.path for cause in told.value.causes] == ["data[c d]"]


@pytest.mark.parametrize(
    ("type_", "has", "lacks"),
    [
        ("kubernetes.io/tls", ["tls.crt"], ["tls.key"]),
        ("kubernetes.io/tls", ["tls.crt", "tls.key"], []),
        ("kubernetes.io/ssh-auth", ["other"], ["ssh-privatekey"]),
        ("kubernetes.io/dockerconfigjson", [".dockercfg"], [".dockerconfigjson"]),
        ("kubernetes.io/basic-auth", ["other"], ["username", "password"]),
        ("kubernetes.io/basic-auth", ["password"], []),
        ("Opaque", [], []),
        ("example.com/own", ["any"], []),
    ],
)
async def test_a_type_is_known_by_its_keys(
    tmp_path: Path, type_: str, has: list[str], lacks: list[str]
) -> None:
    """A Secret that says it is of such a type has them, and no value is shown when it has not."""
    async with running(tmp_path) as world:
        if not lacks:
            stored = (await world.writer.create(secret(type_, *has), USER)).stored
            assert sorted(stored.document.get("data") or {}) == sorted(has)
            return
        with pytest.raises(Invalid) as told:
            await world.writer.create(secret(type_, *has), USER)
        assert [cause.path for cause in told.value.causes] == [f"data[{key}]" for key in lacks]
        assert "hush" not in told.value.message


@pytest.mark.parametrize(
    ("pattern", "flag", "label", "is_taken"),
    [
        ("https://git\\.example/(", "true", "git", False),
        ("https://git\\.example/(?=a)", "true", "image", False),
        ("https://git\\.example/.*", "true", "git", True),
        ("https://git\\.example/(", "false", "git", True),
        ("https://git\\.example/(", "true", None, True),
    ],
)
async def test_repositories_are_told_by_regular_expressions_that_can_be_read(
    tmp_path: Path, pattern: str, flag: str, label: str | None, is_taken: bool
) -> None:
    """The error names the key and shows nothing of the value."""
    document = secret("Opaque")
    document["stringData"] = {"repoURL": pattern, "repoURLIsRegex": flag, "password": "hush"}
    if label is not None:
        document["metadata"]["labels"] = {"kargo.akuity.io/cred-type": label}
    async with running(tmp_path) as world:
        if is_taken:
            await world.writer.create(document, USER)
            return
        with pytest.raises(Invalid) as told:
            await world.writer.create(document, USER)
        assert [cause.path for cause in told.value.causes] == ["data[repoURL]"]
        assert "git\\.example" not in str(told.value)
