"""``argus replay``: a recorded run again from one of its steps."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from argus.cli.completion import complete_trace
from argus.cli.options import json_option, takes_project
from argus.cli.project import Project
from argus.errors import ReplayError

if TYPE_CHECKING:
    from argus.model.trace import Trace
    from argus.replay.proof import Attempt
    from argus.replay.result import ReplayedStep, ReplayResult

__all__ = ["replay"]

_FINDINGS = 1

_HELP_END = """\b
Examples:
  argus replay last --app app.py:graph                  from the step that is blamed
  argus replay 8f2c1a --app app.graph:build --from-step 4
  argus replay last --app app.py:graph --from-node "draft#2" --set topic=tea
  argus replay last --app app.py:graph --from-node retrieve \\
      --patch '{"query": "tea"}' --diff

\b
What runs and what does not:
  Steps that began before the chosen one come from the record, and so do those
  that ran beside it. The chosen step and all that follow run for real, with
  whatever they do to the outside world. Checkpoints are kept in memory. HTTP
  answers come from the record if the run was recorded with record_http.

\b
With --prove, the suspects are tested in order instead: what a suspect wrote is
replaced by what it should have written (--patch and --set say what, else a
healthy run that was given the same, else what the graph declares), and the rest
runs again in a process of its own. It is proved if what was wrong is gone then,
nothing new is wrong, and no repair of an earlier step clears it, too. A step
that called tools or models without recorded HTTP traffic is not run again
unless --allow-side-effects says so. A proof is stored with the run's forensics.

\b
JSON:
  {"verdict": "resolved|not_resolved|different", "sentence", "replay_of", "trace_id",
   "from_step", "from_node", "status", "changes": [{"path", "before", "after"}...],
   "steps": [{"step_id", "step_number", "node_name", "source": "ran|served|entered",
              "recorded", "outcome", "duration_ms", "from_tape"}...],
   "remaining": [finding...], "gone": [finding...], "warnings": [text...],
   "comparison": as in `argus diff --json`}
  With --progress jsonl, standard error gets a line for each step that has ended:
  {"event": "step", "step_number", "node", "source", "recorded", "outcome", "duration_ms"}
  With --prove:
  {"proved", "sentence", "step_id", "step_number", "node_name", "forensics",
   "attempts": [{"step_id", "step_number", "node_name", "purpose": "suspect|earlier",
                 "repaired_with": "patch|healthy run|declaration" or null, "told",
                 "changes": [change...], "cleared", "reason", "trace_id"}...]}
  and a progress line for each attempt: {"event": "attempt", ...the same keys}

\b
Exit codes:
  0  nothing of severity warning or worse is left in what ran; with --prove:
     proved
  1  findings are left, or there are new ones; with --prove: not proved
  2  ARGUS could not do its job: no such step, a patch that does not fit, a
     value that is needed and not in the record, an HTTP request without a
     recorded answer
"""


@click.command(epilog=_HELP_END)
@click.argument("reference", metavar="[ID]", required=False, shell_complete=complete_trace)
@click.option("--last", is_flag=True, help="The most recent run; the same as without ID.")
@click.option("--app", metavar="MODULE:ATTRIBUTE", help="The graph, or a function without arguments that returns it.")
@click.option("--from-step", type=int, metavar="N", help="Start at this step; without a choice at the one blamed.")
@click.option("--from-node", metavar="NAME[#ROUND]", help="Start at this node, or at its second visit with #2.")
@click.option(
    "--patch",
    metavar="JSON",
    help="A JSON merge patch on the state entering that step; - reads it from standard input.",
)
@click.option("--set", "settings", metavar="FIELD=VALUE", multiple=True, help="One value in it; repeat for more.")
@click.option("--context", metavar="JSON", help="LangGraph's context for the run.")
@click.option("--configurable", metavar="JSON", help="LangGraph's `configurable` for the run.")
@click.option("--live", is_flag=True, help="Let HTTP requests without a recorded answer go to the network.")
@click.option("--prove", "proves", is_flag=True, help="Prove which step is to blame, by repair and replay.")
@click.option("--allow-side-effects", is_flag=True, help="With --prove: let tools and models be called again.")
@click.option(
    "--time-limit", type=click.FloatRange(min=0.1), default=60.0, show_default=True, metavar="SECONDS",
    help="With --prove: how long the steps that run again may take, each time.",
)  # fmt: skip
@click.option("--diff", "shows_diff", is_flag=True, help="Show both runs step by step.")
@click.option("--progress", type=click.Choice(["jsonl"]), help="Tell each step that has ended on standard error.")
@json_option
@takes_project
def replay(
    project: Project,
    *,
    reference: str | None,
    last: bool,
    app: str | None,
    from_step: int | None,
    from_node: str | None,
    patch: str | None,
    settings: tuple[str, ...],
    context: str | None,
    configurable: str | None,
    live: bool,
    proves: bool,
    allow_side_effects: bool,
    time_limit: float,
    shows_diff: bool,
    progress: str | None,
    as_json: bool,
) -> None:
    """Runs a recorded run again from one of its steps, and says whether what was wrong is gone.

    ID is a run's id or the beginning of one, 'last', or 'last~2'; without it the last run is meant. The recorded run
    stays as it is; the new one is stored beside it.
    """
    if last and reference is not None:
        raise click.UsageError("Give an id or --last, not both.")
    changes = _json(patch, "--patch")
    values = dict(_setting(one) for one in settings)
    trace = project.trace(reference or "last")
    from argus.replay.app import load_app

    loaded = load_app(app or _unnamed(trace))
    common: dict[str, Any] = {
        "live": live,
        "context": _json(context, "--context"),
        "run_config": {"configurable": _json(configurable, "--configurable") or {}},
        "storage": project.store(),
        "config": project.config,
    }
    if proves:
        _prove(
            project, trace, loaded, common, from_step, from_node, {**(changes or {}), **values},
            allow_side_effects=allow_side_effects, time_limit=time_limit, progress=progress, as_json=as_json,
        )  # fmt: skip
    from argus.replay.replaying import replay as replayed

    result = replayed(
        trace,
        loaded,
        from_step=from_step,
        from_node=from_node,
        patch=changes,
        set=values,
        progress=_told if progress else None,
        **common,
    )
    _show(project, trace, result, shows_diff=shows_diff, as_json=as_json)
    raise click.exceptions.Exit(_FINDINGS if result.remaining or result.verdict == "not_resolved" else 0)


def _prove(
    project: Project,
    trace: Trace,
    app: Any,
    common: dict[str, Any],
    from_step: int | None,
    from_node: str | None,
    patch: dict[str, Any],
    *,
    allow_side_effects: bool,
    time_limit: float,
    progress: str | None,
    as_json: bool,
) -> NoReturn:
    from argus.replay.choosing import chosen_step
    from argus.replay.proof import prove

    chosen = from_step is not None or from_node is not None
    proof = prove(
        trace,
        app,
        from_step=chosen_step(trace, from_step, from_node).step_number if chosen else None,
        patch=patch or None,
        allow_side_effects=allow_side_effects,
        time_limit=time_limit,
        progress=_attempted if progress else None,
        **common,
    )
    if as_json:
        from argus.cli.output.json import write_json

        write_json(project.screen, proof)
    else:
        from argus.cli.drawing.proof import draw_proof

        draw_proof(project.screen, proof, project.command("trace", trace.id))
    raise click.exceptions.Exit(0 if proof.proved else _FINDINGS)


def _show(project: Project, trace: Trace, result: ReplayResult, *, shows_diff: bool, as_json: bool) -> None:
    if as_json:
        from argus.cli.output.json import write_json
        from argus.replay.document import document_of

        write_json(project.screen, document_of(result))
        return
    from argus.cli.drawing.replay import draw_replay

    draw_replay(project.screen, result, project.command("trace", result.trace.id))
    if shows_diff:
        from argus.cli.drawing.comparison import draw_comparison
        from argus.views.comparison_notes import labels_of, notes_on

        project.screen.blank()
        pair = (trace, result.trace)
        draw_comparison(project.screen, result.comparison, labels_of(*pair), notes_on(*pair), verbose=False)


def _json(text: str | None, option: str) -> Any:
    if text is None:
        return None
    try:
        value = json.loads(sys.stdin.read() if text == "-" else text)
    except ValueError as error:
        raise ReplayError(
            f"{option} is no JSON: {error}; quote it for the shell, such as '{{\"field\": 1}}'"
        ) from error
    if not isinstance(value, dict):
        raise ReplayError(f"{option} must be a JSON object, such as '{{\"field\": 1}}'")
    return value


def _setting(text: str) -> tuple[str, Any]:
    """A field and its value, which is JSON if it reads as JSON, and text otherwise."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ReplayError(f"--set {text} must be of the form FIELD=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _unnamed(trace: Trace) -> str:
    """Nothing in a run says which code it may start: it may come from anywhere."""
    files = _files(trace)
    told = f" (its nodes stand in {', '.join(files)})" if files else ""
    raise ReplayError(f"name the application with --app module:attribute, such as --app app.py:graph{told}")


def _files(trace: Trace) -> list[str]:
    nodes: Iterable[Any] = trace.graph.nodes if trace.graph is not None else ()
    return list(dict.fromkeys(node.file for node in nodes if node.file))[:3]


def _attempted(attempt: Attempt) -> None:
    import msgspec

    sys.stderr.write(json.dumps({"event": "attempt", **msgspec.to_builtins(attempt)}) + "\n")
    sys.stderr.flush()


def _told(step: ReplayedStep) -> None:
    line = {
        "event": "step",
        "step_number": step.step_number,
        "node": step.node_name,
        "source": step.source,
        "recorded": step.recorded,
        "outcome": step.outcome,
        "duration_ms": step.duration_ms,
    }
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()
