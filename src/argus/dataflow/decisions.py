"""How a branch, or a node that returns ``Command``, decides where to go: told from its source, as a rule."""

from __future__ import annotations

from typing import Any

from argus._internal.guard import Guard
from argus.dataflow.static.callables import Target, original_of, target_of
from argus.dataflow.static.rules import NoRule, rule_of
from argus.model.values import JsonValue

__all__ = ["decides_by_command", "decision_rule"]

_guard = Guard("dataflow.decisions")


def decision_rule(function: Any) -> JsonValue:
    """The rule of whatever decides; the state is its first free argument.

    Args:
        function: A function, lambda, bound method, partial or wrapper. Nothing of it is executed.

    Returns:
        The rule, or None when its source cannot be read or does more than a rule can say. Never raises.
    """
    with _guard:
        target = target_of(function)
        if target is None:
            return None
        walked = _written_down(target)
        try:
            return rule_of(walked)
        except (NoRule, RecursionError):
            return None
    return None


def decides_by_command(function: Any) -> JsonValue:
    """The rule of a node that decides by the ``Command`` it returns; None for any other node.

    Args:
        function: What runs in the node.
    """
    with _guard:
        target = target_of(function)
        names = _written_down(target).function.__code__.co_names if target is not None else ()
        if "Command" in names:
            rule = decision_rule(function)
            return rule if _says_command(rule) else None
    return None


def _written_down(target: Target) -> Target:
    """What a wrapper from elsewhere wraps; one of the same file is part of how the function is meant."""
    shown = original_of(target.function)
    elsewhere = shown.__code__.co_filename != target.function.__code__.co_filename
    return Target(shown, target.args, target.kwargs) if elsewhere else target


def _says_command(rule: JsonValue) -> bool:
    waiting = [rule]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            if part[:1] == ["command"]:
                return True
            waiting.extend(part)
    return False
