"""Writes the reference pages from the code (``make docs``). A test fails when they are stale."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from program_pages import command_line, python_api

from argus.config.schema import options
from argus.detectors.manual import manuals
from argus.model.codec import json_schema, to_builtins
from argus.model.known_findings import json_schema as baseline_schema
from argus.reports.gate.json import json_schema as check_schema
from argus.reports.summary.document import json_schema as report_schema
from argus.server.openapi import openapi_document
from argus.views.stats_document import json_schema as stats_schema

REFERENCE = Path(__file__).resolve().parent / "reference"
NOTE = "<!-- made by docs/generate.py; do not edit -->\n\n"


def pages() -> Iterator[tuple[str, str]]:
    """Every page: its file name and its text."""
    yield "configuration.md", configuration()
    yield "detectors.md", detectors()
    yield "command-line.md", command_line()
    yield "python-api.md", python_api()
    yield "trace.schema.json", _schema(json_schema())
    yield "check.schema.json", _schema(check_schema())
    yield "baseline.schema.json", _schema(baseline_schema())
    yield "report.schema.json", _schema(report_schema())
    yield "stats.schema.json", _schema(stats_schema())
    yield "openapi.json", _schema(openapi_document())


def configuration() -> str:
    """The table of all options."""
    lines = [
        NOTE + "# Configuration",
        "",
        "`argus.yaml` is looked for from the working folder upwards, to the repository's root or the home folder at",
        "most. Arguments override the environment, which overrides the file, which overrides the defaults. Lists in",
        "the environment are comma-separated or JSON. An unknown key or a wrong value is an error that names file,",
        "line and the nearest valid key.",
        "",
        "| key | default | environment | meaning |",
        "|---|---|---|---|",
    ]
    for option in options().values():
        names = ", ".join(f"`{name}`" for name in option.environment)
        lines.append(f"| `{option.key}` | {_default(option.default)} | {names} | {_cell(option.meaning)} |")
    return "\n".join(lines) + "\n"


def detectors() -> str:
    """The manual pages of all built-in detectors, as ``argus explain`` shows them."""
    lines = [NOTE + "# What is looked for", "", "| code | name | layer | finds |", "|---|---|---|---|"]
    found = manuals()
    lines += [f"| [{m.code}](#{m.code.lower()}) | {m.name} | {m.layer} | {_cell(m.summary)} |" for m in found]
    for manual in found:
        lines += ["", f"## {manual.code}", "", f"**{manual.name}**, {manual.layer}. {_code(manual.summary)}"]
        for section in manual.sections:
            lines += ["", f"*{section.title}.* " + "\n\n".join(_code(part) for part in section.paragraphs)]
    return "\n".join(lines) + "\n"


def _schema(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _default(value: Any) -> str:
    plain = to_builtins(value)
    return "–" if plain in (None, [], {}) else f"`{json.dumps(plain)}`"


def _cell(text: str) -> str:
    return _code(text).replace("|", "\\|")


def _code(text: str) -> str:
    return text.replace("``", "`")


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages():
        (REFERENCE / name).write_text(text, encoding="utf-8")
