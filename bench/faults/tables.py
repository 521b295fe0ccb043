"""Prints the score."""

from __future__ import annotations

from collections.abc import Iterable

from bench.faults.scoring import Score, Verdict

Scores = dict[tuple[str, int], Score]


def overview(scores: Scores) -> Iterable[str]:
    yield (
        f"{'part':<10} {'history':>7} {'faults':>7} {'found':>14} {'of visible*':>14} {'blamed':>14} "
        f"{'false alarms':>15} {'only exceptions':>17} {'crash site':>11}"
    )
    for (part, history), score in scores.items():
        visible = score.visible
        yield (
            f"{part:<10} {history:>7} {len(score.verdicts):>7} {_share(score.found, len(score.verdicts)):>14} "
            f"{_share(sum(v.found for v in visible), len(visible)):>14} {_share(score.blamed, score.found):>14} "
            f"{_share(len(score.false_alarms), len(score.healthy)):>15} "
            f"{_share(score.raised, len(score.verdicts)):>17} "
            f"{_share(sum(v.crash_site_is_right for v in score.verdicts), score.raised):>11}"
        )
    yield "* faults that can be seen without history; blamed: of those found; crash site: of those that raise"


def kinds(scores: Scores) -> Iterable[str]:
    """Per kind: found without and with history, and found by exceptions alone."""
    yield from _per_group("kind", scores, {key: score.by_kind() for key, score in scores.items()})


def layers(scores: Scores) -> Iterable[str]:
    """Per layer that it takes to see a fault."""
    yield from _per_group("layer", scores, {key: score.by_layer() for key, score in scores.items()})


def graphs(scores: Scores) -> Iterable[str]:
    yield from _per_group("graph", scores, {key: score.by_graph() for key, score in scores.items()})


def _per_group(title: str, scores: Scores, groups: dict[tuple[str, int], dict[str, list[Verdict]]]) -> Iterable[str]:
    columns = list(scores)
    heads = "".join(f"{part[:6] + ' h' + str(history):>22}" for part, history in columns)
    yield f"{title:<24}{heads}{'raise':>8}"
    for name in sorted({name for grouped in groups.values() for name in grouped}):
        cells, raised = "", 0
        for key in columns:
            verdicts = groups[key].get(name, [])
            found = sum(verdict.found for verdict in verdicts)
            blamed = sum(verdict.blame_is_right for verdict in verdicts)
            cells += f"{f'{found}/{len(verdicts)} blamed {blamed}' if verdicts else '-':>22}"
            raised = max(raised, sum(verdict.raised for verdict in verdicts))
        yield f"{name:<24}{cells}{raised:>8}"


def detectors(score: Score) -> Iterable[str]:
    yield f"{'code':<10} {'true':>6} {'false':>6} {'precision':>10} {'recall in layer':>16} {'found alone':>12}"
    for one in score.by_detector():
        precision = "-" if one.precision is None else f"{one.precision:.2f}"
        recall = "-" if one.recall is None else f"{one.recall:.2f}"
        yield f"{one.code:<10} {one.true:>6} {one.false:>6} {precision:>10} {recall:>16} {one.alone:>12}"
        if one.must_be_mild:
            yield f"{'':<10} ^ less than 0.9 of at least 20 firings are right: this one should speak as info"


def distances(score: Score) -> Iterable[str]:
    """Blame by the distance from the culprit to the first finding."""
    buckets: dict[str, list[Verdict]] = {}
    for verdict in score.verdicts:
        if verdict.found:
            steps = verdict.distance
            name = "unknown" if steps is None else str(steps) if steps < 4 else "4 and more"
            buckets.setdefault(name, []).append(verdict)
    yield f"{'steps to symptom':<18} {'found':>6} {'blamed right':>14} {'blamed nobody':>14} {'crash site right':>18}"
    for name, verdicts in sorted(buckets.items()):
        right = sum(verdict.blame_is_right for verdict in verdicts)
        nobody = sum(verdict.blamed is None for verdict in verdicts)
        crash = sum(verdict.crash_site_is_right for verdict in verdicts)
        yield f"{name:<18} {len(verdicts):>6} {_share(right, len(verdicts)):>14} {nobody:>14} {crash:>18}"


def misses(score: Score) -> Iterable[str]:
    for verdict in score.verdicts:
        case = verdict.case
        where = f"{case.id} {case.kind} at {case.node} on {case.on}"
        detail = f"{'by hand: ' if case.written_by_hand else ''}{case.note} [{getattr(case.how, 'field', '') or ''}]"
        if not verdict.found:
            yield f"MISSED  {where}: {detail}"
        elif not verdict.blame_is_right:
            seen = ", ".join(sorted({f"{found.code}@{found.node}" for found in verdict.true_findings}))
            yield f"BLAMED {verdict.blamed or 'NOBODY'}  {where}: {detail}; saw {seen}"
        for found in verdict.stray_findings:
            yield f"STRAY  {where}: {found.code} at {found.node}: {found.message}"


def false_alarms(score: Score) -> Iterable[str]:
    for run in score.false_alarms:
        for found in run.findings:
            if found.counts:
                yield f"FALSE  {run.graph} on {run.on}: {found.code} at {found.node} [{found.field}]: {found.message}"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} {part / whole:.0%}" if whole else "-"
