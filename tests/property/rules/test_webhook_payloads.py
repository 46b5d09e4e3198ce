"""Payloads of webhooks: whatever is in them, they are read or refused, and what is read is texts."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.deliveries import signed
from towpath.rules.webhooks import senders
from towpath.rules.webhooks.deeds import ClosedDeed, IdleDeed, PushDeed, RefusedDeed
from towpath.rules.webhooks.senders import SENDERS

EVENTS = {
    "github": ("x-github-event", ["push", "ping", "package", "registry_package", "pull_request"]),
    "gitea": ("x-gitea-event", ["push", "pull_request", "package"]),
    "gitlab": ("x-gitlab-event", ["Push Hook", "Tag Push Hook", "Merge Request Hook"]),
    "bitbucket": (
        "x-event-key",
        ["repo:push", "repo:refs_changed", "pullrequest:fulfilled", "pr:merged"],
    ),
    "azure": ("user-agent", ["AzureContainerRegistry/1", "VSServices/1", "x"]),
}
KEYS = [
    "ref", "repository", "clone_url", "commits", "added", "head_commit", "forced", "project", "git_http_url",
    "total_commits", "total_commits_count", "push", "changes", "new", "type", "name", "links", "html", "href", "clone",
    "pull_request", "action", "number", "package", "package_version", "package_url", "object_attributes", "iid", "url",
    "pullRequest", "toRef", "resource", "refUpdates", "eventType", "status", "remoteUrl", "request", "target", "data",
    "path", "image_type", "domain", "event_type", "jpd_origin", "repo_key", "event_data", "resources", "resource_url", "tag",
    "push_data", "repo_name", "docker_url", "updated_tags",
]  # fmt: skip
WORDS = [
    "push",
    "published",
    "closed",
    "merge",
    "CONTAINER",
    "docker",
    "pushed",
    "PUSH_ARTIFACT",
    "git.push",
    "branch",
]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.text(st.characters(categories=["Cs", "L"]), max_size=3),
    st.sampled_from(WORDS),
)
VALUES: Any = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=40,
)
PAYLOADS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=10)


@given(
    type_=st.sampled_from([each for each in SENDERS if each != senders.GENERIC]),
    payload=PAYLOADS,
    data=st.data(),
)
def test_any_payload_is_read_or_refused(type_: str, payload: Any, data: st.DataObject) -> None:
    """Whatever stands where something else should."""
    name, events = EVENTS.get(type_, ("x", ["x"]))
    headers = {name: data.draw(st.sampled_from(events))}
    before = copy.deepcopy(payload)
    found = senders.deed(type_, {}, headers, json.dumps(payload).encode())
    assert payload == before
    match found:
        case PushDeed():
            told = (*found.urls, *found.refs, *found.tags, *found.changed, found.default_branch)
            assert all(each.encode() or not each for each in told), "halves of pairs are no text"
            assert list(found.changed) == sorted(set(found.changed))
        case ClosedDeed():
            assert isinstance(found.number, int)
            assert all(each.encode() for each in (*found.repositories, found.url) if each)
        case RefusedDeed():
            assert found.status in (400, 501)
            assert found.said
        case IdleDeed():
            assert found.said


def test_halves_of_pairs_are_replaced_and_pairs_stay() -> None:
    """Written as escapes, or as bytes that are not UTF-8 by the letter."""
    body = rb'{"a\ud800": "\udc00x", "b": "\ud83d\ude00 \\ud800", "c": [' + b'"\xed\xa0\x80"]}'
    assert senders.parsed(body) == {
        "a\ufffd": "\ufffdx",
        "b": "\U0001f600 \\ud800",
        "c": ["\ufffd"],
    }


@given(type_=st.sampled_from(sorted(SENDERS)), body=st.binary(max_size=50))
def test_any_bytes_are_read_or_refused(type_: str, body: bytes) -> None:
    """Bytes that are no JSON as well."""
    assert senders.deed(type_, {}, {}, body) is not None


@given(body=st.binary(max_size=200), other=st.binary(max_size=200), secret=st.text(min_size=1))
def test_a_signature_is_of_one_body_and_one_secret(body: bytes, other: bytes, secret: str) -> None:
    """And can be asked again and again: what was held against it leaves no trace."""
    try:
        proof = SENDERS["github"].proof(secret)
        headers = {name.lower(): value for name, value in signed(body, secret).items()}
    except UnicodeEncodeError:
        return  # no Secret holds such a text
    assert not proof.holds({}, body)
    for _ in range(2):
        assert proof.holds(headers, body)
        assert proof.holds(headers, other) == (other == body)


@pytest.mark.parametrize("type_", sorted(SENDERS))
def test_no_proof_shows_its_secret(type_: str) -> None:
    """Neither in a log nor in a traceback."""
    assert "s3cr3t" not in repr(SENDERS[type_].proof("s3cr3t"))
