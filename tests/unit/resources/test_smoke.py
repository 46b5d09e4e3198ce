"""What a smoke test may say, and how it is told what is wrong with it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from towpath.resources.smoke import SmokeMetric, SmokeTest
from towpath.resources.structs import schema_of, view
from towpath.resources.validation.structure import errors_of

URL = "https://shop.example.com/healthz"


def _problems(document: Any) -> list[str]:
    return [f"{each.path}: {each.detail}" for each in errors_of(schema_of(SmokeTest), document)]


def test_five_lines_say_it_all() -> None:
    """The whole of a smoke test fits into a few lines, and reads back as it was written."""
    test = {
        "url": URL,
        "status": 200,
        "json": {"$.version": "1.2.3"},
        "tlsDays": 14,
        "p95": "300ms",
    }
    assert not _problems(test)
    seen = view(SmokeMetric, msgspec.json.encode(test))
    assert (seen.url, seen.status, seen.tls_days, seen.p95) == (URL, 200, 14, "300ms")
    assert seen.json == {"$.version": "1.2.3"}
    assert (seen.tries, seen.timeout, seen.method, seen.body) == (0, "", "", "")


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ({"url": "shop.example.com"}, "url", "write an address such as https://"),
        ({"url": "ftp://shop.example.com"}, "url", "write an address such as https://"),
        ({"url": "https://"}, "url", "write an address such as https://"),
        ({"url": "https://shop.example.com/a b"}, "url", "write an address such as https://"),
        ({"url": "https://me:word@shop.example.com"}, "url", "leave user and password out"),
        ({"url": ""}, "url", "write an address such as https://"),
        ({"status": 99}, "status", "greater than or equal to 100"),
        ({"status": "200"}, "status", "must be of type integer"),
        ({"p95": "fast"}, "p95", "duration"),
        ({"p95": "0s"}, "p95", "no time at all"),
        ({"p95": "-1s"}, "p95", "less than no time"),
        ({"tries": 0}, "tries", "greater than or equal to 1"),
        ({"tries": 1000}, "tries", "less than or equal to 100"),
        ({"timeout": "10"}, "timeout", "missing unit"),
        ({"method": "DELETE"}, "method", "supported values"),
        ({"name": "Smoke Test"}, "name", "should match"),
        (
            {"url": "http://shop.example.com", "tlsDays": 3},
            "",
            "tlsDays asks for a certificate: write an url that begins with https://",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_field(change: dict[str, Any], path: str, said: str) -> None:
    """Each mistake is one error, of the field that it is in."""
    found = _problems({"url": URL, **change})
    assert len(found) == 1
    assert found[0].startswith(f"{path}: ")
    assert said in found[0]


def test_arguments_may_stand_for_texts() -> None:
    """In a metric of a template, what is put in is looked at when the run takes a measurement."""
    assert not _problems({"url": "{{args.url}}", "p95": "{{args.limit}}", "tlsDays": 0})
