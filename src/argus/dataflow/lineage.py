"""Who wrote and who read each field of a run, at each step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from argus.dataflow.order import Order
from argus.dataflow.reading import Read, reads_of
from argus.dataflow.rooted import unrooted
from argus.dataflow.values import ABSENT, at, fingerprint
from argus.dataflow.versions import Version, Versions
from argus.model.record import Record
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["FieldEvent", "Lineage", "Origin", "identities"]

Action: TypeAlias = Literal["given", "wrote", "echoed", "mutated", "removed", "dropped", "omitted", "read"]
"""``removed``: it was left out of an update that is the whole new state; ``omitted``: the source of the node names the
field, but this time it was not returned; ``dropped``: it was returned and did not reach the state."""


class FieldEvent(Record, frozen=True, kw_only=True):
    """Something that happened to a field.

    Attributes:
        action: What happened.
        step_id: At which step; None for what the caller gave.
        step_number: That step's number; 0 for what the caller gave.
        node_name: That step's node; empty for what the caller gave.
        value: What was written, or what the reader found; None where there is nothing.
        read: How a read is known, or None for everything else.
    """

    action: Action
    step_id: str | None
    step_number: int
    node_name: str
    value: JsonValue = None
    read: Read | None = None


class Origin(Record, frozen=True, kw_only=True):
    """Where one item of a list comes from.

    Attributes:
        item: The item, such as a message.
        step_id: The step that added it, or None if the caller did or nobody is known.
        node_name: Its node, or empty.
    """

    item: JsonValue
    step_id: str | None
    node_name: str


class Lineage:
    """The data flow of one run. The index is built once, in time linear in the trace.

    Args:
        trace: The run; never changed.

    Attributes:
        trace: The run as it is looked at: where one dict is the whole state, its keys are the fields.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace = unrooted(trace)
        self.order = Order(trace)
        self.versions = Versions(self.order)
        self._reads: dict[str, tuple[Read, ...]] = {}

    def reads(self, step: TraceStep) -> tuple[Read, ...]:
        """What a step read, and how that is known.

        Args:
            step: A step of this trace.
        """
        if step.id not in self._reads:
            self._reads[step.id] = reads_of(step, self.order)
        return self._reads[step.id]

    def version_before(self, path: str, step: TraceStep) -> Version | None:
        """The write that a step sees at a path, in the scope of the step.

        Args:
            path: A field or dotted path.
            step: The reader.
        """
        return self.versions.before(self.order.scope(step), path, self.order.moment(step))

    def writer_of(self, path: str, before_step: TraceStep) -> TraceStep | None:
        """The step that made what another step sees at a path, looked up through subgraphs in both directions.

        Args:
            path: A field or dotted path.
            before_step: The reader.

        Returns:
            The innermost step that wrote it last, or None if the caller gave it or nobody wrote it.
        """
        version = self.version_before(path, before_step)
        while version is not None:
            inner = self.inside(version, path)
            if inner is not None:
                version = inner
            elif version.step is not None:
                return version.step
            else:
                version = self.outside(version, path)
        return None

    def inside(self, version: Version, path: str) -> Version | None:
        """For the write of a step that ran a subgraph: the write in the subgraph that it stands for.

        Args:
            version: Any version.
            path: The path that is followed.
        """
        if version.step is None:
            return None
        for scope in reversed(self.order.inner_scopes(version.step)):
            if scope == version.scope:
                continue
            found = self.versions.before(scope, path, None)
            if found is not None and found.step is not None:
                return found
        return None

    def outside(self, version: Version, path: str) -> Version | None:
        """For a value that was there when a subgraph began: the write in the outer graph that it comes from.

        Args:
            version: A version without a step.
            path: The path that is followed.
        """
        parent = self.order.step(version.scope[0]) if version.scope[0] is not None else None
        return self.version_before(path, parent) if parent is not None and version.step is None else None

    def contributors(self, path: str, before_step: TraceStep) -> Iterator[Version]:
        """The writes that live on in what a step sees at a path, the latest first; several only with a reducer.

        Args:
            path: A field or dotted path.
            before_step: The reader.
        """
        version = self.version_before(path, before_step)
        while version is not None:
            if version.kind != "echoed":
                yield version
            if version.step is None or not self.order.adds_up(before_step, version.field):
                return
            version = self.versions.previous(version)

    def readers(self, version: Version) -> list[TraceStep]:
        """The steps of the same scope that read a field while it held this version.

        Args:
            version: The version.
        """
        line = self.versions.of(version.scope, version.field)
        later = [one.moment for one in line[version.number + 1 :] if one.moment > version.moment]
        end = later[0] if later else None
        return [
            step
            for step in self.order.scopes[version.scope]
            if self.order.moment(step) > version.moment
            and (end is None or self.order.moment(step) <= end)
            and any(read.path.partition(".")[0] == version.field for read in self.reads(step))
        ]

    def history(self, path: str) -> tuple[FieldEvent, ...]:
        """The life of a field, in the order of the run: where it was given, written, omitted, dropped and read.

        Args:
            path: A field or dotted path; subgraphs that have a field of this name are included.
        """
        events: list[tuple[int, int, FieldEvent]] = []
        top = path.partition(".")[0]
        inner = path.partition(".")[2]
        for scope in self.order.scopes:
            for version in self.versions.of(scope, top):
                value = at(version.value, inner) if inner else version.value
                if version.step is None:
                    if scope[0] is None:
                        event = FieldEvent(
                            action="given", step_id=None, step_number=0, node_name="", value=_shown(value)
                        )
                        events.append((0, 0, event))
                elif value is not ABSENT or version.kind == "removed":
                    events.append((version.step.step_number, 1, _event(version.kind, version.step, value)))
        for step in self.trace.steps:
            events += ((step.step_number, 0, event) for event in self._read_events(step, path, top))
            if (action := self.loss(step, top)) is not None:
                events.append((step.step_number, 1, _event(action, step, step.output_state.get(top))))
        events.sort(key=lambda entry: entry[:2])
        return tuple(event for _, _, event in events)

    def _read_events(self, step: TraceStep, path: str, top: str) -> Iterator[FieldEvent]:
        for read in self.reads(step):
            if read.path == path or read.path.startswith(f"{path}.") or read.path == top:
                yield _event("read", step, at(step.input_state, read.path), read)

    def loss(self, step: TraceStep, field: str) -> Literal["dropped", "omitted"] | None:
        """Whether a step was to write a field and did not, or wrote it in vain.

        Args:
            step: A step of this trace.
            field: A top-level field.
        """
        if step.outcome not in ("ok", "cached"):
            return None
        dropped = step.metadata.get("dropped")
        if isinstance(dropped, list) and field in dropped:
            return "dropped"
        spec = self.order.node(step)
        named = spec is not None and spec.writes is not None and field in spec.writes
        return "omitted" if named and field not in step.output_state else None

    def origins(self, field: str, before_step: TraceStep) -> tuple[Origin, ...]:
        """Where each item of a list comes from, such as each message of a conversation.

        Args:
            field: A field that holds a list.
            before_step: The step that sees it.

        Returns:
            One entry for each item, in order; empty if the field holds no list.
        """
        items = before_step.input_state.get(field)
        if not isinstance(items, list):
            return ()
        adders: dict[str | bytes, TraceStep | None] = {}
        for version in reversed(list(self.contributors(field, before_step))):
            writer = self._innermost(version, field)
            added = version.value if isinstance(version.value, list) else [version.value]
            for key in (key for item in added for key in identities(item)):
                adders.setdefault(key, writer)
        origins: list[Origin] = []
        for item in items:
            step = next((adders[key] for key in identities(item) if key in adders), None)
            origins.append(
                Origin(item=item, step_id=step.id if step else None, node_name=step.node_name if step else "")
            )
        return tuple(origins)

    def _innermost(self, version: Version, field: str) -> TraceStep | None:
        inner: Version | None = version
        while inner is not None:
            version, inner = inner, self.inside(inner, field)
        return version.step

    def senders(self, step: TraceStep) -> list[TraceStep]:
        """The steps that may have started another one by a ``Send`` or a ``Command``: those just before that chose it.

        Args:
            step: A step of this trace.
        """
        return [one for one in self.order.beside_before(step) if step.node_name in _targets(one)]


def _targets(step: TraceStep) -> set[str]:
    found: set[str] = set()
    for key in ("branch", "goto"):
        names = step.metadata.get(key)
        found.update(name for name in names if isinstance(name, str)) if isinstance(names, list) else None
    return found


def identities(item: JsonValue) -> Iterator[str | bytes]:
    """The keys by which an item is recognised: its own id, and what it says apart from the id.

    A reducer may give a message its id only after the node has returned it.

    Args:
        item: An item of a list.
    """
    if isinstance(item, dict):
        own = item.get("id")
        if isinstance(own, str) and own:
            yield f"id:{own}"
        rest = {key: value for key, value in item.items() if key != "id"}
        key = fingerprint(rest)
    else:
        key = fingerprint(item)
    if key is not None:
        yield key


def _shown(value: JsonValue) -> JsonValue:
    return None if value is ABSENT else value


def _event(action: Action, step: TraceStep, value: JsonValue, read: Read | None = None) -> FieldEvent:
    return FieldEvent(
        action=action,
        step_id=step.id,
        step_number=step.step_number,
        node_name=step.node_name,
        value=_shown(value),
        read=read,
    )
