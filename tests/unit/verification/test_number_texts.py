from __future__ import annotations

import math

import pytest

from towpath.verification import number_texts


@pytest.mark.parametrize(
    ("number", "plain", "fixed", "general"),
    [
        (0.0, "0", "0.000000", "0"),
        (1.0, "1", "1.000000", "1"),
        (0.05, "0.05", "0.050000", "0.05"),
        (-2.5, "-2.5", "-2.500000", "-2.5"),
        (1e6, "1000000", "1000000.000000", "1e+06"),
        (1e21, "1000000000000000000000", "1000000000000000000000.000000", "1e+21"),
        (1e-7, "0.0000001", "0.000000", "1e-07"),
        (100.0, "100", "100.000000", "100"),
        (math.nan, "NaN", "NaN", "NaN"),
        (math.inf, "+Inf", "+Inf", "+Inf"),
        (-math.inf, "-Inf", "-Inf", "-Inf"),
    ],
)
def test_a_number_is_written_as_go_writes_it(
    number: float, plain: str, fixed: str, general: str
) -> None:
    """`strconv.FormatFloat(x, 'f', -1, 64)`, `%f` and `%v`."""
    assert (
        number_texts.plain(number),
        number_texts.fixed(number),
        number_texts.general(number),
    ) == (plain, fixed, general)


def test_numbers_are_read_of_the_texts_of_servers() -> None:
    """Numbers are read of the texts of servers."""
    assert number_texts.number("1.5e3") == 1500
    assert math.isnan(number_texts.number("NaN"))
    assert number_texts.number("-Inf") == -math.inf
    for text in ("", "one", "1,5", "0x"):
        with pytest.raises(ValueError, match="no number"):
            number_texts.number(text)


def test_a_list_is_written_with_what_stands_between() -> None:
    """A list is written with what stands between."""
    assert number_texts.listed(["1", "2"]) == "[1,2]"
    assert number_texts.listed(["1", "2"], between=" ") == "[1 2]"
    assert number_texts.listed([]) == "[]"
