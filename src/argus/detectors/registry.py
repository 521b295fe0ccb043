"""Which detectors there are: the built-in ones, and those that users and packages add.

All three ways of adding one end in the same list, and the built-in ones are named the way a user names one in
``detection.custom``: as ``package.module:Class``, imported only when detection begins.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points

from argus.detectors.base import BaseDetector
from argus.errors import DetectorError, PluginError

__all__ = ["BUILTIN", "ENTRY_POINT_GROUP", "builtin_detectors", "load_detectors"]

ENTRY_POINT_GROUP = "argus.detectors"
"""The entry-point group in which an installed package offers its detectors."""

BUILTIN: tuple[str, ...] = (
    "argus.detectors.statistical.execution_time:ExecutionTime",
    "argus.detectors.statistical.output_length:OutputLength",
    "argus.detectors.statistical.token_count:TokenCount",
    "argus.detectors.statistical.retry_count:RetryCount",
    "argus.detectors.statistical.error_rate:ErrorRate",
    "argus.detectors.statistical.numeric_value:NumericValue",
    "argus.detectors.statistical.list_size:ListSize",
    "argus.detectors.semantic.relevance_loss:RelevanceLoss",
    "argus.detectors.semantic.unsupported_claim:UnsupportedClaim",
    "argus.detectors.semantic.contradiction:Contradiction",
    "argus.detectors.semantic.invented_argument:InventedArgument",
    "argus.detectors.semantic.ignored_tool_result:IgnoredToolResult",
    "argus.detectors.semantic.underived_number:UnderivedNumber",
    "argus.detectors.semantic.topic_drift:TopicDrift",
    "argus.detectors.semantic.stale_result:StaleResult",
    "argus.detectors.semantic.wrong_language:WrongLanguage",
    "argus.detectors.semantic.judged_fault:JudgedFault",
    "argus.detectors.behavioral.unhandled_exception:UnhandledException",
    "argus.detectors.behavioral.loop_limit:LoopLimit",
    "argus.detectors.behavioral.stuck_loop:StuckLoop",
    "argus.detectors.behavioral.oscillation:Oscillation",
    "argus.detectors.behavioral.retry_storm:RetryStorm",
    "argus.detectors.behavioral.skipped_step:SkippedStep",
    "argus.detectors.behavioral.unexpected_transition:UnexpectedTransition",
    "argus.detectors.behavioral.missing_branch:MissingBranch",
    "argus.detectors.behavioral.state_corruption:StateCorruption",
    "argus.detectors.behavioral.swallowed_tool_error:SwallowedToolError",
    "argus.detectors.behavioral.repeated_tool_call:RepeatedToolCall",
    "argus.detectors.behavioral.unfinished_work:UnfinishedWork",
    "argus.detectors.structural.missing_field:MissingField",
    "argus.detectors.structural.undeclared_key:UndeclaredKey",
    "argus.detectors.structural.not_a_number:NotANumber",
    "argus.detectors.structural.impossible_value:ImpossibleValue",
    "argus.detectors.structural.empty_output:EmptyOutput",
    "argus.detectors.structural.type_mismatch:TypeMismatch",
    "argus.detectors.structural.contract_breach:ContractBreach",
    "argus.detectors.structural.rejected_value:RejectedValue",
    "argus.detectors.structural.broken_validator:BrokenValidator",
    "argus.detectors.structural.broken_contract:BrokenContract",
    "argus.detectors.structural.broken_relation:BrokenRelation",
    "argus.detectors.signatures.placeholder:Placeholder",
    "argus.detectors.signatures.refusal:Refusal",
    "argus.detectors.signatures.error_payload:ErrorPayload",
    "argus.detectors.signatures.truncated_json:TruncatedJson",
    "argus.detectors.signatures.unexpected_html:UnexpectedHtml",
    "argus.detectors.signatures.mojibake:Mojibake",
    "argus.detectors.signatures.repeated_filler:RepeatedFiller",
    "argus.detectors.signatures.stack_trace:StackTrace",
    "argus.detectors.signatures.unfilled_template:UnfilledTemplate",
    "argus.detectors.signatures.prompt_leak:PromptLeak",
    "argus.detectors.signatures.cut_output:CutOutput",
    "argus.detectors.signatures.rendered_blank:RenderedBlank",
)
"""The built-in detectors, by layer and code."""


def builtin_detectors() -> tuple[BaseDetector, ...]:
    """One instance of each built-in detector, in order of layer and code."""
    return tuple(_instance(_imported(reference), reference) for reference in BUILTIN)


def load_detectors(
    given: Sequence[BaseDetector | type[BaseDetector]] = (),
    custom: Sequence[str] = (),
    *,
    plugins: bool = True,
) -> tuple[BaseDetector, ...]:
    """Built-in detectors followed by all added ones; a class that is added in several ways counts once.

    Loading runs code of the user's and of installed packages, so it belongs only into commands that run the user's
    pipeline anyway.

    Args:
        given: Instances or classes handed over in the program.
        custom: References such as ``my_package.checks:TotalsAddUp``, from ``detection.custom``.
        plugins: Whether installed packages are asked for theirs.

    Returns:
        Instances; a code belongs to one class.

    Raises:
        DetectorError: One cannot be loaded or made, is no detector, or claims a code that another one has.
        PluginError: An installed package's detector cannot be loaded.
    """
    detectors = [*builtin_detectors()]
    detectors += (_instance(one, _name_of(one)) for one in given)
    detectors += (_instance(_imported(reference), reference) for reference in custom)
    if plugins:
        detectors += (_from_plugin(point) for point in _entry_points())
    return _without_clashes(detectors)


def _entry_points() -> list[EntryPoint]:
    return sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: (point.name, point.value))


def _from_plugin(point: EntryPoint) -> BaseDetector:
    try:
        return _instance(point.load(), point.value)
    except Exception as error:
        package = point.dist.name if point.dist else "an installed package"
        raise PluginError(
            f"the detector '{point.name}' ({point.value}) of {package} cannot be loaded: {_said(error)}; "
            f"update or uninstall {package}"
        ) from error


def _imported(reference: str) -> object:
    module_name, colon, attribute = reference.partition(":")
    if not (module_name and colon and attribute):
        raise DetectorError(f"'{reference}' names no detector; write it as package.module:Class")
    try:
        found: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise DetectorError(
            f"the detector '{reference}' cannot be loaded: {_said(error)}; "
            "check the spelling and that its package can be imported from here"
        ) from error
    return found


def _instance(thing: object, reference: str) -> BaseDetector:
    if isinstance(thing, BaseDetector):
        return _described(thing, reference)
    if not (isinstance(thing, type) and issubclass(thing, BaseDetector)):
        raise DetectorError(f"'{reference}' is no detector: it must be a subclass of argus.detectors.base.BaseDetector")
    try:
        detector = thing()
    except Exception as error:
        raise DetectorError(
            f"the detector '{reference}' cannot be made without arguments: {_said(error)}; "
            "give it defaults, or pass a ready instance"
        ) from error
    return _described(detector, reference)


def _described(detector: BaseDetector, reference: str) -> BaseDetector:
    for attribute in ("code", "name", "layer", "fault"):
        if not isinstance(getattr(detector, attribute), str):
            raise DetectorError(f"the attribute '{attribute}' of the detector '{reference}' must be a string")
    return detector


def _without_clashes(detectors: Iterable[BaseDetector]) -> tuple[BaseDetector, ...]:
    kept: list[BaseDetector] = []
    owners: dict[str, BaseDetector] = {}
    for detector in detectors:
        if any(detector is other or (type(detector) is type(other) and _is_plain(detector)) for other in kept):
            continue
        code = detector.code
        if code and (other := owners.setdefault(code, detector)) and type(other) is not type(detector):
            raise DetectorError(
                f"the code {code} of {_name_of(detector)} is already taken by {_name_of(other)}; "
                "give one of them another code"
            )
        kept.append(detector)
    return tuple(kept)


def _is_plain(detector: BaseDetector) -> bool:
    """Whether one instance is as good as any other of its class: it was made without arguments of its own."""
    return not getattr(detector, "__dict__", None)


def _name_of(thing: object) -> str:
    kind = thing if isinstance(thing, type) else type(thing)
    return f"{kind.__module__}:{kind.__qualname__}"


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
