"""The gate's answer as JUnit XML: a suite for each pipeline, a test case for each run."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from argus.model.gate import Gate, GateFinding, GateRun
from argus.reports.gate.base import GateContext, shortfalls, title
from argus.reports.gate.places import relative_path
from argus.views.neutral import neutral

__all__ = ["render"]

_MS_PER_S = 1000.0


def render(gate: Gate, context: GateContext) -> str:
    """The document, in the structure that Jenkins, GitLab and others read.

    Args:
        gate: The answer.
        context: The repository's folder.
    """
    suites: dict[str, list[GateRun]] = {}
    for run in gate.runs:
        suites.setdefault(run.pipeline_name, []).append(run)
    counts = f'tests="{len(gate.runs)}" failures="{gate.failed_runs}" errors="0" time="{_seconds(gate.runs)}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="argus" {counts}>']
    for name, runs in suites.items():
        lines += _suite(name, runs, context)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(name: str, runs: list[GateRun], context: GateContext) -> list[str]:
    failed = sum(not run.passed for run in runs)
    first = min(run.created_at for run in runs).strftime("%Y-%m-%dT%H:%M:%S")
    lines = [
        f'  <testsuite name={_attribute(name)} tests="{len(runs)}" failures="{failed}" errors="0" skipped="0"'
        f' time="{_seconds(runs)}" timestamp="{first}">'
    ]
    for run in runs:
        lines += _case(run, context)
    return [*lines, "  </testsuite>"]


def _case(run: GateRun, context: GateContext) -> list[str]:
    head = f"    <testcase classname={_attribute(run.pipeline_name)} name={_attribute(f'run {run.trace_id}')}"
    head += f' time="{_seconds([run])}"'
    failing = [finding for finding in run.findings if finding.standing == "fails"]
    others = [finding for finding in run.findings if finding.standing != "fails"]
    inner = []
    if not run.passed:
        told = [*(_line(finding, context) for finding in failing), *shortfalls([run])]
        kind = failing[0].rule if failing else "incomplete"
        text = "\n".join([run.summary, *told, f"argus trace {run.trace_id}"])
        message = failing[0].message if failing else told[-1]
        inner.append(f"      <failure message={_attribute(message)} type={_attribute(kind)}>{_text(text)}</failure>")
    if others:
        inner.append(f"      <system-out>{_text(chr(10).join(_line(one, context) for one in others))}</system-out>")
    return [f"{head}>", *inner, "    </testcase>"] if inner else [f"{head}/>"]


def _line(finding: GateFinding, context: GateContext) -> str:
    place = ""
    if finding.file is not None:
        file = relative_path(finding.file, context.root) or finding.file
        place = f" ({file}:{finding.line})" if finding.line else f" ({file})"
    standing = "" if finding.standing == "fails" else f"{finding.standing}: "
    return f"{standing}{finding.severity} {title(finding)}{place}: {finding.message}"


def _attribute(text: str) -> str:
    return quoteattr(neutral(text))


def _text(text: str) -> str:
    return escape("\n".join(neutral(line) for line in text.split("\n")))


def _seconds(runs: list[GateRun] | tuple[GateRun, ...]) -> str:
    return f"{sum(run.duration_ms for run in runs) / _MS_PER_S:.3f}"
