"""What is looked for, what is configured, what was learned, and what many runs come to."""

from __future__ import annotations

from argus.detectors.manual import Section
from argus.model.record import Record
from argus.model.values import JsonValue
from argus.storage.filter_words import TokenProblem
from argus.views.learned import LearnedPipeline
from argus.views.problem_groups import ProblemGroup
from argus.views.trend import TrendBucket

__all__ = ["BaselineEntry", "BaselineList", "ProblemList", "Rule", "RulePage", "Setting", "SettingList", "TrendPage"]


class ProblemList(Record, frozen=True, kw_only=True):
    """What is wrong in the runs that fit.

    Attributes:
        headline: One sentence that says how many problems there are and whether one is new.
        items: The groups, gravest first.
        looked_at: Runs with findings that were looked at, the newest.
        of_runs: Runs that fit the filter, with and without findings.
        troubled: Runs with findings that fit the filter.
        query: Words that could not be understood.
    """

    headline: str
    items: tuple[ProblemGroup, ...]
    looked_at: int
    of_runs: int
    troubled: int
    query: tuple[TokenProblem, ...] = ()


class TrendPage(Record, frozen=True, kw_only=True):
    """How the runs that fit went over time.

    Attributes:
        buckets: Equal parts of the time, in order.
        looked_at: Runs that were looked at, the newest.
        of_runs: Runs that fit the filter.
        query: Words that could not be understood.
    """

    buckets: tuple[TrendBucket, ...]
    looked_at: int
    of_runs: int
    query: tuple[TokenProblem, ...] = ()


class Rule(Record, frozen=True, kw_only=True):
    """Something that is looked for.

    Attributes:
        code: Its stable code.
        name: Its name, in words.
        layer: Its layer.
        severity: The gravest severity among its findings in the newest 1,000 runs, or None without any.
        precision: How many of a hundred of its findings are right, from 0 to 1, or None when that was not measured.
        enabled: Whether the configuration has its layer switched on.
        summary: One sentence.
        findings: Findings with this code in the newest 1,000 runs.
        runs: Runs among them that have one.
    """

    code: str
    name: str
    layer: str
    severity: str | None
    precision: float | None
    enabled: bool
    summary: str
    findings: int = 0
    runs: int = 0


class RulePage(Record, frozen=True, kw_only=True):
    """A rule and its manual.

    Attributes:
        rule: The rule.
        manual: The page as text, paragraph by paragraph.
        sections: The same in parts.
    """

    rule: Rule
    manual: str
    sections: tuple[Section, ...]


class Setting(Record, frozen=True, kw_only=True):
    """An option.

    Attributes:
        key: Its dotted key.
        value: Its value in force; secrets are masked.
        default: Its default.
        source: ``default``, ``file:line``, a variable's name or ``argument``.
        environment: The environment names it answers to.
        description: What it means.
    """

    key: str
    value: JsonValue
    default: JsonValue
    source: str
    environment: tuple[str, ...]
    description: str


class SettingList(Record, frozen=True, kw_only=True):
    """The configuration in force.

    Attributes:
        file: The configuration file that was read, or None.
        items: Every option, in order of definition.
    """

    file: str | None
    items: tuple[Setting, ...]


class BaselineEntry(Record, frozen=True, kw_only=True):
    """What was learned of one pipeline and version of its graph.

    Attributes:
        pipeline: The pipeline.
        graph_version: The version, or None when unknown.
        runs: How many runs have taught.
        learned: What they taught; only when one pipeline was asked for.
    """

    pipeline: str
    graph_version: str | None
    runs: int
    learned: LearnedPipeline | None = None


class BaselineList(Record, frozen=True, kw_only=True):
    """What was learned.

    Attributes:
        items: By pipeline.
    """

    items: tuple[BaselineEntry, ...]
