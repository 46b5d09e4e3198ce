"""Subscription types of extensions: their configuration is checked, their answers are, and their faults are their own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

import pytest

from towpath import errors
from towpath.artifacts.discoverer import Discoverer, DiscoveryFailed
from towpath.artifacts.findings import Findings
from towpath.resources.fields import Field, Struct, Text
from towpath.resources.structs import view
from towpath.resources.warehouse import ArtifactReference, DiscoveryResult, Warehouse
from towpath.rules.subscriptions import subscription_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.artifacts.discoverer import Discovered
    from towpath.artifacts.subscription import LookClients, Subscription

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class _Bucket(Struct):
    bucket: Annotated[Text, Field("Where the files lie.", pattern="^[a-z]+$")]
    prefix: Annotated[str, Field("What their names begin with.", default="release-")] = "release-"


class _Files:
    """A type of somebody else's."""

    name: ClassVar[str] = "files"
    config: ClassVar[type[Struct]] = _Bucket

    def __init__(self, answer: Callable[[Subscription], Any]) -> None:
        self._answer = answer

    async def discover(self, subscription: Subscription, clients: LookClients) -> DiscoveryResult:
        """Answer what the test says."""
        del clients
        found = self._answer(subscription)
        if asyncio.isfuture(found):
            await found
        return cast("DiscoveryResult", found)


class _Short(_Files):
    look_seconds: ClassVar[float] = 0.0


def _item(**config: Any) -> dict[str, Any]:
    return {"name": "reports", "files": {"config": {"bucket": "reports", **config}}}


def _reference(version: str, **more: Any) -> ArtifactReference:
    return ArtifactReference(subscription_name="?", version=version, **more)


async def _look(
    answer: Callable[[Subscription], Any],
    item: dict[str, Any] | None = None,
    type_: type[_Files] = _Files,
) -> Discovered:
    document = {
        "metadata": {"name": "w", "namespace": "p"},
        "spec": {"subscriptions": [item or _item()]},
    }
    discoverer = Discoverer([type_(answer)], cast("LookClients", None))
    return await discoverer.discover(view(Warehouse, document), now=NOW, manual=False)


def _answering(*references: Any) -> Callable[[Subscription], DiscoveryResult]:
    return lambda _: DiscoveryResult(name="?", artifact_references=list(references))


def test_admission_checks_the_configuration() -> None:
    """By the struct that the type declares, with the path of each field."""
    known = Discoverer([_Files(_answering())], cast("LookClients", None)).known_types
    assert subscription_errors([_item()], known) == []
    wrong = subscription_errors([_item(bucket="B 1", prefx="x")], known)
    assert {each.path for each in wrong} == {
        "spec.subscriptions[0].files.config.bucket",
        "spec.subscriptions[0].files.config.prefx",
    }
    assert any("prefix" in each.detail for each in wrong)
    [lacking] = subscription_errors([{"name": "reports", "files": {}}], known)
    assert lacking.path == "spec.subscriptions[0].files.config.bucket"
    assert {"git", "image", "chart"} <= known.keys()


async def test_the_type_is_given_its_own_struct() -> None:
    """With defaults; what has become wrong since it was written is final until the Warehouse changes."""
    seen: list[Any] = []

    def answer(subscription: Subscription) -> DiscoveryResult:
        seen.append((subscription.wanted, subscription.config["discoveryLimit"]))
        return DiscoveryResult(name="?", artifact_references=[_reference("1")])

    await _look(answer)
    assert seen == [(_Bucket(bucket="reports", prefix="release-"), 20)]
    with pytest.raises(DiscoveryFailed, match=r"files reports.*config\.bucket") as refused:
        await _look(answer, _item(bucket=""))
    assert refused.value.is_final


async def test_answers_stand_under_the_names_of_type_and_subscription() -> None:
    """Whatever a type calls itself: Freight of one is never taken for another's. Of too many the newest stay."""
    item = _item()
    item["files"]["discoveryLimit"] = 2
    found = await _look(
        _answering(*(_reference(str(each), artifact_type="git") for each in range(3))), item
    )
    [result] = found.artifacts.results
    assert result.name == "reports"
    assert [
        (each.artifact_type, each.subscription_name, each.version)
        for each in result.artifact_references
    ] == [("files", "reports", "0"), ("files", "reports", "1")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: None, "answered with NoneType"),
        (lambda _: [_reference("1")], "answered with list"),
        (_answering(_reference("")), "1 to 512 characters"),
        (_answering(_reference("v" * 513)), "1 to 512 characters"),
        (_answering(_reference(cast("str", 7))), "1 to 512 characters"),
        (_answering("1"), "1 to 512 characters"),
        (_answering(_reference("1\x1b[2J")), "nobody sees"),
        (_answering(_reference("1\n2")), "nobody sees"),
        (_answering(_reference("1", metadata={"x": object()})), "no JSON"),
        (_answering(_reference("1", metadata="x" * (17 << 10))), "bytes of metadata of 1"),
    ],
)
async def test_other_answers_are_refused(answer: Callable[[Subscription], Any], said: str) -> None:
    """They would make a status that cannot be written, or Freight that nobody can read. It is tried again."""
    with pytest.raises(DiscoveryFailed, match=said) as refused:
        await _look(answer)
    assert not refused.value.is_final


async def test_a_look_has_an_end() -> None:
    """Also where a type knows none."""
    with pytest.raises(DiscoveryFailed, match="was not over after 0 s"):
        await _look(lambda _: asyncio.get_running_loop().create_future(), type_=_Short)


@pytest.mark.parametrize(
    ("error", "is_refused", "is_final"),
    [
        (errors.Forbidden("no"), True, False),
        (errors.NotFound("no"), True, False),
        (errors.Invalid("no"), False, True),
        (errors.Unavailable("no"), False, False),
        (TimeoutError("no"), False, False),
    ],
)
async def test_what_a_failure_waits_for(error: Exception, is_refused: bool, is_final: bool) -> None:
    """A source that is not there for this credential is not asked again and again; a wrong rule not at all."""

    def answer(_: Subscription) -> Any:
        raise error

    with pytest.raises(DiscoveryFailed, match="files reports") as refused:
        await _look(answer)
    assert (refused.value.is_refused, refused.value.is_final) == (is_refused, is_final)


async def test_what_a_type_says_is_plain_and_short() -> None:
    """In a condition, whatever it says and how often."""

    def answer(subscription: Subscription) -> DiscoveryResult:
        for _ in range(100):
            subscription.note("\x1b[2J" + "x" * 100_000)
        return DiscoveryResult(name="?", artifact_references=[_reference("1")])

    found = await _look(answer)
    assert len(found.notes) == 20
    assert all(len(each) < 5000 and "\x1b" not in each for each in found.notes)


def test_two_types_of_one_name_are_refused() -> None:
    """Which one counts would depend on the order of installation."""
    with pytest.raises(ValueError, match="two subscription types are named files"):
        Discoverer([_Files(_answering()), _Files(_answering())], cast("LookClients", None))


def test_findings_are_bounded_in_number_and_weight() -> None:
    """What was not used for longest goes first; what is too heavy is not kept."""
    findings = Findings(most=3, most_bytes=100)
    for key in "abc":
        findings.keep(key, key.upper(), weight=30)
    assert findings.get("a") == "A"
    findings.keep("d", "D", weight=30)
    assert [findings.get(key) for key in "abcd"] == ["A", None, "C", "D"]
    findings.keep("e", "E", weight=80)
    assert [findings.get(key) for key in "acde"] == [None, None, None, "E"]
    findings.keep("e", "E", weight=101)
    assert findings.get("e") is None
    findings.keep("f", "F", weight=100)
    assert findings.get("f") == "F"
