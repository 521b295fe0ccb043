"""The API, one module for each subject."""

from __future__ import annotations

from typing import Any

from argus.server.desk import Desk
from argus.server.routes.comparing import comparing_routes
from argus.server.routes.events import event_routes
from argus.server.routes.groups import group_routes
from argus.server.routes.knowledge import knowledge_routes
from argus.server.routes.lists import list_routes
from argus.server.routes.replays import replay_routes
from argus.server.routes.runs import run_routes

__all__ = ["API", "api_routes"]

API = "/api/v1"


def api_routes(desk: Desk) -> list[Any]:
    """All routes below :data:`API`.

    Args:
        desk: What they work with.
    """
    return [
        *list_routes(desk),
        *run_routes(desk),
        *comparing_routes(desk),
        *group_routes(desk),
        *knowledge_routes(desk),
        *event_routes(desk),
        *replay_routes(desk),
    ]
