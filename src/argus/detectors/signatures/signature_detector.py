"""What the detectors of signatures have in common: reading, telling echoes and mended texts apart, reporting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.signatures.passages import Passage
from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature import Kind
from argus.detectors.wording import is_named, owns_up, texts_in
from argus.model.detection import SEVERITIES, Detection, Evidence, Severity
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD, JsonValue

__all__ = ["SignatureDetector", "Verdict", "is_answered_for", "is_node", "milder"]

_SHOWN: Final = 160
_MOST: Final = 5
_HEAD: Final = 60


@dataclass(frozen=True)
class Verdict:
    """What a detector thinks of a passage.

    Attributes:
        what: What it is, to follow "holds": ``a placeholder``.
        words: What gives it away; an excerpt is shown.
        severity: How grave it is.
        confidence: From 0 to 1.
        signature: The id of the signature that fits, empty where code decided.
        proof: The characters that are wrong, however few; a step that was given them passed them on.
    """

    what: str
    words: str
    severity: Severity = "warning"
    confidence: float = 0.9
    signature: str = ""
    proof: str = ""


@dataclass(frozen=True)
class _Sighting:
    passage: Passage
    verdict: Verdict


class SignatureDetector(BaseDetector):
    """Finds one kind of failure in the texts that steps return; subclasses say when a passage is one.

    Attributes:
        kind: The kind of its signatures.
        quiet: Vocabularies of names of fields in which such a text may well stand.
        quiet_nodes: Vocabularies of names of nodes that may well return such a text.
        passes_templates: Whether a text that a template in the step's input has too counts as passed on.
    """

    layer = "structural"
    overrulable = True
    fault = "unusable text"

    kind: ClassVar[Kind]
    quiet: ClassVar[tuple[str, ...]] = ()
    quiet_nodes: ClassVar[tuple[str, ...]] = ()
    passes_templates: ClassVar[bool] = True

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """What a passage is, or None when nothing is wrong with it.

        Args:
            reading: The passage.
            hits: The bundled signatures of this kind that fit it; may be empty.
            readings: All of the run.
        """
        raise NotImplementedError

    def suspects(self, passage: Passage) -> bool:
        """Whether a passage that no signature fits is worth judging; must be cheap.

        Args:
            passage: The passage.
        """
        return False

    def is_passed_on(self, passage: Passage, verdict: Verdict, readings: Readings) -> bool:
        """Whether the step was given what is wrong with a passage.

        Args:
            passage: The passage.
            verdict: What it is.
            readings: All of the run.
        """
        given = readings.given(passage.step)
        if verdict.proof:
            return given.contains(verdict.proof)
        return given.has(verdict.words or passage.bare, templates=self.passes_templates)

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds texts of this kind.

        Args:
            trace: The run.
            context: ``signatures`` and the memo are used.
        """
        readings = Readings.of(trace, context)
        seen: dict[tuple[str, str], list[_Sighting]] = {}
        for reading in readings.all:
            hits = reading.hits.get(self.kind, [])
            if not hits and not self.suspects(reading.passage):
                continue
            verdict = self._judged(reading, hits, readings)
            if verdict is None:
                continue
            passage = reading.passage
            if not (self.is_passed_on(passage, verdict, readings) or _is_made_good(passage, readings.index)):
                seen.setdefault((passage.step.id, passage.field), []).append(_Sighting(passage, verdict))
        return [self._finding(sightings) for sightings in seen.values()]

    def _judged(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        own = [hit for hit in hits if hit.match.signature.tier == "private"]
        if own:  # the user knows what such a text means here
            found = max(own, key=lambda hit: SEVERITIES.index(hit.match.signature.severity)).match.signature
            what = found.note or f"what the signature `{found.id}` describes"
            return Verdict(what, own[0].words, found.severity, 0.9, found.id)
        if reading.passage.named(*self.quiet):
            return None
        if any(is_node(reading.passage.step, words) for words in self.quiet_nodes):
            return None
        return self.judge(reading, hits, readings)

    def _finding(self, sightings: Sequence[_Sighting]) -> Detection:
        ranked = sorted(sightings, key=lambda one: (-SEVERITIES.index(one.verdict.severity), -one.verdict.confidence))
        first = ranked[0]
        passage, verdict = first.passage, first.verdict
        step = passage.step
        where = "" if passage.field == ROOT_FIELD else f" in `{_spelled(passage.path)}`"
        more = f" and {len(ranked) - 1} more times" if len(ranked) > 1 else ""
        details: dict[str, JsonValue] = {
            "kind": self.kind,
            "signature": verdict.signature,
            "paths": [one.passage.path for one in ranked[:50]],
        }
        if any(one.passage.sampled or len(one.passage.parts) > 1 for one in ranked):
            details["sampled"] = True
        note = "; long values were read in an evenly spread sample" if "sampled" in details else ""
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=verdict.severity,
            message=f"`{step.node_name}` returned {verdict.what}{where}{more}: {_excerpt(verdict.words)}{note}",
            step_id=step.id,
            field=passage.field,
            confidence=verdict.confidence,
            details=details,
            evidence=tuple(
                Evidence(step_id=step.id, field=one.passage.path, note=one.verdict.what, value=_cut(one.verdict.words))
                for one in ranked[:_MOST]
            ),
        )


def is_node(step: TraceStep, vocabulary: str) -> bool:
    """Whether a step's node has a word of a vocabulary in its name."""
    return is_named(vocabulary, step.node_name)


def milder(severity: Severity) -> Severity:
    """The severity one step below.

    Args:
        severity: Any; the mildest stays.
    """
    return SEVERITIES[max(0, SEVERITIES.index(severity) - 1)]


def _is_made_good(passage: Passage, index: RunIndex) -> bool:
    """Whether a later step replaced the text: the same node on another round, or another way after a branch."""
    step, name = passage.step, passage.field
    spec = index.fields(step).get(name)
    if spec is not None and spec.reducer is not None:
        return False
    last = index.last_write(step, name)
    if last is None or index.moment(last) <= index.moment(step) or name not in last.input_state:
        return False  # without the field in its state a later step stands beside this one, not after it
    if last.node_name != step.node_name and not _is_branched(step, index):
        return False
    return not _appears(passage.bare, texts_in(last.output_state.get(name)))


def is_answered_for(passage: Passage, readings: Readings) -> bool:
    """Whether what a tool answered was dealt with: it was called again, or somebody owned up to having nothing.

    Args:
        passage: What the tool answered.
        readings: All of the run.
    """
    later = [one for one in readings.index.trace.steps if one.step_number > passage.step.step_number]
    if any(one.node_name == passage.step.node_name for one in later):
        return True
    said = (text for one in later for value in one.output_state.values() for text in texts_in(value))
    return owns_up(text for text in said if passage.bare[:_HEAD] not in text)  # to repeat an error is no answer to it


def _is_branched(step: TraceStep, index: RunIndex) -> bool:
    graph = index.graph(step)
    return graph is not None and any(edge.source == step.node_name and edge.conditional for edge in graph.edges)


def _appears(words: str, texts: Iterable[str]) -> bool:
    return any(words in text for text in texts)


def _spelled(path: str) -> str:
    return path if len(path) <= 80 else f"{path[:40]}…{path[-39:]}"


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"


def _excerpt(words: str) -> str:
    line = " ".join("".join(one if one.isprintable() else " " for one in words[: 2 * _SHOWN]).split())
    return f"“{line if len(line) <= 80 else line[:79] + '…'}”"
