"""Findings that a team has accepted, in a file that can be read, reviewed and kept beside the code."""

from __future__ import annotations

from typing import Any

import msgspec

from argus.model.gate import Gate
from argus.model.record import Record

__all__ = ["FORMAT", "KnownFinding", "KnownFindings", "json_schema", "known_findings"]

FORMAT = 1
"""The version of the file's shape."""


class KnownFinding(Record, frozen=True, kw_only=True):
    """One accepted finding; only the fingerprint decides, the rest tells people what it stands for.

    Attributes:
        fingerprint: As :class:`argus.model.gate.GateFinding` has it.
        code: The detector's code, or the layer of a finding without one.
        pipeline: The pipeline.
        node: The node.
        field: The field, or None.
        message: The sentence when it was accepted.
    """

    fingerprint: str
    code: str = ""
    pipeline: str = ""
    node: str = ""
    field: str | None = None
    message: str = ""


class KnownFindings(Record, frozen=True, kw_only=True):
    """The file.

    Attributes:
        version: Of its shape.
        findings: By pipeline, node, code and field.
    """

    version: int = FORMAT
    findings: tuple[KnownFinding, ...] = ()

    @property
    def fingerprints(self) -> frozenset[str]:
        """Those of all entries."""
        return frozenset(entry.fingerprint for entry in self.findings)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the file."""
    schema = msgspec.json.schema(KnownFindings)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ARGUS baseline file", **schema}


def known_findings(gate: Gate, before: KnownFindings | None = None) -> KnownFindings:
    """What a baseline file must hold for these runs to pass.

    Entries for findings that did not show up this time are left out, so that the file shrinks as faults are mended.

    Args:
        gate: The answer; its findings that fail it or are known already become entries.
        before: The file so far; what it says of a finding is kept, so that rewriting changes only what is new.
    """
    kept = {entry.fingerprint: entry for entry in before.findings} if before else {}
    entries = {
        found.fingerprint: kept.get(found.fingerprint)
        or KnownFinding(
            fingerprint=found.fingerprint,
            code=found.rule,
            pipeline=found.pipeline_name,
            node=found.node_name,
            field=found.field,
            message=found.message,
        )
        for run in gate.runs
        for found in run.findings
        if found.standing in ("fails", "known")
    }
    ordered = sorted(
        entries.values(), key=lambda one: (one.pipeline, one.node, one.code, one.field or "", one.fingerprint)
    )
    return KnownFindings(findings=tuple(ordered))
