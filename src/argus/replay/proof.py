"""Blame that is proved: the suspect's output is repaired, the rest runs again, and what was wrong is gone.

That alone proves little: in A → B → C a repair of B clears what A broke, too. So it only counts when no repair of an
earlier step that the suspect's output rests on clears it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from argus.errors import ReplayError
from argus.model.record import Record
from argus.replay.isolation import can_isolate, isolated
from argus.replay.repairs import Repair, Repairs, Source
from argus.replay.replaying import Replay
from argus.replay.result import Change, ReplayResult
from argus.replay.slices import earlier_steps
from argus.replay.verdict import serious
from argus.views.amounts import count

if TYPE_CHECKING:
    from argus.model.detection import Detection
    from argus.model.forensics import Forensics
    from argus.model.trace import Trace, TraceStep

__all__ = ["Attempt", "Proof", "prove"]

TIME_LIMIT: Final = 60.0
"""Seconds that the steps which run again may take, each time."""

_MOST_SUSPECTS: Final = 5
_MOST_EARLIER: Final = 20
_PROVED: Final = 0.98


class Attempt(Record, frozen=True, kw_only=True):
    """A step that was repaired.

    Attributes:
        step_id: The step.
        step_number: Its number.
        node_name: Its node.
        purpose: ``suspect``: it is the one that is tested; ``earlier``: whether an earlier repair clears it, too.
        repaired_with: Where the repair came from; None when there was none.
        told: The repair in a few words, or why there was none.
        changes: What was changed in what it wrote.
        cleared: Whether what was wrong was gone then, and nothing new was wrong.
        reason: Why it was not cleared; empty when it was.
        trace_id: The new run's id, or None.
    """

    step_id: str
    step_number: int
    node_name: str
    purpose: str
    repaired_with: Source | None = None
    told: str = ""
    changes: tuple[Change, ...] = ()
    cleared: bool = False
    reason: str = ""
    trace_id: str | None = None


class Proof(Record, frozen=True, kw_only=True):
    """What was tried, and whether it proves anything.

    Attributes:
        proved: Whether a step is proved to be the cause.
        sentence: What it comes down to.
        step_id: The step that is proved, or None.
        step_number: Its number, or None.
        node_name: Its node, or None.
        attempts: What was tried, in order.
        forensics: The story of the run, with the proof if there is one; None when the run has no story.
    """

    proved: bool
    sentence: str
    step_id: str | None = None
    step_number: int | None = None
    node_name: str | None = None
    attempts: tuple[Attempt, ...] = ()
    forensics: Forensics | None = None


def prove(
    trace: Trace | str,
    app: Any,
    *,
    from_step: int | None = None,
    patch: Mapping[str, Any] | None = None,
    allow_side_effects: bool = False,
    time_limit: float = TIME_LIMIT,
    isolate: bool = True,
    store: bool = True,
    progress: Callable[[Attempt], None] | None = None,
    **options: Any,
) -> Proof:
    """Tries to prove which step caused what is wrong with a run.

    For the suspects in order: what the step wrote is replaced by what it should have written, and what follows runs
    again. It should have written what you say, else what it wrote in a healthy run that was given the same, else what
    the graph declares (a dropped key that is nearly a declared one, a number written as text).

    Args:
        trace: As for :func:`argus.replay`.
        app: As for :func:`argus.replay`.
        from_step: The number of the only step to test; None tests the suspects of the run's forensics.
        patch: What the tested step should have written, by field, over what it wrote; for the first one only.
        allow_side_effects: Whether steps may run again that called tools or models without a record of their HTTP
            traffic.
        time_limit: Seconds for the steps that run again, each time.
        isolate: Whether they run in a process of their own, which can hang or die without harm. Only systems that can
            copy a process can.
        store: Whether the run's forensics and the replay that proves it are stored.
        progress: Called after each attempt.
        **options: As for :func:`argus.replay`.

    Raises:
        ReplayError: The run cannot be replayed, has no findings, or has side effects that were not allowed.
    """
    replaying = Replay(trace, app, **options)
    try:
        prover = _Prover(replaying, isolate and can_isolate(), time_limit, progress)
        suspects = prover.suspects(from_step)
        if not allow_side_effects:
            _require_harmless(replaying.recorded, suspects)
        chosen = (suspects[0].id, dict(patch)) if patch else None
        proof = prover.prove(suspects, Repairs(replaying.record, replaying.observer.open_store(), chosen))
        if store and proof.proved:
            prover.keep(proof)
    finally:
        replaying.close()
    return proof


class _Prover:
    def __init__(
        self, replaying: Replay, isolate: bool, time_limit: float, progress: Callable[[Attempt], None] | None
    ) -> None:
        self._replaying = replaying
        self._trace = replaying.recorded
        self._isolate = isolate
        self._time_limit = time_limit
        self._progress = progress
        self._attempts: list[Attempt] = []
        self._known: dict[str, bool] = {}
        self._cleared_by: dict[str, Trace] = {}
        self._symptoms = _symptoms(self._trace)
        if not self._symptoms:
            raise ReplayError(f"nothing serious was found in the run {self._trace.id}, so there is nothing to prove")

    def suspects(self, from_step: int | None) -> list[TraceStep]:
        """The steps to test, the likeliest first."""
        if from_step is not None:
            from argus.replay.choosing import chosen_step

            return [chosen_step(self._trace, from_step)]
        told = self._trace.forensics
        ids = [told.root_cause_step, *(one.step_id for one in told.suspects)] if told is not None else []
        found = [self._trace.step(one) for one in dict.fromkeys(ids) if one is not None]
        steps = [step for step in found if step is not None][:_MOST_SUSPECTS]
        if not steps:
            raise ReplayError("no step is suspected; choose one to test with --from-step")
        return steps

    def prove(self, suspects: list[TraceStep], repairs: Repairs) -> Proof:
        """Tests the suspects in order until one is proved."""
        for suspect in suspects:
            if not self._clears(suspect, repairs, "suspect"):
                continue
            earlier = earlier_steps(self._trace, suspect)[:_MOST_EARLIER]
            if not any(self._clears(step, repairs, "earlier") for step in earlier):
                return self._proved(suspect)
        return self._not_proved(suspects)

    def keep(self, proof: Proof) -> None:
        """Stores the forensics with the proof, and the replay that gave it."""
        store = self._replaying.observer.finalizer.store
        replayed = self._cleared_by.get(proof.step_id or "")
        if replayed is not None:
            facts = {"trace": self._trace.id, "step": proof.step_number, "proved": True}
            store(replace(replayed, metadata={**replayed.metadata, "proof": facts}))
        if proof.forensics is not None:
            store(replace(self._trace, forensics=proof.forensics))

    def _clears(self, step: TraceStep, repairs: Repairs, purpose: str) -> bool:
        if step.id in self._known:
            return self._known[step.id]
        base = Attempt(step_id=step.id, step_number=step.step_number, node_name=step.node_name, purpose=purpose)
        tried = False
        for repair in repairs.of(step):
            tried = True
            attempt = self._tried(base, step, repair)
            self._tell(attempt)
            if attempt.cleared:
                break
        else:
            attempt = base
        if not tried:
            self._tell(replace(base, told="nothing is known that it should have written instead"))
        self._known[step.id] = attempt.cleared
        return attempt.cleared

    def _tell(self, attempt: Attempt) -> None:
        self._attempts.append(attempt)
        if self._progress is not None:
            self._progress(attempt)

    def _tried(self, base: Attempt, step: TraceStep, repair: Repair) -> Attempt:
        attempt = replace(base, repaired_with=repair.source, told=repair.told)

        def work() -> ReplayResult:
            return self._replaying.with_update(step, repair.update, repair.beside, repair.later, repair.tasks)

        try:
            if self._isolate:
                data = isolated(lambda: msgspec.json.encode(work()), self._time_limit)
                result = msgspec.json.decode(data, type=ReplayResult)
            else:
                result = work()
        except ReplayError as error:
            return replace(attempt, reason=str(error))
        reason = self._not_cleared(result)
        if not reason:
            self._cleared_by[step.id] = result.trace
        return replace(attempt, changes=result.changes, cleared=not reason, reason=reason, trace_id=result.trace.id)

    def _not_cleared(self, result: ReplayResult) -> str:
        """Why a replay did not clear what was wrong; empty when it did."""
        had = {_key(self._trace, one) for one in serious(self._trace)}
        now = {_key(result.trace, one): one for one in _of_content(serious(result.trace))}
        left = [key for key in now if key in self._symptoms]
        if left:
            return f"still there: {now[left[0]].message}"
        new = [key for key in now if key not in had]
        if new:
            return f"new: {now[new[0]].message}"
        return ""

    def _proved(self, step: TraceStep) -> Proof:
        number = sum(1 for one in self._attempts if one.purpose == "earlier" and one.repaired_with is not None)
        others = f", and repairing {count(number, 'earlier step')} did not" if number else ""
        sentence = (
            f"Proved: with the output of step {step.step_number}, `{step.node_name}`, repaired, what was wrong is gone"
            f"{others}."
        )
        told = self._trace.forensics
        if told is not None:
            told = replace(
                told,
                root_cause_step=step.id,
                proof="counterfactual",
                confidence=max(told.confidence, _PROVED),
                explanation=told.explanation if told.root_cause_step == step.id else sentence,
            )
        return Proof(
            proved=True,
            sentence=sentence,
            step_id=step.id,
            step_number=step.step_number,
            node_name=step.node_name,
            attempts=tuple(self._attempts),
            forensics=told,
        )

    def _not_proved(self, suspects: list[TraceStep]) -> Proof:
        cleared = [one for one in self._attempts if one.cleared]
        earlier = [one for one in cleared if one.purpose == "earlier"]
        if earlier:
            first = earlier[0]
            why = f"repairing the earlier step {first.step_number}, `{first.node_name}`, clears it as well"
        elif all(one.repaired_with is None for one in self._attempts):
            why = "nothing is known that the suspects should have written instead; give it with --patch"
        else:
            why = f"no repair of {count(len(suspects), 'suspect')} cleared it"
        return Proof(
            proved=False,
            sentence=f"Not proved: {why}.",
            attempts=tuple(self._attempts),
            forensics=self._trace.forensics,
        )


def _symptoms(trace: Trace) -> set[tuple[str, str | None, str | None]]:
    explained = set(trace.forensics.detection_ids) if trace.forensics is not None else set()
    found = _of_content(serious(trace))
    chosen = [one for one in found if one.id in explained] or found
    return {_key(trace, one) for one in chosen}


def _of_content(findings: Iterable[Detection]) -> list[Detection]:
    """Findings that do not rest on how long something took, which no repair of values can mend."""
    return [one for one in findings if one.details.get("metric") != "execution_time"]


def _key(trace: Trace, finding: Detection) -> tuple[str, str | None, str | None]:
    step = trace.step(finding.step_id)
    return finding.code or finding.layer, step.node_name if step else None, finding.field


def _require_harmless(trace: Trace, suspects: list[TraceStep]) -> None:
    """Refuses to run steps again that did something to the outside world of which there is no record to serve."""
    begins = min(step.step_number for step in suspects)
    risky = [
        step
        for step in trace.steps
        if step.step_number > begins and (step.tool_calls or step.llm_calls) and not step.http_exchanges
    ]
    if risky:
        named = ", ".join(f"{step.step_number} (`{step.node_name}`)" for step in risky[:5])
        raise ReplayError(
            f"the steps {named} called tools or models, of whose traffic there is no record, so they would do so "
            "again: record the run with `record_http`, or allow it with --allow-side-effects"
        )
