"""What happens, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from litestar import get
from litestar.response import ServerSentEvent, ServerSentEventMessage

from argus.server.desk import Desk
from argus.server.json_answer import json_bytes
from argus.server.live.ring import Numbered
from argus.server.problem_answers import Refused
from argus.server.routes.parameters import header

__all__ = ["event_routes", "sent_event"]

_MOST_READERS: Final = 50


def event_routes(desk: Desk) -> list[Any]:
    """The routes.

    Args:
        desk: What they work with.
    """

    @get("/events", operation_id="follow_events", tags=["live"])
    async def follow_events(
        last_event_id: Annotated[
            str | None, header("Last-Event-ID", max_length=100, description="The last event that is known.")
        ] = None,
    ) -> ServerSentEvent:
        """Runs and steps as they begin and end, and changes of the store; goes on until the connection is closed.

        Each event is a `LiveEvent`. With `Last-Event-ID` the events behind that one come first; a `store_changed`
        without a run means that some are no longer known, so that everything should be read anew.
        """
        if desk.feed.ring.readers >= _MOST_READERS:
            raise Refused(429, f"{_MOST_READERS} readers follow already.")
        return ServerSentEvent(_sent(desk, last_event_id))

    return [follow_events]


async def _sent(desk: Desk, last_event_id: str | None) -> AsyncIterator[ServerSentEventMessage]:
    yield ServerSentEventMessage(data=None, comment="following", retry=2000)
    async for numbered in desk.feed.ring.read(last_event_id, ready=desk.feed.start):
        if numbered.missed:
            gone = {"kind": "store_changed", "trace_id": None, "pipeline": None, "at": desk.sources.clock.now()}
            yield ServerSentEventMessage(data=json_bytes(gone).decode(), event="store_changed", id=numbered.id)
        if numbered.event is not None:
            yield sent_event(numbered, numbered.event.kind)
        elif not numbered.missed:
            yield ServerSentEventMessage(data=None, comment="quiet")


def sent_event(numbered: Numbered[Any], name: str) -> ServerSentEventMessage:
    """An event as it goes over the wire.

    Args:
        numbered: The event and its place.
        name: What it is called.
    """
    return ServerSentEventMessage(data=json_bytes(numbered.event).decode(), event=name, id=numbered.id)
