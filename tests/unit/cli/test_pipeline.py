"""`towpath pipeline` and `towpath why`: a board for the terminal, and why it stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cli.fake_api import Stream
from towpath.cli import terminal
from towpath.cli.board import board_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

NOW = 1764431776
"""2025-11-29T15:56:16Z."""
BOARD: dict[str, Any] = {
    "rev": 7,
    "at": "2025-11-29T15:56:16Z",
    "project": "shop",
    "rows": [{"title": "web"}, {"title": "api"}],
    "cols": [{"title": "dev", "env": "dev"}, {"title": "prod"}],
    "lanes": [{"name": "main", "next": NOW + 240}, {"name": "odd", "error": "no such host"}],
    "freight": [
        {"name": "a" * 40, "alias": "calm-otter", "artifacts": [["image", "x", "1.4.2", "9f"]]},
        {"name": "b" * 40, "artifacts": [["image", "x", "1.3.0", "8e"], ["git", "c", "1a2b", ""]]},
    ],
    "stages": [
        {"name": "dev", "freight": ["a" * 40], "since": NOW - 60, "auto": True},
        {
            "name": "prod-eu",
            "col": 1,
            "up": ["dev"],
            "freight": ["b" * 40],
            "since": NOW - 7200 * 24,
            "behind": 1,
            "next": "a" * 40,
            "blocker": ["soaked", NOW + 3600],
        },
        {
            "name": "prod-us",
            "col": 1,
            "ord": 1,
            "up": ["dev"],
            "phase": "Failed",
            "role": "fail",
            "since": NOW - 7200 * 24,
            "failed": NOW - 90,
            "msg": "push refused\x1b[2J",
            "hold": ["eva", NOW, "freeze"],
        },
        {
            "name": "api",
            "row": 1,
            "col": 1,
            "phase": "Promoting",
            "role": "run",
            "step": [2, 5, "push", NOW],
        },
    ],
}
LENS = {
    "rev": 7,
    "at": "2025-11-29T15:56:16Z",
    "freight": "a" * 40,
    "stages": {
        "dev": ["here"],
        "prod-eu": ["waits", "soaked", NOW + 3600, [NOW + 3600, NOW + 7200]],
        "prod-us": ["queued", 2],
        "api": ["no"],
    },
}
SHOWN = """\
Project shop
Warehouse main looks again in 4m
Warehouse odd: no such host

DEV                 PROD
── web
dev                 prod-eu
ok 60s auto         ok 2d
1.4.2 (calm-otter)  1.3.0, 1a2b (bbbbbbb)
                    1 newer: soaked shut, opens in 60m

                    prod-us
                    FAILED 90s
                    held by eva: freeze
                    push refused\\x1b[2J
── api
                    api
                    promoting
                    step 2/5 push
"""


def plain(*arguments: Any, width: int | None) -> str:
    """Return a board as text without trailing blanks."""
    found = board_lines.lines(*arguments, width=width)
    return "".join("".join(said for said, _ in line).rstrip() + "\n" for line in found)


def test_the_matrix() -> None:
    """Ranks from left to right, lines of delivery below one another, a fan within its rank."""
    assert plain(BOARD, width=None) == SHOWN
    assert plain(BOARD, width=80) == SHOWN


def test_a_lens_on_it() -> None:
    """Each Stage says what the Freight means there, and when it could come."""
    shown = plain(BOARD, LENS, width=None)
    assert "where Freight 1.4.2 (calm-otter) is and may go" in shown
    assert "waits: soaked" in shown
    assert "opens in 60m" in shown
    assert "there in 60m to 120m" in shown
    assert "queued, place 2" in shown
    assert "not taken" in shown


@pytest.mark.parametrize("width", [44, 50])
def test_what_is_too_wide_is_cut(width: int) -> None:
    """No line is wider than the terminal."""
    shown = plain(BOARD, width=width).splitlines()
    matrix = shown[shown.index("") + 1 :]
    assert max(len(line) for line in matrix) <= width
    assert any("…" in line for line in matrix)


def test_a_terminal_with_no_room_has_a_list() -> None:
    """Each Stage with all that is said of it."""
    shown = plain(BOARD, width=30)
    assert (
        "\nprod-eu  ok 2d\n    1.3.0, 1a2b (bbbbbbb)\n    1 newer: soaked shut, opens in 60m\n"
        in shown
    )
    assert "DEV" not in shown


def test_states_have_roles() -> None:
    """Colours are of the state's line alone."""
    roles = {
        said: role for line in board_lines.lines(BOARD, width=None) for said, role in line if role
    }
    assert roles == {
        "Warehouse odd: no such host": "fail",
        "ok 60s auto": "ok",
        "ok 2d": "ok",
        "FAILED 90s": "fail",
        "promoting": "run",
    }


def test_the_command(api: Api, call: Callable[..., Told]) -> None:
    """As text; as the document for programs, which is that of the lens where one is asked for."""
    api.answer("GET", "/towpath/v1/projects/shop/board", BOARD)
    api.answer("GET", "/towpath/v1/projects/shop/lens", LENS)
    told = call("pipeline")
    assert (told.code, [line.rstrip() for line in told.lines]) == (0, SHOWN.splitlines())
    assert '"prod-eu"' in call("pipeline", "-o", "json").out
    assert call("pipeline", "--freight", "calm-otter", "-o", "json").out.count("waits") == 1
    assert api.asked[-1].query == {"freight": ["calm-otter"]}
    call("pipeline", "--at", "2026-01-31T12:00:00Z")
    assert api.asked[-1].query == {"at": ["2026-01-31T12:00:00+00:00"]}
    assert call("pipeline", "--at", "yesterday").code == 1
    assert call("pipeline", "--at", "x", "--watch").code == 1


def test_watching(api: Api, call: Callable[..., Told], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown again after a change, from the revision of what was shown on, until somebody ends it."""
    shown: list[str] = []

    def show(board: Any, *_: Any, **__: Any) -> None:
        shown.append(board["project"])
        if len(shown) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("towpath.cli.board.pipeline._show", show)
    frames = [
        'event: beat\ndata: {"rev":8}\n\n',
        'id: 9\nevent: patch\ndata: {"t":"board:shop"}\n\n',
    ]
    api.answer("GET", "/towpath/v1/projects/shop/board", BOARD)
    api.answer("GET", "/towpath/v1/stream", Stream(frames, stay=True))
    assert call("pipeline", "--watch").code == 130
    streams = [each.query for each in api.asked if each.path.endswith("/stream")]
    assert streams == [{"topics": ["board:shop"], "after": ["7"]}] * 2


def test_a_project_without_stages(api: Api, call: Callable[..., Told]) -> None:
    """That is said."""
    api.answer("GET", "/towpath/v1/projects/shop/board", {"rev": 1, "project": "shop"})
    assert "no Stages that you may see" in call("pipeline").out


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.sampled_from(["", "a\x1b[2J", "Failed"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "name",
                        "row",
                        "col",
                        "freight",
                        "phase",
                        "role",
                        "blocker",
                        "hold",
                        "step",
                        "msg",
                        "since",
                    ),
                    *(
                        "stages",
                        "rows",
                        "cols",
                        "lanes",
                        "artifacts",
                        "title",
                        "at",
                        "alias",
                        "error",
                        "next",
                    ),
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(
    st.fixed_dictionaries(
        {"stages": st.lists(st.dictionaries(st.sampled_from(sorted(BOARD["stages"][1])), ANY))}
    ),
    ANY,
)
def test_any_board(board: dict[str, Any], more: Any) -> None:
    """It is shown, harmlessly, whatever a server sends."""
    given_ = board | (more if isinstance(more, dict) else {})
    for width in (None, 20, 200):
        for lens in (None, {"stages": {"a": more}}):
            assert not terminal.is_dangerous(plain(given_, lens, width=width))


GATES = [
    {"name": "verified", "open": True, "reason": "it was", "bars": "promotion"},
    {
        "name": "soaked",
        "open": False,
        "bars": "promotion",
        "means": "It cannot be promoted",
        "since": "2026-01-31T12:00:00Z",
        "reason": "it has to be in dev for 1h",
        "opensAt": "2026-01-31T13:00:00Z",
        "opensBy": ["time", "an approval"],
        "who": ["Group/releasers"],
        "command": "towpath approve -p shop --freight a --stage prod-eu",
    },
]
WHY = """\
Freight calm-otter of Warehouse/main cannot go to Stage prod-eu.
It cannot be promoted, as soaked is shut: it has to be in dev for 1h.
  It has been so since 2026-01-31T12:00:00Z.
  It opens by itself at 2026-01-31T13:00:00Z.
  What opens it: time; or an approval.
  Who may: Group/releasers.
  Try: towpath approve -p shop --freight a --stage prod-eu
Then:
  prod-us: waits: verified
  api: can go now
The Stage waits for: the next look.
"""


def test_why(api: Api, call: Callable[..., Told]) -> None:
    """What is shut, who can open it, the command, and the Stages that follow."""
    path = "/towpath/v1/projects/shop/stages/prod-eu/explain"
    told = {
        "stage": "prod-eu",
        "freight": "a" * 40,
        "alias": "calm-otter",
        "origin": "Warehouse/main",
        "queue": [],
        "waitingFor": "the next look",
    }
    then = [
        {"stage": "prod-eu", "state": "waits", "gate": "soaked", "earliest": 1},
        {"stage": "prod-us", "state": "waits", "gate": "verified"},
        {"stage": "api", "state": "can"},
    ]
    api.answer("GET", path, told | {"gates": GATES, "then": then})
    assert call("why", "prod-eu").out == WHY
    del told["waitingFor"]
    api.answer("GET", path, told | {"gates": GATES[:1]})
    assert call("why", "prod-eu", "--freight", "calm-otter").out == (
        "Freight calm-otter of Warehouse/main can go to Stage prod-eu: every gate is open.\n"
    )
    there = {"name": "present", "open": False, "bars": "autoPromotion", "reason": "it is there"}
    api.answer("GET", path, told | {"gates": [there]})
    assert call("why", "prod-eu").lines[0] == (
        "Freight calm-otter of Warehouse/main is in Stage prod-eu already."
    )
    assert call("why", "nowhere").code == 1


@pytest.mark.parametrize("command", ["why", "explain"])
def test_when_it_could_come_where_no_gate_of_the_stage_says(
    api: Api, call: Callable[..., Told], command: str
) -> None:
    """The earliest moment that the server knows is told, unless a gate has just that."""
    path = "/towpath/v1/projects/shop/stages/prod-eu/explain"
    at, earlier = "2100-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
    verified = {"name": "verified", "open": False, "reason": "not yet", "bars": "promotion"}
    told = {"stage": "prod-eu", "freight": "a" * 40, "gates": [verified], "soonest": at}
    for gates in ([verified], [{**verified, "opensAt": earlier}]):
        api.answer("GET", path, told | {"gates": gates})
        assert f"It could be there at {at} at the earliest" in call(command, "prod-eu").out
    for gates, soonest in (([verified], None), ([{**verified, "opensAt": at}], at)):
        api.answer("GET", path, told | {"gates": gates, "soonest": soonest})
        assert "at the earliest" not in call(command, "prod-eu").out
