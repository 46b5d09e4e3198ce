"""Whatever a server answers, a command ends with one of its codes and harmless text."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.cli import main, terminal
from towpath.cli.objects import refresh
from towpath.cli.promotions import progress
from towpath.sdk.transport import Transport

KEYS = st.sampled_from(
    [
        *(
            "metadata",
            "name",
            "spec",
            "status",
            "items",
            "groups",
            "gates",
            "explanations",
            "queue",
        ),
        *("lines", "message", "done", "phase", "steps", "stepExecutionMetadata", "conditions"),
        *(
            "type",
            "results",
            "createdResourceManifest",
            "error",
            "warnings",
            "promotions",
            "errors",
        ),
        *("version", "stage", "freight", "origin", "promotion", "waitingFor", "step", "labels"),
        *("creationTimestamp", "open", "opensAt", "kind", "apiVersion"),
    ]
)
ANSWERS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "Ready", "x\x1b[2J\n", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
ON = ("--server", "http://127.0.0.1:1", "--token-file", "TOKEN")
COMMANDS = [
    "get stages -p shop",
    "get freight -p shop -o yaml",
    "get promotions a b -p shop",
    "get projectconfig -p shop -o json",
    "get warehouses -p shop -o name",
    "explain prod -p shop",
    "explain promotion/p -p shop",
    "history prod -p shop",
    "logs p -p shop",
    "version",
    "promote -p shop --stage prod --freight f",
    "promote -p shop --downstream-from prod --freight f -o json",
    "create project shop",
    "create project shop -o yaml",
    "delete stage a -p shop",
    "approve -p shop --freight f --stage s",
    "refresh stage s -p shop",
    "retry p -p shop",
]


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> str:
    """File with a token."""
    file = tmp_path_factory.mktemp("odd") / "token"
    file.write_text("x")
    return str(file)


@pytest.mark.parametrize("line", COMMANDS)
def test_any_answer(line: str, token: str) -> None:
    """It is shown, or told as what it is not."""
    arguments = [*line.split(), *(token if word == "TOKEN" else word for word in ON)]

    @given(ANSWERS)
    def check(answer: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Transport, "json", lambda *_, **__: answer)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                assert main.run(arguments) in (0, 1)
        for told in (out, err):
            assert not terminal.is_dangerous(told.getvalue())

    check()


@given(st.dictionaries(KEYS, ANSWERS, max_size=5), st.dictionaries(KEYS, ANSWERS, max_size=5))
def test_any_state_of_what_is_waited_for(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Progress has words for each."""
    assert all(isinstance(line, str) for line in progress.news(before, after))
    assert progress.news(after, after) == []
    assert isinstance(progress.verdict(after), str)
    assert isinstance(refresh.warnings(after), list)
