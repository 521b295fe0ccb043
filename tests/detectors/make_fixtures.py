"""Writes the traces under ``tests/detectors/<layer>/<slug>/{fires,silent}/`` from the scenarios beside this file.

Histories that scenarios share are written once, one run in a line, to ``tests/detectors/<layer>/<slug>/earlier/``.

Run ``python tests/detectors/make_fixtures.py`` after changing a scenario, and review the difference like code.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path

import msgspec

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from scenarios.kit import SCENARIOS, Scenario  # noqa: E402  (the path is set just above)


def load_scenarios() -> list[Scenario]:
    """All scenarios, from every module of the folder."""
    for file in sorted((HERE / "scenarios").glob("*.py")):
        if file.stem != "kit":
            importlib.import_module(f"scenarios.{file.stem}")
    return SCENARIOS


def document(scenario: Scenario, earlier: str | None) -> bytes:
    """A scenario as it is stored; ``earlier`` names the file of the runs that came before."""
    parts = {"about": scenario.about, "trace": _slim(scenario.trace)}
    if scenario.history:
        parts["history"] = scenario.history
    if earlier is not None:
        parts["earlier"] = earlier
    if scenario.verdict is not None:
        parts["verdict"] = _slim(scenario.verdict)
    for name in ("habits", "settings", "validators"):
        if getattr(scenario, name):
            parts[name] = getattr(scenario, name)
    return msgspec.json.format(msgspec.json.encode(parts), indent=1) + b"\n"


def _slim(value: object) -> object:
    """Records without the attributes that have their default, so that a fixture shows what matters."""
    if isinstance(value, msgspec.Struct):
        given = {
            field.name: getattr(value, field.name) for field in msgspec.structs.fields(value) if _is_given(value, field)
        }
        return {name: _slim(one) for name, one in given.items()}
    return [_slim(one) for one in value] if isinstance(value, tuple) else value


def _is_given(record: msgspec.Struct, field: msgspec.structs.FieldInfo) -> bool:
    default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return bool(getattr(record, field.name) != default)


def main() -> None:
    """Writes every fixture, and removes those of scenarios that are gone."""
    for layer in ("structural", "behavioral", "statistical", "semantic", "signatures"):
        shutil.rmtree(HERE / layer, ignore_errors=True)
    expected: dict[Path, list[str]] = {}
    histories: dict[Path, dict[bytes, str]] = {}
    for scenario in load_scenarios():
        detector = HERE / scenario.layer / scenario.slug
        folder = detector / ("fires" if scenario.expected else "silent")
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _shared(detector / "earlier", scenario, histories) if scenario.earlier else None
        (folder / f"{scenario.name}.json").write_bytes(document(scenario, earlier))
        if scenario.expected:
            expected.setdefault(folder, []).extend(f"{scenario.name}: {line}" for line in scenario.expected)
    for folder, lines in expected.items():
        (folder / "expected.txt").write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")


def _shared(folder: Path, scenario: Scenario, histories: dict[Path, dict[bytes, str]]) -> str:
    """Writes a scenario's history where it is new; the name of its file, that of the scenario which came first."""
    lines = b"".join(msgspec.json.encode(_slim(trace)) + b"\n" for trace in scenario.earlier)
    known = histories.setdefault(folder, {})
    if lines not in known:
        known[lines] = scenario.name
        folder.mkdir(exist_ok=True)
        (folder / f"{scenario.name}.jsonl").write_bytes(lines)
    return known[lines]


if __name__ == "__main__":
    main()
