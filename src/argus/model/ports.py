"""The openings through which layers that must not import each other still meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from argus.model.habits import RunHabits
    from argus.model.judgement import Question, Verdict
    from argus.model.profile import Profile
    from argus.model.served import TaskPlan
    from argus.model.values import State

__all__ = ["Embedder", "History", "Judge", "Replayer"]


@runtime_checkable
class Embedder(Protocol):
    """Text to vectors."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length for each text; a text without known words gives a row of zeros.

        Args:
            texts: Any strings.

        Returns:
            An array of shape (len(texts), dimensions).
        """
        ...


class Judge(Protocol):
    """Someone who reads a run and says what is wrong in it."""

    @property
    def name(self) -> str:
        """Who it is, such as the model's name."""
        ...

    def judge(self, question: Question) -> Verdict:
        """The verdict.

        Args:
            question: What is asked.

        Raises:
            NotAvailable: It cannot be asked now, or makes no sense.
        """
        ...


class History(Protocol):
    """What earlier healthy runs of the same pipeline and graph version say; the trace at hand never counts."""

    def runs(self) -> int:
        """How many earlier healthy runs are known, counted up to a bound."""
        ...

    def samples(self, metric: str, node_name: str) -> Sequence[float]:
        """Values of a metric at a node in earlier healthy runs, newest first, bounded.

        Args:
            metric: ``execution_time`` (milliseconds per step), ``output_length`` (characters of the update's JSON),
                ``token_count`` (tokens per step) or ``retry_count`` (attempts beyond the first, per run).
            node_name: The node.
        """
        ...

    def habits(self) -> RunHabits:
        """What the newest of those runs have in common, bounded; without any, habits of zero runs."""
        ...

    def profile(self) -> Profile:
        """What all runs that taught have shown, whenever they started; without any, a profile of zero runs.

        It is kept up to date while runs are stored, so that it outlives them, and costs one reading, not one per run.
        """
        ...


class Replayer(Protocol):
    """Says, while a graph runs again, which of its tasks are served from a record."""

    def enters(self, outer: TaskPlan | None) -> object:
        """A graph is called.

        Args:
            outer: The plan of the task that calls it; None for the caller's own call.

        Returns:
            What stands for the call in :meth:`plan`.
        """
        ...

    def plan(self, call: object, *, node: str, superstep: int, sent: int | None) -> TaskPlan:
        """What is to happen with a task that begins; asked again for each attempt.

        Args:
            call: From :meth:`enters`.
            node: The task's node.
            superstep: LangGraph's number of the superstep.
            sent: Its place among the ``Send`` of the superstep; None when an edge started it.

        Raises:
            ReplayError: The run has left the record where it must not.
        """
        ...

    def answer(self, plan: TaskPlan, *, name: str, given: object) -> State | None:
        """What the record answers for a task of the functional API; None has it run.

        Args:
            plan: Of the entrypoint that calls it.
            name: The task.
            given: Its arguments by name.
        """
        ...

    def needs(self, path: str) -> bool:
        """Whether code that is going to run may read a part of the state.

        Args:
            path: A field, or a dotted path into it.
        """
        ...

    def ended(self, plan: TaskPlan, *, number: int, node: str, outcome: str, error: object, wall_ns: int) -> None:
        """A task has ended.

        Args:
            plan: From :meth:`plan`.
            number: Its step's number in the new run.
            node: Its node.
            outcome: How it ended.
            error: What left it, or None.
            wall_ns: How long it took; of a served task, how long it took when it was recorded.
        """
        ...
