"""``argus trace``: shows a run, or lists runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from argus.cli.completion import complete_pipeline, complete_severity, complete_status, complete_trace
from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

if TYPE_CHECKING:
    from argus.model.trace import Trace, TraceStep
    from argus.storage.filter_words import RunFilter

__all__ = ["trace"]

_HELP_END = """\b
Examples:
  argus trace                         the last run
  argus trace 8f2c1a                  a run by the beginning of its id
  argus trace last~2                  the last but two
  argus trace last --step 3 --diff    what step 3 changed
  argus trace last --field documents  who wrote a field
  argus trace last --diff --field x   each step that changed it, before and after
  argus trace last --lineage messages where each version of it came from
  argus trace --list --where 'status:failed node:retrieve since:24h'
  argus trace --live                  follow what runs now; Ctrl-C ends it

\b
Filters, as options or as words of --where; all of them must hold:
  pipeline:orders            runs of this pipeline
  status:failed,incomplete   any of ok, warning, failed, incomplete
  code:STR401,SEM*           with a finding of this code; * for any ending
  severity:critical          with a finding of critical, warning or info
  node:search                in which this node ran
  layer:structural           with a finding of this layer
  field:documents            with a finding about this field
  dur:>5s dur:200ms..1s      that took so long; as well steps:>20 tokens:>1k
  version:3c1f               of this version of the graph
  replay-of:8f2c1a           replays of this run
  text:"timed out"           in summary, findings or the pipeline's name;
                             a word without a key means the same
  -node:draft -status:ok     a minus turns any of them round; commas mean or
  since:7d until:2026-01-31  30min, 24h, 7d, 2w ago, or a date or time

\b
JSON:
  a run        the trace document (its JSON Schema is published)
  --list       {"traces": [row...], "next_cursor": text or null}
  --step N     {"trace_id", "step", "detections", "changes"}
  --diff       {"trace_id", "steps": [changes...]}, with --field only those of the field
  --field P    {"trace_id", "field", "writes": [{"step_number", "node_name", "value"}...]},
               with --step {"trace_id", "step_number", "field", "before", "returned", "after"}
               where an absent value is left out
  --lineage F  {"trace_id", "field", "declared", "reducer",
               "events": [{"kind", "version", "place", "value", "absent", "stands_for", "sent_by",
                           "sources": [...], "readers": [...]}...],
               "unwritten": [...], "items": [{"position", "value", "origin", "place"}...]}
  --live       one object a line, by "event":
               run_started  {"run_id", "pipeline_name", "at"}
               step_ended   {"run_id", "pipeline_name", "at", "step_number", "node_name",
                             "outcome", "error", "duration_ms", "attempt", "depth"}
               run_ended    {"run_id", "pipeline_name", "at", "outcome", "duration_ms"}
               stored       {"run_id", "pipeline_name", "status", "summary", "duration_ms",
                             "step_count", "detections": [...]}
"""

_FILTER_OPTIONS = ("pipeline", "status", "code", "severity", "node", "text", "since")


@click.command(epilog=_HELP_END)
@click.argument("reference", metavar="[ID]", required=False, shell_complete=complete_trace)
@click.option("--last", is_flag=True, help="The most recent run; with filters the most recent that fits.")
@click.option("--list", "as_list", is_flag=True, help="List runs, newest first.")
@click.option("--failed", is_flag=True, help="Only runs with status failed or incomplete.")
@click.option("--verbose", "-v", is_flag=True, help="Every step, and all that a finding rests on.")
@click.option("--step", "step_number", metavar="N", type=int, help="One step.")
@click.option("--field", metavar="PATH", help="One field, such as order.items[0].total.")
@click.option("--lineage", metavar="FIELD", help="Every version of a field: who wrote it, from what, and who read it.")
@click.option("--diff", "as_diff", is_flag=True, help="What each step changed.")
@click.option("--where", metavar="QUERY", help="Filter by words such as status:failed node:draft code:STR401.")
@click.option("--pipeline", multiple=True, shell_complete=complete_pipeline, help="Only runs of this pipeline.")
@click.option("--status", multiple=True, shell_complete=complete_status, help="Only runs of this status.")
@click.option("--code", multiple=True, help="Only runs with a finding of this code.")
@click.option(
    "--severity", multiple=True, shell_complete=complete_severity, help="Only runs with a finding of this severity."
)
@click.option("--node", multiple=True, help="Only runs in which this node ran.")
@click.option("--text", multiple=True, help="Only runs whose summary or findings hold this text.")
@click.option("--since", multiple=True, metavar="TIME", help="Only runs started since 30min, 24h, 7d or a date.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Runs listed at most.")
@click.option("--live", is_flag=True, help="Follow running pipelines: steps as they end, findings when stored.")
@click.option(
    "--until-idle",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="With --live: end when nothing has happened for so long.",
)
@json_option
@takes_project
def trace(
    project: Project, *, reference: str | None, last: bool, as_list: bool, failed: bool, limit: int, **options: Any
) -> None:
    """Shows a run: what happened, where it began, every step.

    ID is a run's id or the beginning of one, 'last', or 'last~2'. Without it the last run is shown; with filters, or
    with --list, runs are listed.
    """
    if options["live"]:
        if reference is not None or last or as_list or failed:
            raise click.UsageError("--live follows what runs now; leave out the id, --last, --list and --failed.")
        _follow(project, options)
        return
    if options["until_idle"] is not None:
        raise click.UsageError("--until-idle tells when --live ends; it means nothing without it.")
    filtered = failed or any(options[name] for name in (*_FILTER_OPTIONS, "where"))
    if reference is not None and (last or as_list or filtered):
        raise click.UsageError("Give an id, or --last, --list and filters, not both.")
    if reference is None and not last and (as_list or filtered):
        _list(project, failed=failed, limit=limit, options=options)
        return
    if reference is None:
        reference = _newest(project, failed, options) if filtered else "last"
    _show(project, project.trace(reference), options)


def _follow(project: Project, options: dict[str, Any]) -> None:
    import contextlib
    import json

    from argus._internal.clock import SystemClock
    from argus.cli.drawing.live import draw_event
    from argus.cli.live import document, follow
    from argus.storage.base import TraceQuery
    from argus.views.neutral import escape_for_json

    query, rest, _ = _filter(False, options)
    if rest or query != TraceQuery(pipeline=query.pipeline):
        raise click.UsageError("--live knows a run before its findings; of the filters it takes only the pipeline.")
    screen = project.screen
    if screen.is_terminal and not options["as_json"]:
        screen.line("Waiting for runs; Ctrl-C ends.")
    with contextlib.suppress(KeyboardInterrupt):
        for event in follow(project, SystemClock(), pipeline=query.pipeline, until_idle_s=options["until_idle"]):
            if event is None:
                screen.flush()
            elif options["as_json"]:
                text = json.dumps(document(event), ensure_ascii=not screen.unicode)
                screen.verbatim(f"{escape_for_json(text)}\n")
            else:
                draw_event(project, event)


def _list(project: Project, *, failed: bool, limit: int, options: dict[str, Any]) -> None:
    from argus.cli.drawing.listing import draw_listing
    from argus.cli.output.json import write_json
    from argus.storage.filtered import FilteredPage, list_filtered
    from argus.views.trace_list import rows

    wanted = _filter(failed, options)
    page = list_filtered(project.store(), wanted, limit=limit) if project.has_store() else FilteredPage()
    screen = project.screen
    if options["as_json"]:
        write_json(screen, {"traces": page.rows, "next_cursor": page.next_cursor})
        return
    if not page.rows:
        _tell_of_nothing(project)
        return
    draw_listing(screen, rows(page.rows))
    if page.next_cursor is not None:
        looked = f" among the newest {page.looked_at:,} looked at" if wanted.rest else ""
        screen.line(f"The newest {len(page.rows):,}{looked}; --limit shows more.")


def _tell_of_nothing(project: Project) -> None:
    screen = project.screen
    if project.has_store() and project.store().list(limit=1).rows:
        screen.paragraph(["No run fits. Other runs are stored; leave out a filter to see them."])
        return
    where = project.configuration.sqlite_file or project.store().url
    screen.paragraph([f"No runs are stored in {where} yet."])
    screen.line("  argus demo          see it work")
    screen.line("  argus watch app.py  watch your own pipeline")


def _newest(project: Project, failed: bool, options: dict[str, Any]) -> str:
    from argus.errors import TraceNotFound
    from argus.storage.filtered import list_filtered

    page = list_filtered(project.store(), _filter(failed, options), limit=1)
    if not page.rows:
        raise TraceNotFound("no run fits these filters; leave one out, or see all with: argus trace --list")
    return page.rows[0].id


def _filter(failed: bool, options: dict[str, Any]) -> RunFilter:
    from argus._internal.clock import SystemClock
    from argus.cli.where import filter_of

    given = {key: tuple(options[key]) for key in _FILTER_OPTIONS}
    if failed:
        given["status"] = (*given["status"], "failed", "incomplete")
    return filter_of(given, options["where"], SystemClock())


def _show(project: Project, shown: Trace, options: dict[str, Any]) -> None:
    if options["lineage"] is not None:
        _show_lineage(project, shown, options)
        return
    step = _step_of(shown, options["step_number"])
    if options["as_json"]:
        _show_json(project, shown, step, options)
    elif options["field"] and not options["as_diff"]:
        _show_field(project, shown, step, options["field"])
    elif step is not None:
        _show_step(project, shown, step, options)
    elif options["as_diff"]:
        from argus.cli.drawing.changes import draw_changes
        from argus.cli.drawing.verdict import draw_verdict
        from argus.views.chain import story

        draw_verdict(project.screen, shown, story(shown))
        if not draw_changes(project.screen, shown, field=options["field"]):
            project.screen.paragraph([f"No step changed `{options['field']}`." if options["field"] else "No steps."])
    else:
        from argus.cli.drawing.run import draw_run

        draw_run(project, shown, verbose=options["verbose"])


def _step_of(shown: Trace, number: int | None) -> TraceStep | None:
    if number is None:
        return None
    found = next((step for step in shown.steps if step.step_number == number), None)
    if found is None:
        last = max((step.step_number for step in shown.steps), default=0)
        raise click.UsageError(f"There is no step {number}; this run has steps 1 to {last}." if last else "No steps.")
    return found


def _show_lineage(project: Project, shown: Trace, options: dict[str, Any]) -> None:
    from argus.cli.drawing.lineage import draw_lineage
    from argus.cli.output.json import write_json
    from argus.dataflow.field_life import field_life

    if options["step_number"] is not None or options["field"] or options["as_diff"]:
        raise click.UsageError("--lineage tells of a whole run; leave out --step, --field and --diff.")
    life = field_life(shown, options["lineage"])
    if not life.known:
        raise click.UsageError(_unknown_field(shown, options["lineage"]))
    if options["as_json"]:
        write_json(project.screen, life)
    else:
        draw_lineage(project.screen, shown, life, verbose=options["verbose"])


def _unknown_field(shown: Trace, path: str) -> str:
    from argus.dataflow.known_fields import fields_of_run, near_fields

    near = near_fields(shown, path)
    if near:
        hint = f"Did you mean {' or '.join(near)}?"
    else:
        known = fields_of_run(shown)
        more = f" and {len(known) - 20:,} more" if len(known) > 20 else ""
        hint = f"It knows {', '.join(known[:20])}{more}." if known else "It has recorded no fields at all."
    return f"This run knows no field '{path}'. {hint}"


def _show_step(project: Project, shown: Trace, step: TraceStep, options: dict[str, Any]) -> None:
    from argus.cli.drawing.changes import draw_step_changes
    from argus.cli.drawing.step import draw_step, draw_step_head
    from argus.views.state_diff import changes, of_field

    draw_step_head(project.screen, shown, step)
    if options["as_diff"]:
        seen = changes(shown, step)
        if options["field"]:
            seen = of_field(seen, options["field"])
            if not seen.changed:
                project.screen.paragraph([f"This step did not change `{options['field']}`."])
                return
        draw_step_changes(project.screen, seen, limit=2000 if options["verbose"] else 200)
    else:
        draw_step(project.screen, shown, step, verbose=options["verbose"])


def _show_field(project: Project, shown: Trace, step: TraceStep | None, path: str) -> None:
    from argus.cli.drawing.step import draw_field, draw_field_life, draw_step_head

    screen = project.screen
    if step is not None:
        draw_step_head(screen, shown, step)
        known = draw_field(screen, step, path)
    else:
        known = draw_field_life(screen, shown, path)
    if not known:
        fields = sorted({name for one in shown.steps for name in (*one.input_state, *one.output_state)})
        known_fields = f" Known fields: {', '.join(fields[:20])}." if fields else ""
        screen.paragraph([f"`{path}` was never there.{known_fields}"])


def _show_json(project: Project, shown: Trace, step: TraceStep | None, options: dict[str, Any]) -> None:
    from argus.cli.output.json import write_json
    from argus.cli.trace_json import diff_document, field_document, step_document
    from argus.views.json_text import trace_document

    if options["as_diff"] and (step is None or options["field"]):
        document = diff_document(shown, step, options["field"])
    elif options["field"]:
        document = field_document(shown, step, options["field"])
    elif step is not None:
        document = step_document(shown, step)
    else:
        document = trace_document(shown)
    write_json(project.screen, document)
