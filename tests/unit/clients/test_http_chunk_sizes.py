"""How large the chunks of an answer say they are, whatever comes in which pieces, and however many they are."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from towpath.clients.http.chunk_sizes import ChunkSizes

_HEAD = b"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"


@given(
    st.lists(st.integers(1, 300), max_size=8),
    st.integers(0, 2),
    st.integers(1, 40),
    st.sampled_from([b"", b";a=b", b" "]),
)
def test_the_largest_chunk_is_told_in_any_pieces(
    sizes: list[int], informational: int, step: int, extension: bytes
) -> None:
    """What stands in a chunk may look like a line with a size; what comes after the last one counts no more."""
    said = b"HTTP/1.1 100 Continue\r\n\r\n" * informational + _HEAD
    said += b"".join(
        b"%x%b\r\n%b\r\n" % (size, extension, (b"\nffff\r\n" * size)[:size]) for size in sizes
    )
    said += b"0\r\n\r\nfffff\r\n"
    found = ChunkSizes()
    for at in range(0, len(said), step):
        found.feed(said[at : at + step])
    assert found.largest == max(sizes, default=0)


def test_chunks_of_a_byte_are_not_copied_again_and_again() -> None:
    """Once for each of a quarter of a megabyte of them, which comes at once: that held up everybody for a second."""
    data, found = b"1\r\nx\r\n" * 40_000, ChunkSizes()
    found.feed(_HEAD)
    tracemalloc.start()
    try:
        found.feed(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.largest == 1
    assert most < 10_000
