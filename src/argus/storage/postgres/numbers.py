"""Numbers that tell what they stand for, so that two writers agree on them without asking."""

from __future__ import annotations

from functools import lru_cache

import msgspec

__all__ = ["profile_number", "series_number"]


@lru_cache(maxsize=4096)
def series_number(pipeline_name: str, graph_version: str | None, node_name: str) -> int:
    """The number of the measurements of a node.

    Args:
        pipeline_name: Escaped.
        graph_version: Escaped, or None.
        node_name: Escaped.
    """
    return _number(("series", pipeline_name, graph_version, node_name))


def profile_number(pipeline_name: str, graph_version: str | None) -> int:
    """The number of the profile of a pipeline.

    Args:
        pipeline_name: Escaped.
        graph_version: Escaped, or None.
    """
    return _number(("profile", pipeline_name, graph_version))


def _number(parts: tuple[str | None, ...]) -> int:
    from hashlib import blake2b  # loads OpenSSL, which listings do without

    return int.from_bytes(blake2b(msgspec.json.encode(parts), digest_size=8).digest(), "big") >> 1
