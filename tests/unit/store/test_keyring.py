"""The key file: made once, kept from others, never half written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from towpath import errors
from towpath.store.sqlite import database
from towpath.store.sqlite.keyring import Keyring, SealingKey

if TYPE_CHECKING:
    from pathlib import Path


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """The second time it is read; file 0600, directory 0700."""
    path = tmp_path / "new" / "key"
    first = Keyring.load_or_create(path)
    assert Keyring.load_or_create(path).ids == first.ids
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_make_it_at_once_agree(tmp_path: Path) -> None:
    """Whoever comes second takes the key of the first."""
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: Keyring.load_or_create(path), range(32)))
    assert len({ring.ids for ring in rings}) == 1


def test_a_new_key_is_added_as_the_last(tmp_path: Path) -> None:
    """The old one stays, and is found by its id."""
    path = tmp_path / "key"
    old = Keyring.load_or_create(path)
    grown = old.with_new_key()
    assert Keyring.load(path).ids == grown.ids == (old.newest.id, grown.newest.id)
    assert Keyring.load(path).find(old.newest.id) == old.newest
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_new_key_goes_where_a_link_leads(tmp_path: Path) -> None:
    """What is copied, mounted or kept apart is the file itself: with the new key in another one, it would be lost."""
    (tmp_path / "kept").mkdir()
    path = tmp_path / "key"
    path.symlink_to(tmp_path / "kept" / "key")
    old = Keyring.load_or_create(tmp_path / "kept" / "key")
    grown = Keyring.load_or_create(path).with_new_key()
    assert path.is_symlink()
    assert Keyring.load(tmp_path / "kept" / "key").ids == grown.ids
    assert grown.find(old.newest.id) == old.newest


def test_a_key_does_not_print_itself() -> None:
    """A log or traceback that shows it shows its id."""
    key = SealingKey(b"k" * 32)
    assert repr(key) == f"<Key {key.id}>"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """With the command that helps."""
    path = tmp_path / "key"
    Keyring.load_or_create(path)
    path.chmod(mode)
    with pytest.raises(errors.Unavailable, match=f"chmod 600 {path}"):
        Keyring.load(path)


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "secret-looking-text\n", "towpath-key-v1 0123456789abcdef QUJD\n"]
)
def test_what_is_no_key_file_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    """A wrong line is named by its number: it may be key material."""
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(errors.Unavailable, match="key file") as raised:
        Keyring.load_or_create(path)
    assert "secret-looking" not in raised.value.message
    assert "QUJD" not in raised.value.message


def test_a_missing_file_says_what_to_set(tmp_path: Path) -> None:
    """Loading never makes one."""
    with pytest.raises(errors.Unavailable, match="TOWPATH_KEY_FILE"):
        Keyring.load(tmp_path / "none")


def test_a_damaged_key_is_noticed(tmp_path: Path) -> None:
    """The id is the key's own: a changed letter does not pass."""
    path = tmp_path / "key"
    Keyring.load_or_create(path)
    tag, id_, secret = path.read_text().splitlines()[-1].split()
    changed = ("A" if secret[0] != "A" else "B") + secret[1:]
    path.write_text(f"{tag} {id_} {changed}\n")
    with pytest.raises(errors.Unavailable, match="line 1"):
        Keyring.load(path)


def test_a_key_inside_the_data_directory_is_refused(tmp_path: Path) -> None:
    """Whoever copies the data would have the key."""
    with pytest.raises(errors.Unavailable, match="inside the data directory"):
        database.refuse_key_inside(tmp_path / "sub" / "key", tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(errors.Unavailable, match="inside the data directory"):
        database.refuse_key_inside(tmp_path / "link" / "key", tmp_path)
    database.refuse_key_inside(tmp_path.parent / "key", tmp_path)
