"""HTTP exchanges, as recorded inside a step."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec.structs import replace

from argus.model.record import Record

__all__ = [
    "Headers",
    "HttpAnswer",
    "HttpBody",
    "HttpExchange",
    "HttpFailure",
    "HttpRequest",
    "emptied_answer",
    "with_contents",
]

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in the order in which they were sent; secret values are ``[REDACTED]``."""


class HttpBody(Record, frozen=True, kw_only=True):
    """A body, with transfer and content encodings taken off and secrets hidden.

    Attributes:
        content: Text, or Base64 for what is no text; None when it was not kept.
        form: How ``content`` is written.
        charset: In which encoding the text was sent.
        length: Bytes as they were before anything was hidden.
        chunks: Bytes of each piece in which it came; empty when that is not known or there was one piece.
        ended: Whether it was read to its end; the reader may have stopped earlier.
        missing: Why it was not kept, or None.
        digest: BLAKE2b-128 of what was not kept, hex, so that the same one is recognised; None otherwise.
        redacted: Whether something in it is hidden.
        unpacked: The content encoding that was taken off, such as ``gzip``, or None.
    """

    content: str | None = None
    form: Literal["text", "base64"] = "text"
    charset: str = "utf-8"
    length: int = 0
    chunks: tuple[int, ...] = ()
    ended: bool = True
    missing: str | None = None
    digest: str | None = None
    redacted: bool = False
    unpacked: str | None = None

    def data(self) -> bytes:
        """What was kept, as bytes.

        Raises:
            ValueError: Nothing was kept, or it is damaged.
        """
        if self.content is None:
            raise ValueError(self.missing or "the body was not kept")
        if self.form == "base64":
            from base64 import b64decode

            return b64decode(self.content, validate=True)
        try:
            return self.content.encode(self.charset)
        except LookupError as error:
            raise ValueError(f"there is no text encoding {self.charset!r}") from error


class HttpRequest(Record, frozen=True, kw_only=True):
    """What was asked.

    Attributes:
        method: Upper case.
        url: Whole, without user and password, secrets in the query hidden.
        headers: As the library sent them.
        body: None when there was none, or while it is being sent.
    """

    method: str
    url: str
    headers: Headers = ()
    body: HttpBody | None = None


class HttpFailure(Record, frozen=True, kw_only=True):
    """The exception that the library raised in place of an answer, or in the middle of one.

    Attributes:
        type: Its module and class.
        message: Its text, redacted.
        cause: The module and class of the exception that it carries as its reason, or None.
        cause_message: That one's text, redacted.
        status: The status that it reports, or None.
    """

    type: str
    message: str = ""
    cause: str | None = None
    cause_message: str = ""
    status: int | None = None


class HttpAnswer(Record, frozen=True, kw_only=True):
    """What came back.

    Attributes:
        status: The status code; None when no answer came.
        reason: The reason phrase.
        http_version: Such as ``HTTP/1.1``.
        headers: As received.
        body: None when no answer came.
        url: Where the answer came from, when redirects were followed on the way; else None.
        failure: What the library raised, or None.
        duration_ms: From the request to the end of the body, or to the failure.
        served: Whether it came from a tape and not from the network.
    """

    status: int | None = None
    reason: str = ""
    http_version: str = "HTTP/1.1"
    headers: Headers = ()
    body: HttpBody | None = None
    url: str | None = None
    failure: HttpFailure | None = None
    duration_ms: float | None = None
    served: bool = False


class HttpExchange(Record, frozen=True, kw_only=True):
    """A request and its answer.

    Attributes:
        number: From 1, in order of start within the run.
        library: The library that carried it: ``httpx``, ``httpx2``, ``urllib3`` (also for ``requests``), ``aiohttp``.
        request: What was asked.
        answer: What came back; None when the process died before.
        started_ms: Milliseconds since the run began.
    """

    number: int
    library: str
    request: HttpRequest
    answer: HttpAnswer | None = None
    started_ms: float = 0.0

    def without_content(self) -> HttpExchange:
        """The exchange without headers, query and bodies, for runs whose values are not kept."""
        answer = self.answer
        return HttpExchange(
            number=self.number,
            library=self.library,
            request=HttpRequest(
                method=self.request.method,
                url=self.request.url.partition("?")[0],
                body=_emptied(self.request.body),
            ),
            answer=answer and emptied_answer(answer),
            started_ms=self.started_ms,
        )


def emptied_answer(answer: HttpAnswer) -> HttpAnswer:
    """An answer without headers, body and texts.

    Args:
        answer: Any answer.
    """
    failure = answer.failure
    return HttpAnswer(
        status=answer.status,
        reason=answer.reason,
        http_version=answer.http_version,
        body=_emptied(answer.body),
        failure=failure and HttpFailure(type=failure.type, cause=failure.cause, status=failure.status),
        duration_ms=answer.duration_ms,
        served=answer.served,
    )


def _emptied(body: HttpBody | None) -> HttpBody | None:
    return body and HttpBody(length=body.length, ended=body.ended, missing="`persist_state` was off")


def with_contents(exchange: HttpExchange, sent: str | None, received: str | None) -> HttpExchange:
    """The exchange with other contents of its bodies, for stores that keep these apart.

    Args:
        exchange: Any exchange.
        sent: The content of the request's body.
        received: The content of the answer's body.
    """
    request, answer = exchange.request, exchange.answer
    if request.body is not None:
        request = replace(request, body=replace(request.body, content=sent))
    if answer is not None and answer.body is not None:
        answer = replace(answer, body=replace(answer.body, content=received))
    return replace(exchange, request=request, answer=answer)
