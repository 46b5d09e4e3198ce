"""`towpath doctor --offline`: a data directory is looked at, and nothing in it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from towpath.local import examining
from towpath.resources.finding import Wellness
from towpath.resources.scheme import SCHEME
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
async def place(tmp_path: Path) -> tuple[Path, Path]:
    """A data directory and its key file."""
    data, key = tmp_path / "data", tmp_path / "keys" / "key"
    store = await open_store(data, key_file=key, scheme=SCHEME)
    await store.close()
    return data, key


def found(data: Path, key: Path) -> dict[str, tuple[Wellness, str, str]]:
    """Return what is found, by what it is of."""
    return {
        each.what: (each.wellness, each.said, each.remedy) for each in examining.examined(data, key)
    }


def test_one_where_all_is_well(place: tuple[Path, Path]) -> None:
    """The files stay as they were."""
    before = {path: path.read_bytes() for path in place[0].rglob("*.db")}
    told = found(*place)
    assert {told[what][0] for what in ("permissions", "key file", "database", "program git")} == {
        Wellness.OK
    }
    assert "every Secret opens" in told["database"][1]
    assert {path: path.read_bytes() for path in place[0].rglob("*.db")} == before


async def test_one_that_is_in_use(place: tuple[Path, Path]) -> None:
    """A server may run meanwhile."""
    store = await open_store(place[0], key_file=place[1], scheme=SCHEME)
    try:
        assert found(*place)["database"][0] is Wellness.OK
    finally:
        await store.close()


def test_others_can_read_it(place: tuple[Path, Path]) -> None:
    """The command that ends it is told."""
    (place[0] / "towpath.db").chmod(0o644)
    wellness, _, remedy = found(*place)["permissions"]
    assert (wellness, remedy) == (Wellness.ILL, f"chmod 600 {place[0] / 'towpath.db'}")


def test_a_key_that_is_not_there(place: tuple[Path, Path], tmp_path: Path) -> None:
    """What it seals cannot be looked at."""
    told = found(place[0], tmp_path / "other")
    assert told["key file"][0] is Wellness.ILL
    assert told["database"][0] is Wellness.ILL
    assert "TOWPATH_KEY_FILE" in told["database"][2]


def test_a_key_of_another(place: tuple[Path, Path], tmp_path: Path) -> None:
    """It is a key file, and not the one."""
    from towpath.store.sqlite.keyring import Keyring

    Keyring.load_or_create(tmp_path / "other")
    told = found(place[0], tmp_path / "other")
    assert told["key file"][0] is Wellness.OK
    assert told["database"][0] is Wellness.ILL


def test_a_database_that_is_damaged(place: tuple[Path, Path]) -> None:
    """That is said, with what to put in its place."""
    path = place[0] / "towpath.db"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    wellness, _, remedy = found(*place)["database"]
    assert wellness is Wellness.ILL
    assert "towpath restore" in remedy


def test_no_data_directory(tmp_path: Path) -> None:
    """Nothing else is looked at."""
    (told,) = examining.examined(tmp_path, tmp_path / "key")
    assert told.wellness is Wellness.ILL


def test_a_program_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git is needed; Helm by those who render charts."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert examining.program_found("git").wellness is Wellness.ILL
    assert examining.program_found("helm").wellness is Wellness.UNKNOWN
