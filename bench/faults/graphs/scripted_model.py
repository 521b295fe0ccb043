"""A chat model that follows a script: a function from the messages so far to the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

Policy = Callable[[Sequence[BaseMessage]], AIMessage]


class ScriptedModel(BaseChatModel):
    """Answers as its policy says; counts tokens as words."""

    policy: Any
    tools: tuple[Any, ...] = ()

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> ScriptedModel:
        return self.model_copy(update={"tools": tuple(tools)})

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        answer = self.policy(messages)
        sent = sum(len(str(message.content).split()) for message in messages)
        given = len(str(answer.content).split()) + 12 * len(answer.tool_calls)
        usage = answer.usage_metadata or {"input_tokens": sent, "output_tokens": given, "total_tokens": sent + given}
        reason = answer.response_metadata.get("finish_reason") or ("tool_calls" if answer.tool_calls else "stop")
        message = answer.model_copy(
            update={
                "usage_metadata": usage,
                "response_metadata": {"finish_reason": reason, "model_name": "scripted-1"},
                "id": answer.id or f"answer-{len(messages)}",
            }
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def calls(messages: Sequence[BaseMessage]) -> list[tuple[str, ToolMessage]]:
    """The tools that answered since the last human message, with what they said."""
    answers: list[tuple[str, ToolMessage]] = []
    for message in messages:
        if message.type == "human":
            answers.clear()
        elif isinstance(message, ToolMessage):
            answers.append((message.name or "", message))
    return answers


def asks(name: str, number: int, **arguments: Any) -> AIMessage:
    """A message that calls one tool."""
    return AIMessage(
        content="", tool_calls=[{"name": name, "args": arguments, "id": f"call-{name}-{number}", "type": "tool_call"}]
    )


def says(text: str, **extra: Any) -> AIMessage:
    """A message with text only."""
    return AIMessage(content=text, **extra)


def question(messages: Sequence[BaseMessage]) -> str:
    """The last thing a person said."""
    return str(next(message.content for message in reversed(messages) if message.type == "human"))
