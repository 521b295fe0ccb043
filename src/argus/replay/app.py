"""Loads the application that a replay runs."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import sys
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from argus.errors import ReplayError

__all__ = ["load_app"]


def load_app(reference: str) -> Any:
    """A graph by reference: imports its module, which runs the module's code.

    Args:
        reference: ``package.module:attribute`` or ``path/file.py:attribute``; the attribute may be dotted, and may be a
            graph, a compiled graph, or a function without arguments that returns one.

    Returns:
        What was found; a function has been called.

    Raises:
        ReplayError: The reference is not of this form, or the module, the attribute or the function fails.
    """
    place, colon, path = reference.rpartition(":")
    if not colon or not place or not path:
        raise ReplayError(f"the application {reference!r} must be given as module:attribute, such as app.graph:graph")
    module = _module(place)
    found: Any = module
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except AttributeError as missing:
            names = [one for one in vars(module) if not one.startswith("_")] if found is module else []
            near = get_close_matches(name, names, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise ReplayError(f"there is no `{name}` in {place}{hint}") from missing
    return _made(found, reference)


def _module(place: str) -> ModuleType:
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        return _from_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except ReplayError:
        raise
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        what = f"{type(error).__name__}: {error}"
        raise ReplayError(f"the application's module {place} cannot be imported from {folder}: {what}") from error


def _from_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise ReplayError(f"there is no file {file}; check the path and the working folder")
    folder = str(file.absolute().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(file.stem, file.absolute())
    if spec is None or spec.loader is None:
        raise ReplayError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(file.stem, module)  # annotations of its classes are looked up there
    spec.loader.exec_module(module)
    return module


def _made(found: Any, reference: str) -> Any:
    if isinstance(found, type) or not (inspect.isroutine(found) or inspect.isfunction(found)):
        return found
    needed = [
        one.name
        for one in inspect.signature(found).parameters.values()
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    if needed:
        raise ReplayError(
            f"the function {reference} needs {', '.join(f'`{name}`' for name in needed)}; "
            "name one without arguments that returns the graph"
        )
    try:
        made = found()
        return asyncio.run(_awaited(made)) if inspect.isawaitable(made) else made
    except Exception as error:
        raise ReplayError(f"the function {reference} raised {type(error).__name__}: {error}") from error


async def _awaited(made: Any) -> Any:
    return await made
