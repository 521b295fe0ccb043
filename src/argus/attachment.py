"""``argus.attach``: watches an app for as long as the process lives, every call a trace of its own."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

from argus._internal.forks import renew_after_fork
from argus.analysis.at_exit import flush_at_exit
from argus.analysis.notice import tell
from argus.analysis.observer import Observer
from argus.analysis.service import Service
from argus.analysis.worker import worker
from argus.errors import ConfigError, NotAvailable, WatcherStateError

__all__ = ["attach", "auto", "detach", "flush"]


class _Attached:
    """The services of this process, by the app they watch; and the one that watches every app, if :func:`auto` did."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.by_app: weakref.WeakKeyDictionary[Any, Service] = weakref.WeakKeyDictionary()
        self.automatic: Service | None = None
        renew_after_fork(self)

    def after_fork(self) -> None:
        self.lock = threading.RLock()


_attached = _Attached()


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
    with _attached.lock:
        if app in _attached.by_app:
            raise WatcherStateError("this app is attached already: call argus.detach(app) before attaching it anew")
        service = Service(_observer("attach", options))
        instrument(app, service)
        _attached.by_app[app] = service
    weakref.finalize(app, service.stop).atexit = False  # an app that nobody holds any more gives its files back
    return app


def detach(app: object) -> None:
    """Ends the watching of an attached app; calls that are running are still recorded to their end.

    Args:
        app: What :func:`attach` returned.

    Raises:
        WatcherStateError: It is not attached.
    """
    from argus.instrumentation.langgraph.attach import detach as uninstrument

    try:
        with _attached.lock:
            service = _attached.by_app.pop(app)
    except (KeyError, TypeError):  # TypeError: no object of this kind can be an app
        raise WatcherStateError("this app is not attached: pass what argus.attach() returned") from None
    service.stop()
    uninstrument(app, service)


def flush(timeout: float | None = None) -> bool:
    """Waits until every finished call is analysed and stored.

    Args:
        timeout: Seconds at most; None waits as long as it takes.

    Returns:
        Whether everything was done in time; False also when a store is away and runs are kept to be stored later.
    """
    return worker().flush(timeout)


def auto(**options: Any) -> bool:
    """Watches every graph that this process compiles from now on, if ``ARGUS_AUTO=1`` is set; does nothing otherwise.

    One call at a program's start lets operators switch the watching on and off without touching the code. Graphs that
    :func:`attach` or a watcher records are left to them, so that no run is recorded twice.

    Args:
        **options: The same as :func:`attach` takes.

    Returns:
        Whether the watching is on. It stays off, and one line on stderr says so, where LangGraph is not installed.

    Raises:
        ConfigError: An option is unknown or wrong.
    """
    if os.environ.get("ARGUS_AUTO", "").strip().lower() not in ("1", "true", "yes", "on"):
        return False
    with _attached.lock:
        if _attached.automatic is None:
            from argus.instrumentation.langgraph.attach import attach_all

            service = Service(_observer("auto", options))
            try:
                attach_all(service, gives_way=True)
            except NotAvailable as error:
                tell(f"argus: ARGUS_AUTO is set, but nothing is watched: {error}\n")
                return False
            _attached.automatic = service
    return True


def _observer(caller: str, options: dict[str, Any]) -> Observer:
    try:
        observer = Observer(**options)
    except TypeError as error:
        raise ConfigError(f"argus.{caller}: {error}; it takes the options of ArgusWatcher") from error
    flush_at_exit(observer.settings)
    return observer
