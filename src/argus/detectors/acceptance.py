"""What a detector handed back, checked before anything else sees it."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import msgspec

from argus.detectors.base import BaseDetector
from argus.model.decoding import convert
from argus.model.detection import Detection

__all__ = ["accept"]


def accept(result: object, detector: BaseDetector, step_ids: Collection[str]) -> tuple[list[Detection], list[str]]:
    """Sorts a detector's result into findings and complaints.

    Args:
        result: What ``run`` returned, of any type.
        detector: Whose result it is; its code fills in for an empty one.
        step_ids: The ids of the trace's steps. In a trace without steps a finding has the empty id.

    Returns:
        The findings that hold, and one line for each thing wrong with the others.
    """
    if not isinstance(result, list | tuple):
        return [], [f"returned {_article(result)} instead of a list of findings"]
    findings: list[Detection] = []
    complaints: list[str] = []
    for number, item in enumerate(result, start=1):
        checked = _checked(item, detector, step_ids)
        if isinstance(checked, Detection):
            findings.append(checked)
        else:
            complaints.append(f"finding {number} {checked}")
    return findings, complaints


def _checked(item: Any, detector: BaseDetector, step_ids: Collection[str]) -> Detection | str:
    if not isinstance(item, Detection):
        return f"is {_article(item)}, not a Detection"
    try:
        # The way out and back checks every type, severities included, and leaves nothing but plain values.
        finding = convert(msgspec.to_builtins(item), Detection)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as error:
        return f"is not well formed: {error}"
    if finding.step_id not in step_ids and (step_ids or finding.step_id):
        return f"names the step {finding.step_id!r}, which the trace does not have"
    if not (math.isfinite(finding.confidence) and 0 <= finding.confidence <= 1):
        return f"has the confidence {finding.confidence!r}; it must lie between 0 and 1"
    if not finding.layer or not finding.message:
        return "lacks a layer or a message"
    if not finding.code and detector.code:
        return msgspec.structs.replace(finding, code=detector.code)
    return finding


def _article(thing: object) -> str:
    return "None" if thing is None else f"a {type(thing).__name__}"
