"""``argus.attach``: watches an app for as long as the process lives, every call a trace of its own."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import weakref
from typing import Any

from argus.analysis.observer import Observer
from argus.analysis.service import Service
from argus.analysis.worker import worker
from argus.errors import ConfigError, WatcherStateError

__all__ = ["attach", "auto", "detach", "flush"]

_lock = threading.Lock()
_services: weakref.WeakKeyDictionary[Any, Service] = weakref.WeakKeyDictionary()
_exit_waits: list[float] = []


def attach(graph: Any, **options: Any) -> Any:
    """Watches an app in a server or another long-lived process.

    Every top-level call (``invoke``, ``stream``, ``batch``, their async twins, ``astream_events``) becomes a trace of
    its own; concurrent calls are kept apart. A finished call is analysed and stored in the background, while
    no watched call runs. A run with findings prints three lines to stderr (``ARGUS_QUIET=1`` silences them), a clean
    run nothing. May be called before or after a fork.

    Args:
        graph: A compiled graph, or a ``StateGraph``, which is compiled.
        **options: The same as :class:`~argus.watcher.ArgusWatcher` takes.

    Returns:
        The app to invoke: the same compiled graph, now watched.

    Raises:
        ConfigError: An option is unknown or wrong.
        InstrumentationError: The object is no graph that can be watched.
        WatcherStateError: The app is attached already; :func:`detach` it first.
    """
    from argus.instrumentation.langgraph.attach import attach as instrument

    app: Any = graph
    if hasattr(app, "compile") and not hasattr(app, "invoke"):
        app = app.compile()
    with _lock:
        if app in _services:
            raise WatcherStateError("this app is attached already: call argus.detach(app) before attaching it anew")
        service = Service(_observer("attach", options))
        instrument(app, service)
        _services[app] = service
    return app


def detach(app: object) -> None:
    """Ends the watching of an attached app; calls that are running are still recorded to their end.

    Args:
        app: What :func:`attach` returned.

    Raises:
        WatcherStateError: It is not attached.
    """
    from argus.instrumentation.langgraph.attach import detach as uninstrument

    with _lock:
        service = _services.pop(app, None)
    if service is None:
        raise WatcherStateError("this app is not attached: pass what argus.attach() returned")
    service.stopped = True
    uninstrument(app, service)


def flush(timeout: float | None = None) -> bool:
    """Waits until every finished call is analysed and stored.

    Args:
        timeout: Seconds at most; None waits as long as it takes.

    Returns:
        Whether everything was done in time.
    """
    return worker().flush(timeout)


def auto(**options: Any) -> bool:
    """Watches every graph that this process compiles from now on, if ``ARGUS_AUTO=1`` is set; does nothing otherwise.

    One call at a program's start lets operators switch the watching on and off without touching the code.

    Args:
        **options: The same as :func:`attach` takes.

    Returns:
        Whether the watching is on.

    Raises:
        ConfigError: An option is unknown or wrong.
    """
    if os.environ.get("ARGUS_AUTO", "").lower() not in ("1", "true", "yes", "on"):
        return False
    global _automatic
    with _lock:
        if _automatic is None:
            from argus.instrumentation.langgraph.attach import attach_all

            _automatic = Service(_observer("auto", options))
            attach_all(_automatic)
    return True


_automatic: Service | None = None


def _observer(caller: str, options: dict[str, Any]) -> Observer:
    try:
        observer = Observer(**options)
    except TypeError as error:
        raise ConfigError(f"argus.{caller}: {error}; it takes the options of ArgusWatcher") from error
    if not _exit_waits:
        atexit.register(_flush_at_exit)
    _exit_waits.append(observer.settings.watcher.flush_at_exit)
    return observer


def _flush_at_exit() -> None:
    if not worker().flush(max(_exit_waits)):
        sys.stderr.write(
            f"argus: {worker().backlog} runs are not analysed yet; the journal keeps them, `argus doctor` stores them\n"
        )
