"""The numbers of a step that are compared with earlier runs."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from argus.model.codec import encode
from argus.model.trace import TokenUsage, Trace
from argus.model.values import State

__all__ = ["METRICS", "StepMetrics", "output_length", "step_metrics", "token_count"]

METRICS: tuple[str, ...] = ("execution_time", "output_length", "token_count", "retry_count")
"""The names under which :class:`argus.model.ports.History` gives samples."""


class StepMetrics(NamedTuple):
    """What one step adds to the history of its node; None where it says nothing.

    Attributes:
        node_name: The node.
        execution_time: Wall time in milliseconds, of steps that ended well.
        output_length: Characters of the update's JSON, of steps that ended well and returned something.
        token_count: Tokens, of steps that ended well and whose model told them.
        retry_count: Attempts of this node beyond the first in the whole run; only at the node's last step, so that a
            run counts once.
    """

    node_name: str
    execution_time: float | None
    output_length: int | None
    token_count: int | None
    retry_count: int | None


def step_metrics(trace: Trace) -> list[StepMetrics]:
    """The numbers of each step, in the order of the steps.

    Args:
        trace: A finished trace.
    """
    retries: Counter[str] = Counter()
    last: dict[str, int] = {}
    for index, step in enumerate(trace.steps):
        retries[step.node_name] += step.attempt > 1
        last[step.node_name] = index
    return [
        StepMetrics(
            step.node_name,
            step.duration_ms if step.outcome == "ok" else None,
            output_length(step.output_state) if step.outcome == "ok" else None,
            token_count(step.token_usage) if step.outcome == "ok" else None,
            retries[step.node_name] if last[step.node_name] == index else None,
        )
        for index, step in enumerate(trace.steps)
    ]


def output_length(update: State) -> int | None:
    """Characters of an update's JSON.

    Args:
        update: A step's output.

    Returns:
        None when there is none: nothing was returned, states are not kept, or it is no plain JSON.
    """
    if not update:
        return None
    try:
        return len(encode(update).decode())
    except (ValueError, TypeError, RecursionError, OverflowError):  # ValueError covers lone surrogates
        return None


def token_count(usage: TokenUsage | None) -> int | None:
    """Tokens in all.

    Args:
        usage: A step's usage.

    Returns:
        The total the provider told, else the sum of the parts it told, else None.
    """
    if usage is None:
        return None
    if usage.total_tokens is not None:
        return usage.total_tokens
    parts = [part for part in (usage.input_tokens, usage.output_tokens) if part is not None]
    return sum(parts) if parts else None
