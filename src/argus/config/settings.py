"""Every option with its type and default.

This module is the one list of options: the keys of ``argus.yaml``, the ``ARGUS_*`` environment names and the generated
reference page all follow from these classes.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

__all__ = [
    "DEFAULT_REDACT_KEYS",
    "BehavioralSettings",
    "CaptureSettings",
    "DetectionSettings",
    "FieldPolicy",
    "IgnoreRule",
    "JournalSettings",
    "ReportSettings",
    "RetentionSettings",
    "SecuritySettings",
    "SemanticSettings",
    "Settings",
    "SignatureSettings",
    "StatisticalSettings",
    "StorageSettings",
    "StructuralSettings",
    "WatcherSettings",
]

DEFAULT_REDACT_KEYS: tuple[str, ...] = (
    "api_key", "apikey", "password", "passwd", "secret", "token", "access_token", "refresh_token", "authorization",
    "x-api-key", "cookie", "set-cookie", "private_key",
)  # fmt: skip
"""Keys whose values are never recorded, in any letter case."""

PositiveInt: TypeAlias = Annotated[int, Meta(ge=1)]
PositiveFloat: TypeAlias = Annotated[float, Meta(gt=0)]
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
FieldPolicy = Literal["full", "preview", "hash", "skip"]
"""How a field is recorded: whole; its first 200 characters; its length and hash; not at all."""


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every section: immutable, unknown keys are errors."""


class WatcherSettings(_Section, frozen=True, kw_only=True):
    """``watcher``: how a run is watched.

    Attributes:
        strict: ``finalize()`` raises after storing when the trace is not clean.
        investigate: Forensics when there are findings; ``always`` also without; false never.
        max_field_size: Characters; a longer recorded string is cut and says so.
        persist_state: Whether states are kept with each step; replay needs them.
        record_http: Whether HTTP exchanges are recorded for replay.
        http_max_body: Bytes; a longer body of an HTTP exchange is not kept, says so, and cannot be replayed.
        pipeline_name: A name for the pipeline; null takes the graph's.
        quiet: Whether findings are not printed to stderr.
        sample_rate: The share of clean runs that attached apps store; runs with findings are always stored.
        detect_lag: Seconds that an ended run of an attached app may wait for a quiet moment before it is analysed.
        max_backlog: Ended runs that wait in memory; beyond that the journal keeps them.
        flush_at_exit: Seconds that a process waits at its end for runs that are not analysed yet.
    """

    strict: bool = False
    investigate: bool | Literal["always"] = True
    max_field_size: PositiveInt = 50_000
    persist_state: bool = True
    record_http: bool = False
    http_max_body: PositiveInt = 4_000_000
    pipeline_name: str | None = None
    quiet: bool = False
    sample_rate: Share = 1.0
    detect_lag: Annotated[float, Meta(ge=0)] = 30.0
    max_backlog: PositiveInt = 1000
    flush_at_exit: Annotated[float, Meta(ge=0)] = 30.0


class StatisticalSettings(_Section, frozen=True, kw_only=True):
    """``detection.statistical``: numbers against the history of the same pipeline.

    Attributes:
        enabled: Whether the layer runs.
        z_threshold: Robust z-scores beyond which a value is an anomaly.
        min_samples: Earlier healthy runs needed before the layer speaks.
        metrics: Which measurements of steps are compared: ``execution_time``, ``output_length``, ``token_count``.
        check_retries: Whether retries are compared.
        check_errors: Whether the share of attempts and tool calls that failed is compared.
        check_numbers: Whether the numbers that nodes return are compared.
        check_sizes: Whether the sizes of the lists that nodes return are compared.
    """

    enabled: bool = True
    z_threshold: PositiveFloat = 2.5
    min_samples: PositiveInt = 5
    metrics: tuple[Literal["execution_time", "output_length", "token_count"], ...] = (
        "execution_time",
        "output_length",
        "token_count",
    )
    check_retries: bool = True
    check_errors: bool = True
    check_numbers: bool = True
    check_sizes: bool = True


class SemanticSettings(_Section, frozen=True, kw_only=True):
    """``detection.semantic``: what texts mean.

    Attributes:
        enabled: Whether the layer runs.
        similarity_threshold: On the normalised scale; below it two texts count as unrelated.
        embedder: Where vectors come from: null for the built-in ones, ``package.module:attribute``, or the address of
            an OpenAI-compatible server, such as ``http://localhost:8080/v1``. The built-in ones stand in
            when it fails.
        embedder_model: The model's name at that address; the key is taken from ``OPENAI_API_KEY``.
        embedder_cut: The cosine that stands for 0.7 with your own embedder; null takes its ``relevance_cut``.
        embedder_timeout_s: Seconds that one request to that address may take.
        embedder_retries: How often a failed request is repeated.
        judge: Whether a language model judges doubtful findings.
        judge_model: An OpenAI-compatible model's name.
        judge_url: The address of an OpenAI-compatible server; null takes ``OPENAI_BASE_URL``, else OpenAI's own.
            The key is taken from ``OPENAI_API_KEY``, or is the one that ``argus login`` keeps.
        judge_timeout_s: Seconds that one request to the judge may take.
        judge_retries: How often a failed request is repeated.
        judge_failure: What happens when the judge cannot be asked: ``keep`` leaves all findings as they are, ``flag``
            adds an info finding that says so.
        judge_price_in: The price of a million tokens sent, in your currency; null leaves the cost unknown.
        judge_price_out: The price of a million tokens received.
    """

    enabled: bool = True
    similarity_threshold: Share = 0.7
    embedder: str | None = None
    embedder_model: str = "text-embedding-3-small"
    embedder_cut: Annotated[float, Meta(gt=0, lt=1)] | None = None
    embedder_timeout_s: PositiveFloat = 2.0
    embedder_retries: Annotated[int, Meta(ge=0, le=10)] = 1
    judge: bool = False
    judge_model: str = "gpt-4o"
    judge_url: str | None = None
    judge_timeout_s: PositiveFloat = 30.0
    judge_retries: Annotated[int, Meta(ge=0, le=10)] = 2
    judge_failure: Literal["keep", "flag"] = "keep"
    judge_price_in: Annotated[float, Meta(ge=0)] | None = None
    judge_price_out: Annotated[float, Meta(ge=0)] | None = None


class BehavioralSettings(_Section, frozen=True, kw_only=True):
    """``detection.behavioral``: what ran, in which order, how often.

    Attributes:
        enabled: Whether the layer runs.
        max_loop_count: How often one node may run in one run before it counts as a runaway loop.
        detect_skipped: Whether skipped steps are looked for.
        detect_mutations: Whether state corruption is looked for.
    """

    enabled: bool = True
    max_loop_count: PositiveInt = 10
    detect_skipped: bool = True
    detect_mutations: bool = True


class StructuralSettings(_Section, frozen=True, kw_only=True):
    """``detection.structural``: states against what is declared and read.

    Attributes:
        enabled: Whether the layer runs.
        check_required: Whether missing required fields are looked for.
        check_types: Whether types are compared with the declared ones.
        check_empty: Whether empty outputs are looked for.
        check_contracts: Whether values are compared with what earlier runs have shown of them.
    """

    enabled: bool = True
    check_required: bool = True
    check_types: bool = True
    check_empty: bool = True
    check_contracts: bool = True


class SignatureSettings(_Section, frozen=True, kw_only=True):
    """``detection.signatures``: texts that look like a failure.

    Attributes:
        enabled: Whether signatures are matched.
        private: A file with your own signatures.
    """

    enabled: bool = True
    private: str | None = None


class IgnoreRule(_Section, frozen=True, kw_only=True):
    """One entry of ``detection.ignore``: all the parts given must fit.

    Attributes:
        code: A finding's code, such as ``STR401``, or a glob.
        node: A node's name, or a glob.
        field: A field or dotted path, or a glob.
        reason: Shown with the suppressed finding.
    """

    code: str | None = None
    node: str | None = None
    field: str | None = None
    reason: str = "ignored by configuration"


class DetectionSettings(_Section, frozen=True, kw_only=True):
    """``detection``: the four layers, signatures and your own detectors.

    Attributes:
        statistical: Numbers against history.
        semantic: What texts mean.
        behavioral: What ran, in which order, how often.
        structural: States against what is declared and read.
        signatures: Texts that look like a failure.
        custom: Your own detectors, each as ``package.module:Class``.
        ignore: Findings to suppress; they stay in the trace, marked.
        baseline: A file that ``argus baseline freeze`` wrote, relative to the folder of ``argus.yaml``; what it says of
            a pipeline and graph version counts instead of what the store has learned.
        budget_s: Seconds that one detector may take for one trace before it is given up.
    """

    statistical: StatisticalSettings = StatisticalSettings()
    semantic: SemanticSettings = SemanticSettings()
    behavioral: BehavioralSettings = BehavioralSettings()
    structural: StructuralSettings = StructuralSettings()
    signatures: SignatureSettings = SignatureSettings()
    custom: tuple[str, ...] = ()
    ignore: tuple[IgnoreRule, ...] = ()
    baseline: str | None = None
    budget_s: PositiveFloat = 5.0


class RetentionSettings(_Section, frozen=True, kw_only=True):
    """``storage.retention``: when old traces go; off by default.

    Applied now and then after a run was stored, a hundred traces at a time, and by ``argus gc``.

    Attributes:
        days: Traces older than this are deleted.
        max_size: Bytes; above it the oldest traces are deleted.
    """

    days: PositiveFloat | None = None
    max_size: PositiveInt | None = None


class StorageSettings(_Section, frozen=True, kw_only=True):
    """``storage``: where traces are kept.

    Attributes:
        backend: ``sqlite``, ``memory``, or the name of an installed backend; a ``url`` overrides it.
        path: The SQLite file, relative to the folder of ``argus.yaml`` or, without one, the working folder.
        url: Such as ``sqlite:///traces.db`` or ``memory:``.
        retention: When old traces go.
    """

    backend: str = "sqlite"
    path: str = ".argus/traces.db"
    url: str | None = None
    retention: RetentionSettings = RetentionSettings()


class SecuritySettings(_Section, frozen=True, kw_only=True):
    """``security``: what is never recorded.

    Attributes:
        redact_keys: Keys, globs or dotted paths whose values are redacted; null is the default list, ``[]`` none.
        redact_values: Patterns redacted inside any string; null is the default kinds, ``[]`` none.
        redact_personal: Whether e-mail addresses, card numbers and IBANs are redacted too.
    """

    redact_keys: tuple[str, ...] | None = None
    redact_values: tuple[str, ...] | None = None
    redact_personal: bool = False


class CaptureSettings(_Section, frozen=True, kw_only=True):
    """``capture``: how much of a state is recorded.

    Attributes:
        fields: A policy for a field, glob or dotted path.
        max_depth: Nesting recorded before a placeholder stands in.
    """

    fields: dict[str, FieldPolicy] = {}
    max_depth: PositiveInt = 100


class JournalSettings(_Section, frozen=True, kw_only=True):
    """``journal``: the file that makes a run survive the death of its process.

    Attributes:
        enabled: Whether steps are journalled as they happen.
        fsync: When the journal is forced to disk: never (survives a killed process), per ``step`` or per ``run``
            (survives a power loss).
    """

    enabled: bool = True
    fsync: Literal["off", "step", "run"] = "off"


class ReportSettings(_Section, frozen=True, kw_only=True):
    """``reports``: how reports look.

    Attributes:
        templates: A folder whose templates replace the shipped ones.
    """

    templates: str | None = None


class Settings(_Section, frozen=True, kw_only=True):
    """All options.

    Attributes:
        watcher: How a run is watched.
        detection: What is looked for.
        storage: Where traces are kept.
        security: What is never recorded.
        capture: How much of a state is recorded.
        journal: The crash-safe file.
        reports: How reports look.
    """

    watcher: WatcherSettings = WatcherSettings()
    detection: DetectionSettings = DetectionSettings()
    storage: StorageSettings = StorageSettings()
    security: SecuritySettings = SecuritySettings()
    capture: CaptureSettings = CaptureSettings()
    journal: JournalSettings = JournalSettings()
    reports: ReportSettings = ReportSettings()
