"""Replays: started, followed and ended; only of the app that was named when the server was started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import delete, get, post
from litestar.params import Body, Parameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from argus.server.desk import Desk
from argus.server.live.ring import Ring
from argus.server.resources.replays import NewReplay, Replay, ReplayNews
from argus.server.routes.events import sent_event

__all__ = ["replay_routes"]

JobId = Annotated[str, Parameter(max_length=60, description="The replay's id.")]


def replay_routes(desk: Desk) -> list[Any]:
    """The routes.

    Args:
        desk: What they work with.
    """

    @post("/replays", sync_to_thread=True, operation_id="start_replay", tags=["replays"], status_code=202)
    def start_replay(data: Annotated[NewReplay, Body()]) -> Replay:
        """Replays a run from one of its steps, or proves which step is to blame, in a process of its own."""
        return desk.replays.start(data, desk.runs.get(data.trace_id).trace.id)

    @get("/replays/{job:str}", sync_to_thread=True, operation_id="get_replay", tags=["replays"])
    def get_replay(job: JobId) -> Replay:
        """A replay: how far it is, and what came of it."""
        return desk.replays.get(job)

    @delete("/replays/{job:str}", sync_to_thread=True, operation_id="cancel_replay", tags=["replays"], status_code=200)
    def cancel_replay(job: JobId) -> Replay:
        """Ends a replay that is running, and all that it started; one that has ended stays as it is."""
        return desk.replays.cancel(job)

    @get("/replays/{job:str}/events", operation_id="follow_replay", tags=["replays"])
    async def follow_replay(job: JobId) -> ServerSentEvent:
        """A replay as it happens: an event `replay`, with a `ReplayNews`, for each step and when it ends."""
        return ServerSentEvent(_sent(desk.replays.follow(job)))

    return [start_replay, get_replay, cancel_replay, follow_replay]


async def _sent(news: Ring[ReplayNews]) -> AsyncIterator[ServerSentEventMessage]:
    async for numbered in news.read(from_start=True):
        if numbered.event is None:
            yield ServerSentEventMessage(data=None, comment="quiet")
        else:
            yield sent_event(numbered, "replay")
