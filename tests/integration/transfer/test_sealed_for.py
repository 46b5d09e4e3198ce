"""For whom an archive is sealed: a server's key, or a passphrase that no server is told."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING

import pytest

from tests.support import serving
from tests.support.departing import VALUE, archive, everything, source, taken_in, told
from tests.support.pipeline import PROJECT, running
from towpath.errors import BadRequest
from towpath.local import transfer
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.transfer import arrival, sealing

if TYPE_CHECKING:
    from pathlib import Path

KEY = serving.TRANSFER_KEY.recipient.text
WORDS = "a passphrase of some length"


async def test_a_passphrase_does_for_a_key(tmp_path: Path) -> None:
    """The client seals anew for the server; who has another passphrase, or none, is told so."""
    words, other, sealed = tmp_path / "words", tmp_path / "other", tmp_path / "sealed"
    words.write_text(f"{WORDS}\n")
    other.write_text("another passphrase")
    key, salt = transfer.recipient(None, words)
    async with source(tmp_path / "a") as here:
        content = await archive(here.world, key, salt)
    assert WORDS.encode() not in gzip.decompress(content)
    assert VALUE.encode() not in gzip.decompress(content)
    sealed.write_bytes(content)
    with pytest.raises(BadRequest, match="was sealed with another passphrase"):
        transfer.reseal(sealed, other, KEY, tmp_path / "none")
    anew = tmp_path / "anew"
    transfer.reseal(sealed, words, KEY, anew)
    with pytest.raises(BadRequest, match="sealed for a server's key, not with a passphrase"):
        transfer.reseal(anew, words, KEY, tmp_path / "no")
    (tmp_path / "b").mkdir()
    async with running(tmp_path / "b") as there:
        await there.clock.advance(60)
        refused = await taken_in(there, content, 400)
        assert "sealed with a passphrase: give it with --passphrase-file" in str(refused)
        assert (await taken_in(there, anew.read_bytes()))["isNew"]
        ref = Ref(scheme.SECRET, PROJECT, "repo")
        found = await there.store.reveal(ref, actor="test", reason="test")
        assert base64.b64decode(found["data"]["password"]).decode() == VALUE


async def test_what_is_written_was_read_before_others_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the archive nothing is read within the transaction; what lies beside it meanwhile is sealed, and gone in the end."""
    async with source(tmp_path / "a") as here:
        content = await archive(here.world)
        before, past = await everything(here.world), await told(here.world)
    (tmp_path / "b").mkdir()
    path = tmp_path / "in" / "archive"
    path.parent.mkdir()
    path.write_bytes(content)
    beside: dict[str, bytes] = {}

    def checked() -> None:
        path.unlink()
        beside.update(
            (each.name, gzip.decompress(each.read_bytes())) for each in path.parent.iterdir()
        )

    monkeypatch.setattr(arrival, "CHECKED", checked)
    async with running(tmp_path / "b") as there:
        await there.clock.advance(60)
        arriving = arrival.ArrivingProject(
            there.store, path, "it", serving.TRANSFER_KEY, there.clock.now()
        )
        done = await arriving.take_in(actor="test", via="test")
        assert done.objects == len(before) + 2
        assert set(await everything(there)) == set(before)
        assert await told(there) == past
    assert set(beside) == {"archive.objects", "archive.past"}
    assert not [name for name, lines in beside.items() if VALUE.encode() in lines]
    assert list(path.parent.iterdir()) == []


def test_what_is_said_of_keys(tmp_path: Path) -> None:
    """Exactly one of both; a file that holds no key, and a passphrase that is guessed soon, are refused."""
    file = tmp_path / "file"
    with pytest.raises(BadRequest, match="say for whom Secrets are sealed"):
        transfer.recipient(None, None)
    with pytest.raises(BadRequest, match="say for whom Secrets are sealed"):
        transfer.recipient(file, file)
    with pytest.raises(BadRequest, match="cannot be read"):
        transfer.recipient(file, None)
    file.write_text("ssh-ed25519 AAAA")
    with pytest.raises(BadRequest, match="it is no key of `towpath import --request`"):
        transfer.recipient(file, None)
    file.write_text("short")
    with pytest.raises(BadRequest, match="fewer than 12 characters"):
        transfer.recipient(None, file)
    file.write_text(f"{KEY}\n")
    assert transfer.recipient(file, None) == (KEY, "")


def test_a_sealed_text_is_bound_to_its_object() -> None:
    """Moved to another object, or changed, it does not open; and no two are alike."""
    key = sealing.PrivateKey(b"k" * 32)
    one, two = (key.recipient.seal(b"plain", b"Secret\0shop\0a") for _ in range(2))
    assert one != two
    assert key.open(one, b"Secret\0shop\0a") == b"plain"
    for wrong, bound in (
        (one, b"Secret\0shop\0b"),
        (one[:-1] + b"x", b"Secret\0shop\0a"),
        (b"", b""),
    ):
        with pytest.raises(BadRequest, match="it was changed, or sealed for another key"):
            key.open(wrong, bound)
