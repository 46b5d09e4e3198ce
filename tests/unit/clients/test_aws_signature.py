"""Signatures, against the vectors of AWS' test suite for Signature Version 4 and the example of its reference."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from towpath.clients.clouds.aws import signature as aws_signature
from towpath.clients.clouds.aws.keys import AwsCredentials
from towpath.errors import BadRequest

WHO: Final = AwsCredentials(
    key_id="AKIDEXAMPLE",
    secret_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    region="us-east-1",
)
NOW: Final = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SERVER: Final = "https://example.amazonaws.com"
FORM: Final = "application/x-www-form-urlencoded"


def _headers(
    method: str,
    url: str,
    given: list[tuple[str, str]],
    body: bytes = b"",
    *,
    who: AwsCredentials = WHO,
    service: str = "service",
) -> dict[str, str]:
    return dict(
        aws_signature.headers(method, url, given, body, credentials=who, service=service, now=NOW)
    )


@pytest.mark.parametrize(
    ("method", "path", "given", "body", "signature"),
    [
        ("GET", "/", [], b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "/", [], b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "GET", "/?Param2=value2&Param1=value1", [], b"",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "GET", "/\u1234", [], b"",
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        (
            "GET", "/", [("My-Header1", " value1"), ("My-Header2", ' "a   b   c"')], b"",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "POST", "/", [("Content-Type", FORM)], b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
    ids=["get", "post", "order of the query", "UTF-8", "trimmed headers", "form"],
)  # fmt: skip
def test_the_vectors_of_aws_are_signed_alike(
    method: str, path: str, given: list[tuple[str, str]], body: bytes, signature: str
) -> None:
    """The vectors of AWS are signed alike."""
    found = _headers(method, SERVER + path, given, body)
    assert found["Authorization"].rpartition("Signature=")[2] == signature
    assert found["X-Amz-Date"] == "20150830T123600Z"
    assert (
        "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request" in found["Authorization"]
    )


def test_the_example_of_the_reference_is_signed_alike() -> None:
    """The example of the reference is signed alike."""
    found = _headers(
        "GET",
        "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        [("Content-Type", f"{FORM}; charset=utf-8"), ("Authorization", "Bearer x")],
        service="iam",
    )
    assert found["Authorization"].endswith(
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


def test_a_path_is_signed_with_its_escapes_escaped() -> None:
    """`/a%20b/../c` is signed as `/c`, and `%20` as `%2520`."""
    plain = _headers("GET", f"{SERVER}/x%20y", [])
    assert plain == _headers("GET", f"{SERVER}/a/../x%20y", [])
    assert plain == _headers("GET", f"{SERVER}//./x%20y", [])
    assert plain != _headers("GET", f"{SERVER}/x%2520y", [])
    assert plain != _headers("GET", f"{SERVER}/x%20y/", [])


def test_the_token_of_a_key_for_a_while_is_signed_too() -> None:
    """The token of a key for a while is signed too."""
    found = _headers(
        "GET",
        f"{SERVER}/",
        [],
        who=AwsCredentials(key_id="A", secret_key="B", token="T", region="eu-west-1"),
    )
    assert found["X-Amz-Security-Token"] == "T"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token" in found["Authorization"]


def test_without_a_region_nothing_is_signed() -> None:
    """Without a region nothing is signed."""
    with pytest.raises(BadRequest, match="no AWS region is known: write the region"):
        _headers("GET", SERVER, [], who=AwsCredentials(key_id="A", secret_key="B"))
    assert "B" not in repr(AwsCredentials(key_id="A", secret_key="B"))
