"""Rules as answers: what they look for, whether they are switched on, what they have found so far."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from argus.detectors.manual import Manual
from argus.model.figures import CodeFigures
from argus.server.desk import Desk
from argus.server.problem_answers import Refused
from argus.server.resources.knowledge import Rule, RulePage

__all__ = ["all_rules", "rule_page"]


class _Found(NamedTuple):
    findings: int = 0
    runs: int = 0
    severity: str | None = None


def all_rules(desk: Desk) -> list[Rule]:
    """Every rule, by code.

    Args:
        desk: What the routes work with.
    """
    found = _found(desk.recent_codes())
    return [_rule(desk, page, found) for page in desk.manuals.values()]


def rule_page(desk: Desk, code: str) -> RulePage:
    """One rule.

    Args:
        desk: What the routes work with.
        code: Its code, in any letter case.

    Raises:
        Refused: There is none.
    """
    page = desk.manuals.get(code.upper())
    if page is None:
        near = get_close_matches(code.upper(), desk.manuals, n=1)
        raise Refused(404, f"There is no rule {code!r}.", f"Did you mean {near[0]}?" if near else None)
    parts = [page.summary, *(f"{one.title}\n\n" + "\n\n".join(one.paragraphs) for one in page.sections)]
    return RulePage(
        rule=_rule(desk, page, _found(desk.recent_codes())),
        manual="\n\n".join(parts).replace("``", "`"),
        sections=page.sections,
    )


def _rule(desk: Desk, page: Manual, found: Mapping[str, _Found]) -> Rule:
    known = found.get(page.code, _Found())
    layer = getattr(desk.sources.configuration.settings.detection, page.layer, None)
    return Rule(
        code=page.code,
        name=desk.rule_names[page.code],
        layer=page.layer,
        severity=known.severity,
        precision=None,
        enabled=bool(getattr(layer, "enabled", True)),
        summary=page.summary.replace("``", "`"),
        findings=known.findings,
        runs=known.runs,
    )


def _found(figures: tuple[CodeFigures, ...]) -> dict[str, _Found]:
    """What was found with each code, over all pipelines."""
    found: dict[str, _Found] = {}
    for one in figures:
        known = found.get(one.code, _Found())
        mild = "info" if one.findings > one.critical + one.warning else None
        worst = "critical" if one.critical else "warning" if one.warning else mild
        ranked = [level for level in ("critical", "warning", "info") if level in (worst, known.severity)]
        found[one.code] = _Found(known.findings + one.findings, known.runs + one.runs, ranked[0] if ranked else None)
    return found
