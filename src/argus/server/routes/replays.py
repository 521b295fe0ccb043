"""Replays: started, followed and ended; only of the app that was named when the server was started."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import delete, get, post
from litestar.params import Body, Parameter

from argus.server.desk import Desk
from argus.server.problem_answers import Refused
from argus.server.resources.replays import NewReplay, Replay

__all__ = ["replay_routes"]

_WITHOUT_APP = "The server was started without --app, so it does not know what to run."
_HINT = "Start it again with: argus ui --app module:attribute"

JobId = Annotated[str, Parameter(max_length=60, description="The replay's id.")]


def replay_routes(desk: Desk) -> list[Any]:
    """The routes.

    Args:
        desk: What they work with.
    """

    @post("/replays", sync_to_thread=True, operation_id="start_replay", tags=["replays"], status_code=202)
    def start_replay(data: Annotated[NewReplay, Body()]) -> Replay:
        """Replays a run from one of its steps, in a process of its own."""
        raise Refused(409, _WITHOUT_APP, _HINT)

    @get("/replays/{job:str}", sync_to_thread=True, operation_id="get_replay", tags=["replays"])
    def get_replay(job: JobId) -> Replay:
        """A replay: how far it is, and what came of it."""
        raise Refused(404, f"There is no replay {job!r}.")

    @delete("/replays/{job:str}", sync_to_thread=True, operation_id="cancel_replay", tags=["replays"], status_code=200)
    def cancel_replay(job: JobId) -> Replay:
        """Ends a replay that is running."""
        raise Refused(404, f"There is no replay {job!r}.")

    return [start_replay, get_replay, cancel_replay]
