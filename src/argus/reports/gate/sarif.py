"""The gate's answer as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from argus._version import __version__
from argus.model.gate import Gate, GateFinding, GateGroup, GateRun
from argus.reports.gate.base import GateContext, RuleText, shortfalls
from argus.reports.gate.places import file_uri, relative_path
from argus.views.json_text import json_text
from argus.views.neutral import neutral

__all__ = ["INCOMPLETE", "render"]

INCOMPLETE = "INCOMPLETE"
"""The rule that a run breaks of which too little is known."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"critical": "error", "warning": "warning", "info": "note"}
_UNKNOWN_FILE = "source-not-recorded"
"""Code scanning refuses a whole file when one result has no place; this one says that there is none."""


def render(gate: Gate, context: GateContext) -> str:
    """The log: one result for each different finding, known and suppressed ones marked as suppressed.

    Args:
        gate: The answer.
        context: The repository's folder and what is known of each code.
    """
    groups = gate.groups()
    dead = [run for run in gate.runs if run.shortfall is not None]
    names = list(dict.fromkeys([*(group.finding.rule for group in groups), *([INCOMPLETE] if dead else [])]))
    index = {name: position for position, name in enumerate(names)}
    levels = {group.finding.rule: _LEVELS[group.finding.severity] for group in reversed(groups)}  # the gravest wins
    run = {
        "tool": {
            "driver": {
                "name": "ARGUS",
                "version": __version__,
                "rules": [_rule(name, levels.get(name, "error"), context.rules.get(name)) for name in names],
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_result(group, index[group.finding.rule], context) for group in groups),
            *(_incomplete(one, index[INCOMPLETE]) for one in dead),
        ],
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str, level: str, known: RuleText | None) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": neutral(name), "defaultConfiguration": {"level": level}}
    if known is not None:
        rule["name"] = known.name
        rule["shortDescription"] = {"text": known.summary}
        rule["fullDescription"] = {"text": known.summary}
        rule["help"] = {"text": known.help}
    else:
        text = (
            "The process ended before the run did, or the run could not be analysed."
            if name == INCOMPLETE
            else f"A finding of the layer {neutral(name)}."
        )
        rule["shortDescription"] = {"text": text}
        rule["help"] = {"text": text}
    return rule


def _result(group: GateGroup, rule: int, context: GateContext) -> dict[str, Any]:
    finding = group.finding
    result: dict[str, Any] = {
        "ruleId": neutral(finding.rule),
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": neutral(finding.message) or neutral(finding.rule)},
        "locations": [_location(finding, context)],
        "partialFingerprints": {"argusFinding/v1": finding.fingerprint},
        "occurrenceCount": group.times,
        "properties": {
            "traceId": neutral(finding.trace_id),
            "pipeline": neutral(finding.pipeline_name),
            "confidence": finding.confidence,
            "runs": group.runs,
        },
    }
    if finding.field is not None:
        result["properties"]["field"] = neutral(finding.field)
    why = neutral(finding.suppressed) if finding.suppressed is not None else "listed in the baseline file"
    if finding.standing in ("known", "suppressed"):
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return result


def _incomplete(run: GateRun, rule: int) -> dict[str, Any]:
    return {
        "ruleId": INCOMPLETE,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": neutral(shortfalls([run])[0])},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _UNKNOWN_FILE}}}],
        "partialFingerprints": {"argusFinding/v1": f"{INCOMPLETE}/{neutral(run.pipeline_name)}"},
        "properties": {"traceId": neutral(run.trace_id), "pipeline": neutral(run.pipeline_name)},
    }


def _location(finding: GateFinding, context: GateContext) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _UNKNOWN_FILE}}
    if finding.file is not None:
        inside = relative_path(finding.file, context.root)
        physical["artifactLocation"] = (
            {"uri": quote(neutral(inside)), "uriBaseId": "%SRCROOT%"} if inside else {"uri": file_uri(finding.file)}
        )
        if finding.line is not None and finding.line > 0:
            physical["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.node_name:
        name = neutral(finding.node_name)
        whole = f"{neutral(finding.pipeline_name)}/{name}"
        location["logicalLocations"] = [
            {"name": name.rpartition("/")[2] or name, "fullyQualifiedName": whole, "kind": "function"}
        ]
    return location
