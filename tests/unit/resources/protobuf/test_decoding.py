"""Objects in protobuf: what kubectl sends, and what nobody should."""

from __future__ import annotations

import base64
import json
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import replaying
from tests.support.examples import examples
from towpath.errors import BadRequest, TowpathError, Unsupported
from towpath.resources import protobuf

if TYPE_CHECKING:
    from collections.abc import Iterator

Fields = list[tuple[int, Any]]


def varint(value: int) -> bytes:
    """Return a number as protobuf has it."""
    value &= (1 << 64) - 1
    found = b""
    while value > 127:
        found += bytes([value % 128 + 128])
        value //= 128
    return found + bytes([value])


def message(*fields: tuple[int, Any]) -> bytes:
    """Return a message: numbers as varints, texts and bytes with their length, lists of fields as messages."""
    found = b""
    for number, value in fields:
        if isinstance(value, int):
            found += varint(number << 3) + varint(value)
            continue
        data = (
            message(*value)
            if isinstance(value, list)
            else value.encode()
            if isinstance(value, str)
            else value
        )
        found += varint(number << 3 | 2) + varint(len(data)) + data
    return found


def body(api_version: str, kind: str, *fields: tuple[int, Any], encoding: str = "") -> bytes:
    """Return a request's body."""
    envelope: Fields = [
        (1, [(1, api_version), (2, kind)]),
        (2, message(*fields)),
        (3, encoding),
        (4, ""),
    ]
    return b"k8s\0" + message(*envelope)


METADATA: Fields = [(1, "a"), (2, ""), (3, "n"), (4, ""), (5, ""), (6, ""), (7, 0), (8, [])]
"""As Go sends it: with everything that is empty."""


def test_an_object_is_what_its_json_would_be() -> None:
    """Maps, lists, bytes, times, flags and numbers; what is empty is left out."""
    metadata: Fields = [
        *METADATA,
        (8, [(1, 1_700_000_000), (2, 0)]),
        (11, [(1, "l"), (2, "1")]),
        (11, [(1, "m"), (2, "")]),
        (13, [(1, "Stage"), (3, "prod"), (4, "u"), (5, "v1"), (6, 1), (7, 0)]),
        (14, "example.com/a"),
        (
            17,
            [
                (1, "kubectl"),
                (2, "Update"),
                (3, "v1"),
                (6, "FieldsV1"),
                (7, [(1, '{"f:data":{}}')]),
            ],
        ),
    ]
    secret = protobuf.decoded(
        body("v1", "Secret", (1, metadata), (2, [(1, "k"), (2, b"\xff\0")]), (3, "Opaque"), (5, 0))
    )
    assert secret == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "a",
            "namespace": "n",
            "creationTimestamp": "2023-11-14T22:13:20Z",
            "labels": {"l": "1", "m": ""},
            "ownerReferences": [
                {
                    "kind": "Stage",
                    "name": "prod",
                    "uid": "u",
                    "apiVersion": "v1",
                    "controller": True,
                    "blockOwnerDeletion": False,
                }
            ],
            "finalizers": ["example.com/a"],
            "managedFields": [
                {
                    "manager": "kubectl",
                    "operation": "Update",
                    "apiVersion": "v1",
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {"f:data": {}},
                }
            ],
        },
        "data": {"k": "/wA="},
        "type": "Opaque",
        "immutable": False,
    }


def test_moments_with_and_without_fractions() -> None:
    """Leases have microseconds; negative numbers are two's complements."""
    lease = protobuf.decoded(
        body(
            "coordination.k8s.io/v1", "Lease",
            (1, METADATA), (2, [(1, "me"), (2, 15), (4, [(1, 0), (2, 5_000_000)]), (5, -1)]),
        )
    )  # fmt: skip
    assert lease["spec"] == {
        "holderIdentity": "me",
        "leaseDurationSeconds": 15,
        "renewTime": "1970-01-01T00:00:00.005000Z",
        "leaseTransitions": -1,
    }


def recorded() -> Iterator[tuple[str, bytes]]:
    """Yield what kubectls of each version sent as protobuf, with the command that did."""
    for version in replaying.versions():
        for request in replaying.recorded(version):
            if request.content_type.endswith("protobuf"):
                yield f"{version} {request.command}", request.body


RECORDED = list(recorded())


@pytest.mark.parametrize(("command", "sent"), RECORDED, ids=[command for command, _ in RECORDED])
def test_what_kubectl_sends_is_read(command: str, sent: bytes) -> None:
    """By all five versions; only the older forms of `whoami` are none of ours."""
    if b"k8s.io/v1beta1" in sent or b"k8s.io/v1alpha1" in sent:
        with pytest.raises(Unsupported, match="SelfSubjectReview"):
            protobuf.decoded(sent)
        return
    document = protobuf.decoded(sent)
    assert document["kind"]
    json.dumps(document)
    if command.endswith("create secret generic made --from-literal=a=b"):
        assert document["data"] == {"a": base64.b64encode(b"b").decode()}


def test_kubectls_were_recorded_sending_protobuf() -> None:
    """Otherwise the test above would test nothing; those before 1.32 send JSON."""
    assert {command.partition(" ")[0] for command, _ in RECORDED} >= {"1.32", "1.33"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (b"", "four bytes"),
        (b"{}", "four bytes"),
        (b"k8s\0\x0a", "ends within a number"),
        (b"k8s\0\x0a\x05a", "ends after the message"),
        (b"k8s\0" + b"\xff" * 11, "more than 64 bits"),
        (b"k8s\0\x0b", "wire type 3"),
        (b"k8s\0\x00\x00", "field number 0"),
        (body("v1", "Namespace", (1, 5)), "metadata is a number"),
        (body("v1", "Namespace", (1, [(1, b"\xff")])), "name is not UTF-8"),
        (body("v1", "Namespace", (1, [(7, "x")])), "generation is no number"),
        (body("v1", "Namespace", (1, [(8, [(1, 1 << 62)])])), "creationTimestamp is no moment"),
        (body("v1", "Namespace", (1, [(17, [(7, [(1, "{")])])])), "fieldsV1 holds no JSON"),
        (body("v1", "ConfigMap", *[(9, 0)] * 200_001), "more than 200,000 fields"),
        (b"k8s\0" + varint(1 << 3 | 1) + struct.pack("<q", 1)[:5], "ends after the message"),
    ],
)
def test_what_is_malformed_is_a_bad_request(wrong: bytes, words: str) -> None:
    """With what is wrong, and where."""
    with pytest.raises(BadRequest, match=words):
        protobuf.decoded(wrong)


def test_other_kinds_and_encodings_are_not_taken() -> None:
    """The message says how to send them."""
    with pytest.raises(Unsupported, match="application/json"):
        protobuf.decoded(body("apps/v1", "Deployment"))
    with pytest.raises(Unsupported, match="gzip"):
        protobuf.decoded(body("v1", "Secret", encoding="gzip"))


@settings(max_examples=examples(300), deadline=None, derandomize=True)
@given(st.binary(max_size=200), st.sampled_from([sent for _, sent in RECORDED]), st.data())
def test_no_bytes_are_the_server_s_undoing(noise: bytes, sent: bytes, data: st.DataObject) -> None:
    """Any bytes, and any change of what kubectl sends, are an object or one of our errors."""
    place = data.draw(st.integers(0, len(sent)))
    for wrong in (
        b"k8s\0" + noise,
        sent[:place] + noise + sent[place:],
        sent[:place],
        sent[:4] + noise,
    ):
        try:
            assert isinstance(protobuf.decoded(wrong), dict)
        except TowpathError:
            continue
