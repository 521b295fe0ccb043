"""Puts faults into graphs before they are compiled, and into plain functions."""

from __future__ import annotations

import copy
import dataclasses
import functools
import inspect
import time
from collections.abc import Callable
from typing import Any

from argus.errors import ArgusError
from argus.testing.faults.fault import PROCEED, BranchFault, Call, Fault, GroundTruth, NodeFault

__all__ = ["Injection", "InjectionFailed", "inject", "replace_branch", "replace_node", "spoil"]


class InjectionFailed(ArgusError):
    """A fault cannot be put there."""


class Injection:
    """A fault in its place. It remembers from call to call, so it serves one run at a time.

    Attributes:
        fault: The fault.
        truth: What to compare findings and blame with.
        applied: How many calls were really spoilt so far.
    """

    def __init__(self, fault: Fault, truth: GroundTruth) -> None:
        self.fault = fault
        self.truth = truth
        self.applied = 0
        self._calls = 0
        self._memory: dict[str, Any] = {}

    def reset(self) -> None:
        """Forgets all calls so far."""
        self.applied = 0
        self._calls = 0
        self._memory = {}

    def begin(self, state: Any) -> Call:
        """Counts a call.

        Args:
            state: What the node was given.
        """
        self._calls += 1
        return Call(state=state, number=self._calls, memory=self._memory)

    def end(self, call: Call, before: Any, after: Any) -> Any:
        """Counts a call that was spoilt.

        Args:
            call: The call.
            before: What the node or branch returned.
            after: What the fault made of it.

        Returns:
            ``after``.
        """
        if after is not before or call.delay_s:
            self.applied += 1
        return after


def inject(graph: Any, node: str, fault: Fault, *, symptom: str | None = None) -> Injection:
    """Puts a fault into a graph that is not compiled yet.

    Nodes keep their name, signature, schema and policies, and ``inspect.unwrap`` still finds the original function.

    Args:
        graph: A ``StateGraph``; changed in place. For a node of a subgraph pass the subgraph's own ``StateGraph``.
        node: The culprit; ``__start__`` for a branch at the entry.
        fault: What to do to it.
        symptom: The node where the damage is seen first, if you know it, for the ground truth.

    Returns:
        A handle that counts how often the fault struck and holds the ground truth.

    Raises:
        InjectionFailed: There is no such node or branch, or it does not run a Python function.
    """
    truth = GroundTruth(
        kind=fault.kind,
        culprit=node,
        symptom=symptom,
        layer=fault.layer,
        needs_history=fault.needs_history,
        field=fault.field,
        note=fault.description,
    )
    injection = Injection(fault, truth)
    if isinstance(fault, BranchFault):
        branches = graph.branches.get(node) if node in graph.branches else None
        if branches:
            for name, branch in list(branches.items()):
                branches[name] = branch._replace(path=_refitted(branch.path, node, lambda f: _spoilt(f, injection)))
            return injection
    spec = graph.nodes.get(node)
    if spec is None:
        raise InjectionFailed(f"the graph has no node {node!r}; it has: {', '.join(graph.nodes)}")
    spec.runnable = _refitted(spec.runnable, node, lambda function: _spoilt(function, injection))
    return injection


def replace_node(graph: Any, node: str, function: Callable[..., Any]) -> None:
    """Gives a node of a graph that is not compiled yet other code, such as a faulty version of its function.

    Args:
        graph: A ``StateGraph``; changed in place.
        node: The node.
        function: Takes the arguments that the original takes.

    Raises:
        InjectionFailed: There is no such node, or it does not run a Python function.
    """
    spec = graph.nodes.get(node)
    if spec is None:
        raise InjectionFailed(f"the graph has no node {node!r}; it has: {', '.join(graph.nodes)}")
    spec.runnable = _refitted(spec.runnable, node, lambda _: function)


def replace_branch(graph: Any, node: str, function: Callable[..., Any]) -> None:
    """Gives the only conditional edge of a node other code.

    Args:
        graph: A ``StateGraph`` that is not compiled yet; changed in place.
        node: Where the edge begins; ``__start__`` for the entry.
        function: Takes the arguments that the original takes.

    Raises:
        InjectionFailed: The node has no conditional edge, or several.
    """
    branches = graph.branches.get(node) if node in graph.branches else {}
    if len(branches) != 1:
        raise InjectionFailed(f"{node!r} has {len(branches)} conditional edges, not one")
    for name, branch in list(branches.items()):
        branches[name] = branch._replace(path=_refitted(branch.path, node, lambda _: function))


def spoil(function: Callable[..., Any], fault: Fault, *, name: str | None = None) -> tuple[Any, Injection]:
    """Wraps any function, such as a task of the functional API or a node of a session.

    Args:
        function: Sync or async; its first argument counts as the state.
        fault: What to do to it.
        name: The culprit's name in the ground truth; the function's own by default.

    Returns:
        The faulty function, and the handle that counts and holds the ground truth.
    """
    truth = GroundTruth(
        kind=fault.kind,
        culprit=name or str(getattr(function, "__name__", "function")),
        layer=fault.layer,
        needs_history=fault.needs_history,
        field=fault.field,
        note=fault.description,
    )
    injection = Injection(fault, truth)
    return _spoilt(function, injection), injection


def _refitted(runnable: Any, node: str, change: Callable[[Any], Any]) -> Any:
    """A copy of a node's runnable whose function went through a change; what it accepts stays as it was."""
    function, coroutine = getattr(runnable, "func", None), getattr(runnable, "afunc", None)
    if function is None and coroutine is None:
        hint = "inject into the subgraph's own StateGraph" if hasattr(runnable, "channels") else "wrap it yourself"
        raise InjectionFailed(f"{node!r} runs a {type(runnable).__name__}, not a function: {hint}")
    twin = copy.copy(runnable)
    if function is not None:
        changed = change(function)
        if inspect.iscoroutinefunction(changed):
            twin.func, twin.afunc = None, changed
        else:
            twin.func = changed
            if coroutine is not None:
                twin.afunc = _in_a_thread(changed)
    elif coroutine is not None:
        changed = change(coroutine)
        if inspect.iscoroutinefunction(changed):
            twin.afunc = changed
        else:
            twin.func, twin.afunc = changed, None
    return twin


def _in_a_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """What an asynchronous run calls in place of a synchronous node: the old twin would still run the original."""

    @functools.wraps(function)
    async def threaded(*args: Any, **kwargs: Any) -> Any:
        import asyncio

        return await asyncio.to_thread(function, *args, **kwargs)

    return threaded


def _spoilt(function: Callable[..., Any], injection: Injection) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004 - the object may be a callable instance

        @functools.wraps(function)
        async def faulty_async(*args: Any, **kwargs: Any) -> Any:
            call = injection.begin(args[0] if args else None)
            result = _instead(injection, call)
            if result is PROCEED:
                began = time.perf_counter()
                result = await function(*args, **kwargs)
                result = _made(injection, call, result, time.perf_counter() - began)
            if call.delay_s:
                import asyncio

                await asyncio.sleep(call.delay_s)
            return result

        return faulty_async

    @functools.wraps(function)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        call = injection.begin(args[0] if args else None)
        result = _instead(injection, call)
        if result is PROCEED:
            began = time.perf_counter()
            result = function(*args, **kwargs)
            result = _made(injection, call, result, time.perf_counter() - began)
        if call.delay_s:
            time.sleep(call.delay_s)
        return result

    return faulty


def _instead(injection: Injection, call: Call) -> Any:
    fault = injection.fault
    if not isinstance(fault, NodeFault) or not fault.strikes(call):
        return PROCEED
    try:
        return injection.end(call, PROCEED, fault.before(call))
    except Exception:
        injection.applied += 1
        raise


def _made(injection: Injection, call: Call, result: Any, elapsed_s: float) -> Any:
    call.elapsed_s = elapsed_s
    fault = injection.fault
    if not fault.strikes(call):
        return result
    if isinstance(fault, NodeFault):
        return injection.end(call, result, fault.after(call, result))
    if isinstance(fault, BranchFault):
        if hasattr(result, "goto") and hasattr(result, "resume"):
            goto = fault.redirect(call, result.goto)
            return injection.end(
                call, result, result if goto is result.goto else dataclasses.replace(result, goto=goto)
            )
        return injection.end(call, result, fault.redirect(call, result))
    return result
