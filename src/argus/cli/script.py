"""Runs a script or module in this process, as ``python`` itself would.

The program gets its own ``__main__``, ``sys.argv`` and ``sys.path[0]``, standard streams untouched; what it raises is
reported by ``sys.excepthook`` without a frame of ours.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import sys
import threading
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType

from argus.errors import ArgusError

__all__ = ["run_module", "run_script", "wait_for_threads"]

_INTERRUPTED = 130


def run_script(path: str, arguments: Sequence[str]) -> int:
    """Runs a file.

    Args:
        path: As the user wrote it.
        arguments: What follows it on the command line.

    Returns:
        The exit code that ``python`` would have given.

    Raises:
        ArgusError: There is no such file, or it cannot be read.
    """
    file = Path(path)
    if file.is_dir():
        raise ArgusError(f"{path} is a folder; to run a package, use: argus watch -m PACKAGE")
    try:
        with io.open_code(str(file.absolute())) as opened:
            source = opened.read()
    except OSError as error:
        raise ArgusError(f"the script {path} cannot be read: {error.strerror or error}") from error
    absolute = os.path.abspath(path)  # noqa: PTH100 - like python: without resolving links
    _set_up([path, *arguments], os.path.dirname(os.path.realpath(path)))  # noqa: PTH120 - again like python
    main = _new_main(absolute, SourceFileLoader("__main__", absolute))
    return _execute(main, source, absolute)


def run_module(name: str, arguments: Sequence[str]) -> int:
    """Runs a module, or the ``__main__`` of a package.

    Args:
        name: The dotted name.
        arguments: What follows it on the command line.

    Returns:
        The exit code that ``python -m`` would have given.

    Raises:
        ArgusError: There is no such module, or it has no source.
    """
    _set_up(["-m", *arguments], os.fspath(Path.cwd()))
    code, main = _module(name)
    sys.argv[0] = str(main.__file__)
    return _execute(main, code, str(main.__file__))


def wait_for_threads() -> None:
    """Waits for the program's own threads, as the interpreter does before it ends.

    Idle workers of thread pools are not waited for: they end only with the interpreter.
    """
    missing = object()
    for thread in threading.enumerate():
        target = getattr(thread, "_target", missing)
        pooled = target is missing or getattr(target, "__module__", "") == "concurrent.futures.thread"
        if thread is not threading.current_thread() and not thread.daemon and not pooled:
            thread.join()


def _set_up(argv: list[str], folder: str) -> None:
    sys.argv = argv
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0:1] = [folder]


def _new_main(file: str, loader: object) -> ModuleType:
    main = ModuleType("__main__")
    vars(main).update(__file__=file, __loader__=loader, __builtins__=__builtins__, __cached__=None)
    return main


def _module(name: str) -> tuple[CodeType, ModuleType]:
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
    except (ImportError, ValueError) as error:
        raise ArgusError(f"the module {name} cannot be imported: {error}") from error
    code = spec.loader.get_code(spec.name) if spec and spec.loader and hasattr(spec.loader, "get_code") else None
    if spec is None or code is None:
        raise ArgusError(f"there is no module {name} that can be run; check the spelling and the working folder")
    main = _new_main(str(spec.origin), spec.loader)
    main.__spec__ = spec
    main.__package__ = spec.parent
    return code, main


def _execute(main: ModuleType, source: bytes | CodeType, file: str) -> int:
    sys.modules["__main__"] = main  # stays: classes and threads of the program refer to it until the process ends
    try:
        code = source if isinstance(source, CodeType) else compile(source, file, "exec", dont_inherit=True)
        exec(code, vars(main))  # noqa: S102 - running the user's program is what this is for
    except SystemExit as stop:
        return _exit_code(stop)
    except BaseException as error:  # noqa: BLE001 - it ends here, as it would end in the interpreter
        _report(error)
        return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code
    with contextlib.suppress(AttributeError, OSError, ValueError):
        sys.stderr.write(f"{stop.code}\n")
    return 1


def _report(error: BaseException) -> None:
    trace = _without_ours(error.__traceback__)
    error.__traceback__ = trace
    try:
        sys.excepthook(type(error), error, trace)
    except Exception:  # noqa: BLE001 - the program replaced the hook by one that fails
        sys.__excepthook__(type(error), error, trace)


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
