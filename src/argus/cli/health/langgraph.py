"""Whether the installed LangGraph can be watched in full."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator

from argus.cli.health.base import Check

__all__ = ["checks"]

_SUPPORTED = 1


def checks() -> Iterator[Check]:
    """Version, and whether the inner parts that are listened to are where they are expected."""
    try:
        version = importlib.metadata.version("langgraph")
    except importlib.metadata.PackageNotFoundError:
        yield Check(
            name="langgraph",
            status="warning",
            message="not installed; only ArgusSession can be used",
            cure='pip install "arguslabs[langgraph]"',
        )
        return
    major = version.partition(".")[0]
    if not major.isdecimal() or int(major) != _SUPPORTED:
        cure = 'pip install "langgraph>=1.0,<2"'
        yield Check(name="langgraph", status="failed", message=f"{version} is not supported", cure=cure)
        return
    yield _compatibility(version)


def _compatibility(version: str) -> Check:
    try:
        from argus.instrumentation.langgraph.probe import missing_parts

        missing = missing_parts()
    except Exception as error:  # noqa: BLE001 - whatever is broken in there is what is to be told
        message = f"{version} cannot be imported: {type(error).__name__}: {error}"
        cure = 'pip install --force-reinstall "langgraph>=1.0,<2"'
        return Check(name="langgraph", status="failed", message=message, cure=cure)
    if missing:
        message = (
            f"{version} keeps some inner parts elsewhere ({'; '.join(missing)}): nodes are recorded through callbacks"
        )
        return Check(name="langgraph", status="warning", message=message, cure="pip install --upgrade arguslabs")
    return Check(name="langgraph", status="ok", message=f"{version}, watched in full")
