"""Records to JSON and back, and their JSON Schema."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from argus.model.decoding import decoder_of
from argus.model.record import Record
from argus.model.trace import Trace

__all__ = ["decode", "decode_trace", "encode", "encode_trace", "json_schema", "to_builtins"]

_encoder = msgspec.json.Encoder()
R = TypeVar("R", bound=Record)


def encode(value: Any) -> bytes:
    """A record, or anything made of records and JSON values, as JSON in UTF-8.

    Args:
        value: What to encode.
    """
    return _encoder.encode(value)


def to_builtins(value: Any) -> Any:
    """The same as :func:`encode`, as Python dicts, lists and scalars (times as ISO 8601 text)."""
    return msgspec.to_builtins(value)


def decode(data: bytes | str, kind: type[R]) -> R:
    """A record from its JSON.

    Args:
        data: JSON text.
        kind: The record's class.

    Raises:
        msgspec.ValidationError: The JSON does not fit the class.
        msgspec.DecodeError: It is not JSON.
    """
    return decoder_of(kind).decode(data)


def encode_trace(trace: Trace) -> bytes:
    """A trace as JSON, with its counts added for readers without ARGUS.

    Args:
        trace: The trace.
    """
    document = msgspec.to_builtins(trace)
    document["detection_count"] = trace.detection_count
    document["node_count"] = trace.node_count
    return _encoder.encode(document)


def decode_trace(data: bytes | str) -> Trace:
    """A trace from its JSON; the added counts are derived again.

    Args:
        data: JSON text as made by :func:`encode_trace`.

    Raises:
        msgspec.ValidationError: The JSON is not a trace.
    """
    return decode(data, Trace)


def json_schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of a trace document."""
    schema = msgspec.json.schema(Trace)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ARGUS trace", **schema}
