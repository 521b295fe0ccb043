"""Spreads: exact while numbers are few, close when they are many, the same in whichever order they are joined."""

import math
import random
import statistics

import pytest

from argus.learning.spreads import joined, spread_of
from argus.model.spread import BINS, POINTS


def test_few_numbers_are_told_exactly():
    numbers = [3, 1, 4, 1, 5, -9, 2, 6, 0]
    spread = spread_of(numbers)
    assert spread.is_exact
    assert spread.median == statistics.median(numbers)
    assert spread.mad == statistics.median([abs(one - 2) for one in numbers])
    assert (spread.count, spread.minimum, spread.maximum) == (9, -9, 6)
    assert (spread.integers, spread.negatives, spread.zeros, spread.distinct) == (9, 1, 1, 8)
    assert spread.only_integers


def test_the_middle_of_an_even_number_lies_between_two():
    assert spread_of([1, 2, 10, 20]).median == 6
    assert spread_of([1, 2]).log_median == pytest.approx(math.log10(2) / 2)


def test_many_numbers_are_told_within_half_a_bin():
    dice = random.Random(4)
    numbers = [dice.lognormvariate(3, 2) * dice.choice((1, 1, 1, -1)) for _ in range(4_000)]
    spread = spread_of(numbers)
    assert not spread.is_exact
    assert len(spread.bins) <= BINS
    ordered = sorted(numbers)
    width = 2 ** (2**spread.level / 64) - 1
    for share in (0.05, 0.5, 0.9, 0.99):
        expected = ordered[int(share * len(ordered))]
        assert spread.quantile(share) == pytest.approx(expected, rel=width)
    assert spread.quantile(0) == ordered[0]
    assert spread.quantile(1) == ordered[-1]
    logs = [math.log10(abs(one)) for one in numbers]
    middle = statistics.median(logs)
    assert spread.log_mad == pytest.approx(statistics.median([abs(one - middle) for one in logs]), rel=0.1)


def test_a_constant_has_no_deviation():
    spread = spread_of([2026] * 500)
    assert (spread.median, spread.mad, spread.log_mad) == (2026, 0, 0)


def test_nothing_comes_of_no_numbers():
    for numbers in ([], [math.nan, math.inf, -math.inf]):
        spread = spread_of(numbers)
        assert (spread.count, spread.median, spread.mad) == (0, 0, 0)
        assert spread.log_median is spread.log_mad is spread.log_range is None
        assert joined(spread, spread_of([7])) == joined(spread_of([7]), spread) == spread_of([7])


def test_integers_beyond_the_floats_count_as_the_largest():
    spread = spread_of([10**400, -(10**400), 5e-324])
    assert spread.count == 3
    assert math.isfinite(spread.minimum)
    assert math.isfinite(spread.mad)


def test_exact_numbers_join_those_in_bins():
    many = [1.07**power for power in range(POINTS + 10)]
    both = joined(spread_of([5, 5, -3]), spread_of(many))
    assert both == spread_of([*many, 5, 5, -3])
    assert both.count == len(many) + 3
