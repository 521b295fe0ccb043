"""All kinds of faults, by name."""

from __future__ import annotations

from typing import Any, Final

from argus.testing.faults import amounts, behaviour, meaning, routing, structure, texts, tools
from argus.testing.faults.fault import Fault
from argus.testing.faults.injection import InjectionFailed

__all__ = ["FAULTS", "make"]

_CLASSES: Final[tuple[type[Fault], ...]] = (
    structure.DroppedField,
    structure.RenamedKey,
    structure.MissingValue,
    structure.WrongType,
    structure.UnparsedText,
    structure.EmptyValue,
    structure.NoUpdate,
    behaviour.PoisonedValue,
    texts.Placeholder,
    texts.Refusal,
    texts.ErrorPayload,
    texts.HttpErrorBody,
    texts.ExceptionText,
    texts.HtmlPage,
    texts.StackTrace,
    texts.UnfilledTemplate,
    texts.Filler,
    texts.PromptLeak,
    texts.TruncatedJson,
    texts.Mojibake,
    texts.CutText,
    behaviour.StuckLoop,
    behaviour.Oscillation,
    behaviour.LostCount,
    routing.EndlessLoop,
    routing.SkippedStep,
    routing.UnexpectedTransition,
    routing.MissingBranch,
    behaviour.MissingResult,
    behaviour.ForeignValue,
    behaviour.ForeignType,
    behaviour.ForeignMeaning,
    behaviour.UnfinishedWork,
    behaviour.RetryStorm,
    behaviour.Crash,
    tools.SwallowedToolError,
    tools.RepeatedToolCall,
    amounts.SlowNode,
    amounts.FastNode,
    amounts.ShortOutput,
    amounts.FewerItems,
    amounts.PowerOfTen,
    amounts.SignFlip,
    amounts.UnitError,
    meaning.OffTopicDocuments,
    meaning.OtherAnswer,
    meaning.Contradiction,
    meaning.UnsupportedNumber,
    meaning.UnsupportedName,
    meaning.UnsupportedDate,
    meaning.StaleResult,
    meaning.WrongLanguage,
    meaning.LostConstraint,
    tools.InventedArgument,
    tools.IgnoredToolResult,
)

FAULTS: Final[dict[str, type[Fault]]] = {}
"""The first class of each kind, by the kind's name."""
for _class in _CLASSES:
    FAULTS.setdefault(_class.kind, _class)


def make(kind: str, **options: Any) -> Fault:
    """A fault by the name of its kind.

    Args:
        kind: One of :data:`FAULTS`.
        **options: ``field``, ``seed``, ``calls`` and what the kind has of its own.

    Raises:
        InjectionFailed: There is no such kind; the message lists them all.
    """
    if kind not in FAULTS:
        raise InjectionFailed(f"there is no kind of fault {kind!r}; there are: {', '.join(FAULTS)}")
    return FAULTS[kind](**options)
