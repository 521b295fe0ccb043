"""How likely chance alone makes events or failures more frequent than they were, exactly and for small numbers.

Written out because the usual normal approximations are wrong for the handful of runs that a history has.
"""

from __future__ import annotations

import math

__all__ = ["more_events_than_before", "more_failures_than_before"]


def more_events_than_before(events: int, before: int, runs: int) -> float:
    """The probability of at least so many events in one run, when earlier runs had ``before`` of them together.

    Events come at a steady but unknown rate, estimated with Jeffreys' prior; the number in the next run then follows a
    negative binomial distribution with ``before + 1/2`` and ``runs / (runs + 1)``.

    Args:
        events: In this run, 0 or more.
        before: In all earlier runs together.
        runs: How many earlier runs, at least 1.

    Returns:
        From 0 to 1.
    """
    size, stay = before + 0.5, math.log(runs / (runs + 1))
    leave = -math.log(runs + 1)
    fewer = sum(
        math.exp(math.lgamma(size + count) - math.lgamma(size) - math.lgamma(count + 1) + size * stay + count * leave)
        for count in range(events)
    )
    return max(0.0, 1.0 - fewer)


def more_failures_than_before(failed: int, tried: int, failed_before: int, tried_before: int) -> float:
    """Fisher's exact test, one-sided: how likely so many of all failures fall among the trials of this run by chance.

    Given how many trials failed in all, the number among this run's trials follows the hypergeometric distribution
    when nothing has changed (R. A. Fisher, "The Design of Experiments", 1935).

    Args:
        failed: Failures in this run.
        tried: Trials in this run, at least ``failed``.
        failed_before: Failures in earlier runs.
        tried_before: Trials in earlier runs, at least ``failed_before``.

    Returns:
        From 0 to 1.
    """
    failures, trials = failed + failed_before, tried + tried_before
    whole = _log_choose(trials, failures)
    return min(
        1.0,
        sum(
            math.exp(_log_choose(tried, count) + _log_choose(tried_before, failures - count) - whole)
            for count in range(max(failed, failures - tried_before), min(tried, failures) + 1)
        ),
    )


def _log_choose(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)
