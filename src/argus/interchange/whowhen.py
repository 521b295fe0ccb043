"""Records of the Who&When collection: failed runs of several agents, each with the agent and the step to blame.

Zhang et al., "Which Agent Causes Task Failures and When?", ICML 2025, arXiv 2505.00212. A record is a JSON object with
``history`` (messages with ``content``, ``role`` and perhaps ``name``), ``question``, and the labels ``mistake_agent``
and ``mistake_step``, the place in ``history`` counted from 0. Labels and the right answer never enter the trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings
from argus.errors import InterchangeError
from argus.interchange.conversation import Message, conversation_trace
from argus.interchange.json_lines import read_records
from argus.interchange.limits import ImportLimits, safe_id
from argus.model.trace import Trace

__all__ = ["LabelledRun", "labelled_run", "read_whowhen"]

_ROLE = re.compile(r"([^()]{1,200}?)\s*\((?:->\s*([^()]{1,200})|[^()]{0,200})\)")
_ANONYMOUS: Final = "unknown"


@dataclass(frozen=True)
class LabelledRun:
    """A failed run, and who is to blame.

    Attributes:
        trace: The run, without its labels.
        agent: The agent to blame.
        step_number: The step to blame, from 1; None when the label names no step of the run.
    """

    trace: Trace
    agent: str
    step_number: int | None


def read_whowhen(path: Path, limits: ImportLimits | None = None) -> Iterator[LabelledRun]:
    """The runs of a file, one at a time.

    Args:
        path: JSON Lines, plain or gzipped.
        limits: What the file may hold; the usual limits when None.

    Raises:
        InterchangeError: The file or a record is not what it should be, or goes beyond a limit.
    """
    limits = limits or ImportLimits()
    for number, record in read_records(path, limits):
        yield labelled_run(record, f"{path.name}, line {number}", limits)


def labelled_run(record: dict[str, Any], where: str, limits: ImportLimits | None = None) -> LabelledRun:
    """One record as a trace with its labels beside it.

    Args:
        record: A decoded record.
        where: What to call it in a message, and what its id is made from where it has none that can be used.
        limits: What it may hold; the usual limits when None.

    Raises:
        InterchangeError: It is not such a record, or goes beyond a limit.
    """
    limits = limits or ImportLimits()
    history, agent = record.get("history"), record.get("mistake_agent")
    if not isinstance(history, list) or not history or not isinstance(agent, str):
        raise InterchangeError(f"{where}: this is no Who&When record; it needs `history` and `mistake_agent`")
    if len(history) > limits.max_steps:
        raise InterchangeError(f"{where}: it has {len(history):,} messages; at most {limits.max_steps:,}")
    redactor = Redactor(SecuritySettings())
    messages = [_message(one, f"{where}, message {place}", redactor) for place, one in enumerate(history)]
    question = record.get("question")
    trace = conversation_trace(
        messages,
        trace_id=safe_id(record.get("question_ID"), where),
        pipeline_name="whowhen",
        question=redactor.text(question) if isinstance(question, str) else "",
        wrong_answer=record.get("is_correct") is not True and record.get("is_corrected") is not True,
        metadata={"imported_from": "whowhen"},
    )
    return LabelledRun(trace, agent, _step_number(record.get("mistake_step"), len(history)))


def _message(one: Any, where: str, redactor: Redactor) -> Message:
    if not isinstance(one, dict) or not isinstance(one.get("content"), str):
        raise InterchangeError(f"{where}: a message is an object with a text in `content`")
    role = one["role"] if isinstance(one.get("role"), str) else ""
    name = one.get("name")
    content = redactor.text(one["content"])
    if isinstance(name, str) and name.strip():
        return Message(agent=name.strip()[:200], content=content, role=role)
    told = _ROLE.fullmatch(role.strip())
    if told is None:
        return Message(agent=role.strip()[:200] or _ANONYMOUS, content=content, role=role)
    return Message(agent=told[1], content=content, role=role, to=told[2])


def _step_number(label: Any, steps: int) -> int | None:
    try:
        place = int(label)
    except (TypeError, ValueError):
        return None
    return place + 1 if 0 <= place < steps else None
