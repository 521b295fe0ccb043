"""Tasks of the functional API that are served from a record while their entrypoint runs again."""

from __future__ import annotations

import asyncio
import inspect
import typing
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from argus.errors import ReplayError
from argus.instrumentation.langgraph.rebuilding import Problem, Rebuilder
from argus.model.ports import Replayer
from argus.model.served import TaskPlan
from argus.model.values import ROOT_FIELD, State

__all__ = ["with_served_tasks"]

_CALL: Final = "__pregel_call"


def with_served_tasks(config: Any, player: Replayer, plan: TaskPlan) -> Any:
    """The configuration of an entrypoint, in which a task that the record answers is not started.

    Args:
        config: LangGraph's; never changed.
        player: Says which tasks are answered.
        plan: Of the entrypoint.
    """
    original = config["configurable"].get(_CALL)
    if original is None:
        return config

    def call(function: Callable[..., Any], given: Any, **options: Any) -> Any:
        name = str(getattr(function, "__name__", ""))
        answer = player.answer(plan, name=name, given=_arguments(function, given))
        if answer is None:
            return original(function, given, **options)
        return _answered(_result(function, answer, name))

    return {**config, "configurable": {**config["configurable"], _CALL: call}}


def _arguments(function: Callable[..., Any], given: Any) -> dict[str, Any]:
    """The arguments by name, as they are recorded."""
    try:
        positional, named = given
        return dict(inspect.signature(function).bind(*positional, **named).arguments)
    except (TypeError, ValueError):
        return {}


def _result(function: Callable[..., Any], fields: State, name: str) -> Any:
    try:
        hint = typing.get_type_hints(function).get("return", Any)
    except Exception:  # noqa: BLE001 - annotations are code of the application
        hint = Any
    problems: list[Problem] = []
    value = fields[ROOT_FIELD] if fields.keys() == {ROOT_FIELD} else fields
    result = Rebuilder(problems).build(hint, value, name)
    if problems:
        raise ReplayError(
            f"the task `{name}` cannot be served: `{problems[0].path}` {problems[0].reason}; "
            "start from it or from an earlier step"
        )
    return result


def _answered(result: Any) -> Any:
    """A future that is done, of the kind that the caller can wait for."""
    try:
        future: Any = asyncio.get_running_loop().create_future()
    except RuntimeError:
        future = Future()
    future.set_result(result)
    return future
