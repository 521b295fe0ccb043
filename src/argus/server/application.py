"""The application: routes, errors, the web interface's files."""

from __future__ import annotations

from typing import Annotated

from litestar import Litestar, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import Parameter

from argus.server.desk import Desk
from argus.server.json_answer import JsonAnswer, json_bytes
from argus.server.openapi import openapi_document
from argus.server.problem_answers import handlers
from argus.server.routes import API, api_routes
from argus.server.static_files import StaticFiles

__all__ = ["make_application"]


def make_application(desk: Desk, files: StaticFiles | None = None) -> Litestar:
    """The application, to stand behind :class:`argus.server.security.gate.Gate`.

    Args:
        desk: What the routes work with.
        files: The built web interface.
    """
    pages = files or StaticFiles()
    document: list[bytes] = []

    @get("/openapi.json", sync_to_thread=True, include_in_schema=False)
    def openapi() -> Response[bytes]:
        """The API's description."""
        if not document:
            document.append(json_bytes(openapi_document()))
        return Response(document[0], media_type="application/json")

    @get(["/", "/{name:path}"], sync_to_thread=False, include_in_schema=False)
    def page(name: Annotated[str, Parameter()] = "/") -> Response[bytes]:
        """A file of the web interface; any other address is one of its pages."""
        wanted = name.removeprefix("/")
        found = pages.file(wanted) if wanted else None
        if found is None and (wanted == "api" or wanted.startswith(("api/", "assets/"))):
            raise NotFoundException(f"There is nothing at /{wanted[:200]}.")
        found = found or pages.page()
        return Response(found.body, media_type=found.kind)

    return Litestar(
        [Router(API, route_handlers=api_routes(desk)), openapi, page],
        exception_handlers=handlers,
        response_class=JsonAnswer,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
