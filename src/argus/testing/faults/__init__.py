"""Faults to put into a graph, to see whether they are found and who gets the blame.

Take any ``StateGraph`` before it is compiled, spoil one node, run it watched, and compare what was found with the
ground truth::

    from argus.testing.faults import RenamedKey, inject

    injection = inject(graph, "find_customer", RenamedKey(field="customer", seed=3))
    app = watcher.watch(graph.compile())
    ...
    assert injection.applied  # the fault really struck
    print(injection.truth)  # kind, culprit, symptom, layer

Every kind is a small frozen class; ``seed`` varies its wording, shape or language.
"""

from argus.testing.faults.amounts import FastNode, FewerItems, PowerOfTen, ShortOutput, SignFlip, SlowNode, UnitError
from argus.testing.faults.behaviour import (
    Crash,
    ForeignMeaning,
    ForeignType,
    ForeignValue,
    LostCount,
    MissingResult,
    Oscillation,
    PoisonedValue,
    RetryStorm,
    StuckLoop,
    UnfinishedWork,
)
from argus.testing.faults.catalogue import FAULTS, make
from argus.testing.faults.fault import PROCEED, BranchFault, Call, Fault, GroundTruth, Layer, NodeFault, ValueFault
from argus.testing.faults.injection import Injection, InjectionFailed, inject, replace_branch, replace_node, spoil
from argus.testing.faults.meaning import (
    Contradiction,
    LostConstraint,
    OffTopicDocuments,
    OtherAnswer,
    StaleResult,
    UnsupportedDate,
    UnsupportedName,
    UnsupportedNumber,
    WrongLanguage,
)
from argus.testing.faults.routing import EndlessLoop, MissingBranch, SkippedStep, UnexpectedTransition
from argus.testing.faults.structure import (
    DroppedField,
    EmptyValue,
    MissingValue,
    NoUpdate,
    RenamedKey,
    UnparsedText,
    WrongType,
)
from argus.testing.faults.texts import (
    CutText,
    ErrorPayload,
    ExceptionText,
    Filler,
    HtmlPage,
    HttpErrorBody,
    Mojibake,
    Placeholder,
    PromptLeak,
    Refusal,
    StackTrace,
    TextFault,
    TruncatedJson,
    UnfilledTemplate,
)
from argus.testing.faults.tools import IgnoredToolResult, InventedArgument, RepeatedToolCall, SwallowedToolError

__all__ = [
    "FAULTS",
    "PROCEED",
    "BranchFault",
    "Call",
    "Contradiction",
    "Crash",
    "CutText",
    "DroppedField",
    "EmptyValue",
    "EndlessLoop",
    "ErrorPayload",
    "ExceptionText",
    "FastNode",
    "Fault",
    "FewerItems",
    "Filler",
    "ForeignMeaning",
    "ForeignType",
    "ForeignValue",
    "GroundTruth",
    "HtmlPage",
    "HttpErrorBody",
    "IgnoredToolResult",
    "Injection",
    "InjectionFailed",
    "InventedArgument",
    "Layer",
    "LostConstraint",
    "LostCount",
    "MissingBranch",
    "MissingResult",
    "MissingValue",
    "Mojibake",
    "NoUpdate",
    "NodeFault",
    "OffTopicDocuments",
    "Oscillation",
    "OtherAnswer",
    "Placeholder",
    "PoisonedValue",
    "PowerOfTen",
    "PromptLeak",
    "Refusal",
    "RenamedKey",
    "RepeatedToolCall",
    "RetryStorm",
    "ShortOutput",
    "SignFlip",
    "SkippedStep",
    "SlowNode",
    "StackTrace",
    "StaleResult",
    "StuckLoop",
    "SwallowedToolError",
    "TextFault",
    "TruncatedJson",
    "UnexpectedTransition",
    "UnfilledTemplate",
    "UnfinishedWork",
    "UnitError",
    "UnparsedText",
    "UnsupportedDate",
    "UnsupportedName",
    "UnsupportedNumber",
    "ValueFault",
    "WrongLanguage",
    "WrongType",
    "inject",
    "make",
    "replace_branch",
    "replace_node",
    "spoil",
]
