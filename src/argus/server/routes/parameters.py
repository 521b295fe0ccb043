"""Parameters that several routes take."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, cast

from litestar import params
from litestar.params import Parameter

__all__ = ["Cursor", "Limit", "Query", "StepNumber", "TraceId", "header", "query"]

Query: TypeAlias = Annotated[
    str,
    Parameter(
        max_length=4000,
        description='Which runs: words such as status:failed pipeline:x -node:y dur:>5s since:24h "text"; '
        "commas mean or. A word that cannot be understood is reported, and the rest applies.",
    ),
]
Limit: TypeAlias = Annotated[int, Parameter(ge=1, le=200, description="Runs at most.")]
Cursor: TypeAlias = Annotated[str | None, Parameter(max_length=2000, description="From an earlier answer.")]
TraceId: TypeAlias = Annotated[
    str, Parameter(max_length=200, description="A run's id, a unique beginning of one, `last` or `last~2`.")
]
StepNumber: TypeAlias = Annotated[int, Parameter(ge=1, le=10_000_000, description="The step's number, from 1.")]


def query(name: str, **about: Any) -> Any:
    """A query parameter that is called otherwise than its variable.

    Args:
        name: Its name.
        **about: What else is to be known of it.
    """
    return _named("QueryParameter", "query", name, about)


def header(name: str, **about: Any) -> Any:
    """A header.

    Args:
        name: Its name.
        **about: What else is to be known of it.
    """
    return _named("HeaderParameter", "header", name, about)


def _named(kind: str, place: str, name: str, about: dict[str, Any]) -> Any:
    made = getattr(params, kind, None)  # newer litestar has a class for each place, and warns of the old way
    return made(name=name, **about) if made else cast("Any", Parameter)(**{place: name}, **about)
