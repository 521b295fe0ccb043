"""The API's description, made from the same records and routes that answer."""

from __future__ import annotations

import inspect
import re
import typing
from typing import Any, Final

import msgspec
from litestar import Litestar, Router
from litestar.openapi.config import OpenAPIConfig

from argus.model.record import Record
from argus.server.resources.lists import Problem
from argus.server.resources.replays import LiveEvent, ReplayNews
from argus.server.routes import API, api_routes

__all__ = ["openapi_document"]

_ABOUT: Final = (
    "Reads what ARGUS has recorded and found. Every request needs the token that was printed when the server started, "
    "as `Authorization: Bearer TOKEN` or as the cookie that the printed address is traded for. Everything recorded is "
    "data, never markup or code. Errors are problem documents (RFC 9457)."
)
_METHODS: Final = ("get", "post", "delete")
_STREAMS: Final[dict[str, type[Record]]] = {"follow_events": LiveEvent, "follow_replay": ReplayNews}
"""Operations that answer with server-sent events, and what the data of each event is."""

_PROBLEMS: Final = {
    "400": "The request cannot be understood.",
    "401": "The token is missing or wrong.",
    "403": "The request comes from a page of another site, or under another name.",
    "404": "There is no such thing.",
    "409": "It cannot be done as things are; the detail says why.",
    "413": "The body is too large.",
    "414": "The address is too long.",
    "415": "The body is not JSON.",
    "429": "Too many of these go on at the same time.",
    "503": "The store cannot be read now.",
}


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document (3.1), the same for every server of this version."""
    from argus._version import __version__

    routes = api_routes(None)  # type: ignore[arg-type] # described, never called
    described = Litestar(
        [Router(API, route_handlers=routes)],
        openapi_config=OpenAPIConfig(
            title="ARGUS trace API", version=__version__, description=_ABOUT, use_handler_docstrings=True
        ),
        logging_config=None,
    )
    document: dict[str, Any] = described.openapi_schema.to_schema()
    document["servers"] = [{"url": "/"}]
    document["security"] = [{"token": []}]
    components = document["components"]
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components["schemas"] |= _schemas_of(Problem, *_STREAMS.values())
    components["responses"] = {
        f"Problem{status}": {
            "description": meaning,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, meaning in _PROBLEMS.items()
    }
    records = _records(routes)
    for name, schema in components["schemas"].items():
        _complete(schema, records.get(name))
    _standardise(document)
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                _complete_operation(path[method])
    return document


def _records(routes: list[Any]) -> dict[str, type[Record]]:
    """The records that routes take and give, with all that are inside of them, by name."""
    pending: list[Any] = [Problem, *_STREAMS.values()]
    for route in routes:
        pending += typing.get_type_hints(route.fn, include_extras=False).values()
    found: dict[str, type[Record]] = {}
    while pending:
        one = pending.pop()
        if not (isinstance(one, type) and issubclass(one, Record)):
            pending += typing.get_args(one)
        elif one.__name__ not in found:
            found[one.__name__] = one
            pending += [field.type for field in msgspec.structs.fields(one)]
        elif found[one.__name__] is not one:
            raise TypeError(f"two records of the API are called {one.__name__}")
    return found


def _complete(schema: dict[str, Any], record: type[Record] | None) -> None:
    """Says what litestar does not: what each part means, and that an answer always holds all of them."""
    schema.pop("default", None)
    properties = schema.get("properties")
    if not properties:
        return
    if record is not None:
        about, meanings = _meanings(record)
        schema["description"] = about
        for name, one in properties.items():
            if name in meanings:
                properties[name] = (
                    {**one, "description": meanings[name]}
                    if "$ref" not in one
                    else {"allOf": [one], "description": meanings[name]}
                )
    if record is None or not record.__name__.startswith("New"):  # what is sent may leave out what has a default
        schema["required"] = sorted(properties)
        for one in properties.values():
            one.pop("default", None)


def _standardise(schema: Any) -> None:
    """Lists of fixed length are written as litestar's older dialect does; this is how the standard now has it."""
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for part in parts:
        _standardise(part)
    if isinstance(schema, dict) and schema.get("type") == "array" and isinstance(schema.get("items"), list | tuple):
        places = list(schema["items"])
        schema |= {"prefixItems": places, "items": False, "minItems": len(places), "maxItems": len(places)}


def _meanings(record: type[Record]) -> tuple[str, dict[str, str]]:
    told: dict[str, str] = {}
    for kind in reversed(record.__mro__):
        _, _, block = (inspect.getdoc(kind) or "").partition("Attributes:\n")
        entries = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", block, flags=re.MULTILINE)
        told |= {name: " ".join(text.split()).replace("``", "`") for name, text in entries}
    return (inspect.getdoc(record) or "").split("\n", 1)[0].replace("``", "`"), told


def _complete_operation(operation: dict[str, Any]) -> None:
    summary, _, rest = (operation.get("description") or operation.get("summary", "")).partition("\n")
    operation["summary"] = summary
    operation.pop("description", None)
    if rest.strip():
        operation["description"] = rest.strip()
    responses = operation["responses"]
    for status in list(responses):
        if status.startswith("2"):
            responses[status]["description"] = summary
            responses[status].pop("headers", None)
            streamed = _STREAMS.get(operation["operationId"])
            if streamed is not None:
                schema = {"$ref": f"#/components/schemas/{streamed.__name__}"}
                responses[status]["content"] = {"text/event-stream": {"schema": {"type": "string"}, "x-data": schema}}
    for status in _PROBLEMS:
        responses[status] = {"$ref": f"#/components/responses/Problem{status}"}


def _schemas_of(*records: type[Record]) -> dict[str, Any]:
    schemas: dict[str, Any] = msgspec.json.schema_components(records, ref_template="#/components/schemas/{name}")[1]
    return schemas
