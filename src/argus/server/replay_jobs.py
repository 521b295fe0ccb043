"""Replays in processes of their own: started, followed through what they print, ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import IO, Any, Final

from msgspec.structs import replace

from argus._internal.ids import RandomIds
from argus.server.live.ring import Ring
from argus.server.problem_answers import Refused
from argus.server.resources.replays import NewReplay, Replay, ReplayNews, ReplayStep
from argus.server.sources import Sources

__all__ = ["ReplayJobs"]

_AT_ONCE: Final = 2
_KEPT: Final = 50
_PATIENCE_S: Final = 3.0
_LINES_OF_ERROR: Final = 20
_LONGEST_LINE: Final = 20_000
_VERDICTS: Final = ("resolved", "not_resolved", "different")


class ReplayJobs:
    """The replays of one server. The only app that is ever run is the one named at its start.

    Args:
        sources: What the server answers from.
        ended: Called when one has ended and runs may have changed.
    """

    def __init__(self, sources: Sources, ended: Callable[[], None]) -> None:
        self._sources = sources
        self._ended = ended
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._closed = False

    def start(self, wanted: NewReplay, trace_id: str) -> Replay:
        """Starts a replay.

        Args:
            wanted: What was asked for.
            trace_id: The full id of the run.

        Raises:
            Refused: There is no app to run, or enough are running.
        """
        app = self._sources.app
        if app is None:
            raise Refused(
                409,
                "The server was started without --app, so it does not know what to run.",
                "Start it again with: argus ui --app module:attribute",
            )
        patch = None if not wanted.patch else json.dumps(wanted.patch)
        words = ["replay", trace_id, "--app", app]
        words += ["--from-step", str(wanted.from_step)] if wanted.from_step is not None else []
        words += ["--prove"] if wanted.prove else []
        shown = self._sources.command(*words, *(["--patch", patch] if patch else []))
        first = Replay(
            job=RandomIds().trace_id(),
            trace_id=trace_id,
            status="running",
            from_step=wanted.from_step,
            command=shown,
            proving=wanted.prove,
            started_at=self._sources.clock.now(),
        )
        with self._lock:
            if self._closed or sum(1 for job in self._jobs.values() if job.is_running) >= _AT_ONCE:
                raise Refused(429, f"{_AT_ONCE} replays are running already.", "Wait for one of them, or end it.")
            job = _Job(first, self._sources, [*words, *(["--patch", "-"] if patch else [])], patch, self._ended)
            self._jobs[first.job] = job
            while len(self._jobs) > _KEPT:
                oldest = next(iter(self._jobs))
                if self._jobs[oldest].is_running:
                    break
                del self._jobs[oldest]
        return job.state

    def get(self, job_id: str) -> Replay:
        """How far a replay is.

        Args:
            job_id: Its id.

        Raises:
            Refused: There is none.
        """
        return self._job(job_id).state

    def follow(self, job_id: str) -> Ring[ReplayNews]:
        """What happens in a replay, from its beginning.

        Args:
            job_id: Its id.

        Raises:
            Refused: There is none.
        """
        return self._job(job_id).ring

    def cancel(self, job_id: str) -> Replay:
        """Ends a replay; one that has ended stays as it is.

        Args:
            job_id: Its id.

        Raises:
            Refused: There is none.
        """
        job = self._job(job_id)
        job.cancel()
        return job.state

    def close(self) -> None:
        """Ends all of them."""
        self._closed = True
        for job in list(self._jobs.values()):
            job.cancel()

    def _job(self, job_id: str) -> _Job:
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise Refused(404, f"There is no replay {job_id!r}.")
        return job


class _Job:
    """One replay and its process."""

    def __init__(
        self, first: Replay, sources: Sources, words: Sequence[str], patch: str | None, told: Callable[[], None]
    ) -> None:
        self._tell = told
        self._lock = threading.Lock()
        self._sources = sources
        self._state = first
        self._steps: list[ReplayStep] = []
        self._cancelled = False
        self._said: list[str] = []
        self.ring: Ring[ReplayNews] = Ring(first.job)
        self.ring.add(ReplayNews(job=first.job, status="running"))
        self._process = subprocess.Popen(  # noqa: S603 - our own program; what was asked for is one word, never a line
            [sys.executable, "-m", "argus", *words, "--json", "--progress", "jsonl", *sources.options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **sources.environment},
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        threading.Thread(target=self._follow, args=(patch,), name=f"argus-replay-{first.job}", daemon=True).start()

    @property
    def state(self) -> Replay:
        """How far it is."""
        with self._lock:
            return replace(self._state, steps=tuple(self._steps))

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self._state.status == "running"

    def cancel(self) -> None:
        """Ends the process and all that it started."""
        if not self.is_running:
            return
        self._cancelled = True
        self._signal(signal.SIGTERM)
        killer = threading.Timer(_PATIENCE_S, self._signal, (signal.SIGKILL,))
        killer.daemon = True
        killer.start()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._process.poll() is None:
                os.killpg(self._process.pid, number)

    def _follow(self, patch: str | None) -> None:
        with self._process as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            told = threading.Thread(target=self._listen, args=(process.stderr,), daemon=True)
            told.start()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(patch or "")
                process.stdin.close()
            document = _document(process.stdout.read())
            told.join()
            code = process.wait()
        ended = self._ended(code, document)
        with self._lock:
            self._state, self._steps = ended, list(ended.steps)
        self._tell()
        self.ring.add(ReplayNews(job=ended.job, status=ended.status))
        self.ring.close()

    def _listen(self, lines: IO[str]) -> None:
        while line := lines.readline(_LONGEST_LINE):
            step = _step(line)
            if step is None:
                self._said = [*self._said, line.rstrip()][-_LINES_OF_ERROR:]
                continue
            with self._lock:
                self._steps.append(step)
            self.ring.add(ReplayNews(job=self._state.job, status="running", step=step))

    def _ended(self, code: int, document: dict[str, Any] | None) -> Replay:
        state = replace(self.state, ended_at=self._sources.clock.now())
        if self._cancelled and document is None:
            return replace(state, status="cancelled")
        if code not in (0, 1) or document is None:
            lines = [line.removeprefix("argus: ").strip() for line in self._said]
            return replace(state, status="failed", error="\n".join(lines) or f"The replay ended with exit code {code}.")
        verdict, new = document.get("verdict"), document.get("trace_id")
        steps = tuple(step for one in document.get("steps", ()) if (step := _step_of(one)) is not None)
        return replace(
            state,
            status="done",
            verdict=verdict if verdict in _VERDICTS else None,
            sentence=str(document.get("sentence", "")),
            proved=bool(document.get("proved")) if state.proving else None,
            new_trace_id=new if isinstance(new, str) else None,
            from_step=started if isinstance(started := document.get("from_step"), int) else state.from_step,
            steps=steps or state.steps,
            result={key: value for key, value in document.items() if key not in ("comparison", "steps")},
        )


def _document(printed: str) -> dict[str, Any] | None:
    """The document that the program ended with; what the pipeline itself printed stands before it."""
    start = 0 if printed.startswith("{\n") else printed.rfind("\n{\n") + 1
    try:
        document = json.loads(printed[start:])
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and {"verdict", "proved"} & document.keys() else None


def _step(line: str) -> ReplayStep | None:
    if not line.startswith('{"event"'):
        return None
    try:
        return _step_of(json.loads(line))
    except (ValueError, RecursionError):
        return None


def _step_of(told: Any) -> ReplayStep | None:
    try:
        source = told["source"]
        return ReplayStep(
            step_number=int(told["step_number"]),
            node=str(told.get("node", told.get("node_name"))),
            outcome=str(told["outcome"]),
            duration_ms=float(told["duration_ms"]),
            source=source if source in ("ran", "served", "entered") else "ran",
            recorded=told.get("recorded") if isinstance(told.get("recorded"), int) else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
