"""Arguments are put in as text, anywhere in a metric."""

from __future__ import annotations

import pytest

from tests.support.analysis import metric, metric_of, run_spec
from towpath.errors import Invalid
from towpath.resources.analysis_template import Argument
from towpath.resources.structs import view
from towpath.rules.analysis import arguments, definition

SECRET = {"secretKeyRef": {"name": "token", "key": "value"}}


def test_values_are_put_in_wherever_they_stand() -> None:
    """In names, numbers, addresses, nested values and keys; quotes and line ends stay what they are."""
    odd = 'a "quoted"\n\\ text'
    written = metric_of(
        name="m-{{args.env}}",
        count="{{ args.count }}",
        interval="{{args.count}}m",
        provider={
            "web": {
                "url": "https://{{args.env}}.example/{{args.env}}",
                "method": "POST",
                "jsonBody": {"{{args.env}}": ["{{args.odd}}", 1, True, None]},
            }
        },
    )
    found = arguments.resolved(written, {"env": "prod", "count": "5", "odd": odd})
    assert found.name == "m-prod"
    assert (found.count, found.interval) == ("5", "5m")
    assert found.provider.web is not None
    assert found.provider.web.url == "https://prod.example/prod"
    assert found.provider.web.json_body == {"prod": [odd, 1, True, None]}


def test_what_was_put_in_is_not_looked_through_again() -> None:
    """A value with braces in it stays."""
    found = arguments.resolved(metric_of(name="{{args.a}}"), {"a": "{{args.b}}", "b": "x"})
    assert found.name == "{{args.b}}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{args.b}}", "failed to resolve {{args.b}}"),
        ("{{ inputs.a }}", "failed to resolve {{ inputs.a }}"),
        ("{{}}", "failed to resolve {{}}"),
        ("x }} {{args.a", "failed to resolve {{args.a: it has no closing braces"),
    ],
)
def test_what_cannot_be_resolved_is_named(text: str, said: str) -> None:
    """As it is written."""
    with pytest.raises(Invalid) as error:
        arguments.resolved(metric_of(name=text), {"a": "1"})
    assert error.value.message == said
    assert definition.problem(run_spec(metric(name=text), args=[{"name": "a", "value": "1"}])) == (
        f"Unable to resolve metric arguments: {said}"
    )


def test_an_argument_without_a_value_is_an_error_whether_or_not_it_is_used() -> None:
    """As in Argo Rollouts."""
    assert definition.problem(run_spec(args=[{"name": "a"}])) == (
        'Unable to resolve metric arguments: argument "a" was not supplied'
    )
    field = {"fieldRef": {"fieldPath": "metadata.name"}}
    assert "was not supplied" in definition.problem(
        run_spec(args=[{"name": "a", "valueFrom": field}])
    )


def test_values_from_secrets() -> None:
    """Which are wanted is said; rules see a placeholder; a Secret goes before a written value."""
    args = [
        view(Argument, {"name": "token", "value": "written", "valueFrom": SECRET}),
        view(Argument, {"name": "env", "value": "prod"}),
    ]
    assert list(arguments.secrets_wanted(args)) == ["token"]
    assert arguments.placeholders(args) == {"token": arguments.PLACEHOLDER, "env": "prod"}
    assert arguments.values(args, {"token": "s3"}) == {"token": "s3", "env": "prod"}


def test_a_long_value_at_many_places_is_too_much() -> None:
    """A kilobyte a thousand times would be a megabyte, and so on."""
    most = arguments.MOST_PUT_IN
    asked = metric_of(successCondition="{{args.a}}" * 4)
    put_in = arguments.resolved(asked, {"a": "x" * (most // 4)})
    assert len(put_in.success_condition) == most
    with pytest.raises(Invalid, match="more than 131,072 characters"):
        arguments.resolved(asked, {"a": "x" * (most // 4 + 1)})


def test_braces_that_nothing_closes_are_looked_at_once() -> None:
    """However many there are."""
    with pytest.raises(Invalid, match="no closing braces") as raised:
        arguments.resolved(metric_of(successCondition="{{" * 400_000), {"a": "x"})
    assert len(raised.value.message) < 400
