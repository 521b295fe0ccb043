"""Faults of agents: how a node that talks to a model calls its tools and treats what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from argus.testing.faults.fault import PROCEED, Call, Layer, NodeFault
from argus.testing.faults.places import look_up, replaced, set_at

__all__ = ["IgnoredToolResult", "InventedArgument", "RepeatedToolCall", "SwallowedToolError"]

_STRANGERS: Final = ("ZX-90871", "user_55512", "Oakridge Terminal", "2017-02-30", "99999")


@dataclass(frozen=True, kw_only=True)
class RepeatedToolCall(NodeFault):
    """An agent makes the same tool call with the same arguments again and again.

    Attributes:
        field: Path to the message with the tool calls (``messages.0`` by default).
        repeats: How many more times the first call is made.
    """

    kind: ClassVar[str] = "repeated_tool_call"
    layer: ClassVar[Layer] = "behavioral"

    repeats: int = 4

    def before(self, call: Call) -> Any:
        """The first call once more, under a fresh id."""
        first = call.memory.get("first")
        if first is None or call.memory["made"] >= self.repeats:
            return PROCEED
        call.memory["made"] += 1
        return replaced(first, self.field or "messages.0", lambda message: self._again(message, call.number))

    def after(self, call: Call, result: Any) -> Any:
        """Remembers the first call."""
        if "first" not in call.memory and look_up(result, f"{self.field or 'messages.0'}.tool_calls.0"):
            call.memory.update(first=result, made=0)
        return result

    def _again(self, message: Any, number: int) -> Any:
        calls = [{**made, "id": f"{made.get('id')}-{number}"} for made in message.tool_calls]
        return message.model_copy(update={"tool_calls": calls, "id": f"{message.id or 'message'}-{number}"})


@dataclass(frozen=True, kw_only=True)
class InventedArgument(NodeFault):
    """An agent passes a tool an identifier that nobody ever mentioned.

    Attributes:
        field: Path to the argument, such as ``messages.0.tool_calls.0.args.order_id``.
        value: The invented value; None picks one by seed.
    """

    kind: ClassVar[str] = "invented_argument"
    layer: ClassVar[Layer] = "semantic"

    value: Any = None

    def after(self, call: Call, result: Any) -> Any:
        """The call with the invented argument."""
        path = self.field
        if path is None:
            arguments = look_up(result, "messages.0.tool_calls.0.args")
            names = [name for name, value in arguments[0].items() if isinstance(value, str)] if arguments else []
            if not names:
                return result
            path = f"messages.0.tool_calls.0.args.{names[0]}"
        if not look_up(result, path):
            return result
        return replaced(result, path, lambda _: self.pick(_STRANGERS) if self.value is None else self.value)


@dataclass(frozen=True, kw_only=True)
class SwallowedToolError(NodeFault):
    """A call fails, the failure is swallowed, and the run goes on as if nothing had happened.

    Attributes:
        fallback: What the node returns instead of its result.
    """

    kind: ClassVar[str] = "swallowed_tool_error"
    layer: ClassVar[Layer] = "behavioral"

    fallback: Any = None

    def after(self, call: Call, result: Any) -> Any:
        """The fallback in place of the result."""
        if self.field is None:
            return self.fallback
        return set_at(result, self.field, self.fallback)


@dataclass(frozen=True, kw_only=True)
class IgnoredToolResult(NodeFault):
    """An agent's answer is made without looking at what its tools found.

    Attributes:
        field: Path to the answer's text (``messages.0.content`` by default).
        answer: What it says instead.
    """

    kind: ClassVar[str] = "ignored_tool_result"
    layer: ClassVar[Layer] = "semantic"

    answer: str = "Everything is in order; nothing else needs to be done."

    def after(self, call: Call, result: Any) -> Any:
        """The answer out of thin air, wherever the node answers at all."""
        path = self.field or "messages.0.content"
        if look_up(result, f"{path.rpartition('.')[0]}.tool_calls.0"):
            return result
        return replaced(result, path, lambda text: self.answer if isinstance(text, str) and text else text)
