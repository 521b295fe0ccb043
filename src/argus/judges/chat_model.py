"""A judge behind a prompt: a model at an OpenAI-compatible address, or the user's own function."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from argus.errors import NotAvailable
from argus.judges.answers import MalformedAnswer, parse_answer
from argus.judges.posting import post_json
from argus.judges.prompt import Message, messages_for, reminder
from argus.model.judgement import Question, Verdict

__all__ = ["ChatEndpoint", "ChatJudge", "OwnFunction", "Reply"]

_REMEMBERED: Final = 256
_FORM_TRIES: Final = 2


class Reply(NamedTuple):
    """What a model answers.

    Attributes:
        answer: Its text, or what a function made of it already.
        input_tokens: None when unknown.
        output_tokens: None when unknown.
    """

    answer: Any
    input_tokens: int | None = None
    output_tokens: int | None = None


class _Asks(Protocol):
    name: str

    def __call__(self, messages: Sequence[Message]) -> Reply: ...


class ChatEndpoint:
    """A model at an OpenAI-compatible address.

    Args:
        url: The base URL, such as ``https://host/v1``, or the whole address ending in ``/chat/completions``.
        model: The model's name.
        key: The API key; None sends none.
        timeout_s: Seconds that one request may wait.
        retries: How often a failed request is repeated.
        pause: Waits between two attempts; tests replace it.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str | None = None,
        timeout_s: float = 30.0,
        retries: int = 2,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        address = url.rstrip("/")
        self.url = address if address.endswith("/chat/completions") else f"{address}/chat/completions"
        self.name = model
        self._key = key
        self._timeout_s = timeout_s
        self._retries = retries
        self._pause = pause

    def __call__(self, messages: Sequence[Message]) -> Reply:
        """Asks the model.

        Args:
            messages: The conversation.

        Raises:
            NotAvailable: It cannot be asked, or answers something else than a chat completion.
        """
        body = {
            "model": self.name,
            "messages": list(messages),
            "temperature": 0,
            "response_format": {"type": "json_object"},
        }
        answer = post_json(
            self.url, body, key=self._key, timeout_s=self._timeout_s, retries=self._retries, pause=self._pause
        )
        try:
            said = json.loads(answer)
            text = said["choices"][0]["message"]["content"]
            usage = said.get("usage") or {}
            return Reply(text, _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
            raise NotAvailable(f"{self.url} answered something else than a chat completion") from error


class OwnFunction:
    """The user's function as a model: it gets the messages and returns the answer, as text or parsed.

    Args:
        function: From a list of ``{"role": …, "content": …}`` to text or a dict.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = str(getattr(function, "__name__", type(function).__name__))
        self._function = function

    def __call__(self, messages: Sequence[Message]) -> Reply:
        """Asks the function.

        Args:
            messages: The conversation.

        Raises:
            NotAvailable: It raised.
        """
        try:
            return Reply(self._function(list(messages)))
        except Exception as error:
            raise NotAvailable(f"the judge {self.name} raised {type(error).__name__}: {error}") from error


class ChatJudge:
    """Puts questions to a model and reads its verdicts; a :class:`~argus.model.ports.Judge`.

    An answer in another form is asked for once more. The same question is asked once in a process: its verdict is
    remembered, the last 256 of them. Thread-safe.

    Args:
        model: What is asked.
    """

    def __init__(self, model: _Asks) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._verdicts: OrderedDict[bytes, Verdict] = OrderedDict()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    def judge(self, question: Question) -> Verdict:
        """The verdict.

        Args:
            question: What is asked.

        Raises:
            NotAvailable: The model cannot be asked, or twice answered in another form.
        """
        messages = messages_for(question)
        key = blake2b(json.dumps(messages).encode(), digest_size=16).digest()
        with self._lock:
            known = self._verdicts.get(key)
            if known is not None:
                self._verdicts.move_to_end(key)
                return msgspec.structs.replace(known, calls=0, input_tokens=None, output_tokens=None)
        verdict = self._asked(messages, question)
        with self._lock:
            self._verdicts[key] = verdict
            if len(self._verdicts) > _REMEMBERED:
                self._verdicts.popitem(last=False)
        return verdict

    def _asked(self, messages: list[Message], question: Question) -> Verdict:
        replies: list[Reply] = []
        while True:
            reply = self._model(messages)
            replies.append(reply)
            try:
                rulings, faults = parse_answer(reply.answer, question)
            except MalformedAnswer as error:
                if len(replies) == _FORM_TRIES:
                    raise NotAvailable(f"the judge {self.name} answered in another form twice: {error}") from error
                said = reply.answer if isinstance(reply.answer, str) else repr(type(reply.answer).__name__)
                messages = [*messages, {"role": "assistant", "content": said}, reminder(str(error))]
                continue
            return Verdict(
                judge=self.name,
                rulings=rulings,
                faults=faults,
                calls=len(replies),
                input_tokens=_sum(reply.input_tokens for reply in replies),
                output_tokens=_sum(reply.output_tokens for reply in replies),
            )


def _count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _sum(counts: Any) -> int | None:
    """The sum of counts; of one that is unknown nothing is known."""
    known = list(counts)
    return None if None in known else sum(known)
