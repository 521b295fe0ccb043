"""Parameters that several routes take."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from litestar.params import Parameter

__all__ = ["Cursor", "Limit", "Query", "StepNumber", "TraceId"]

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
