"""The suite itself: each way of breaking a store fails the tests that promise the opposite, and no other test."""

import re
import time
from datetime import timezone

import msgspec
import pytest

from argus.errors import StorageError
from argus.learning.merging import merge
from argus.model.trace import Trace
from argus.storage.base import Page, TraceQuery
from argus.storage.memory import MemoryStore
from argus.testing.full_trace import full_trace
from argus.testing.storage_suite import StorageSuite


def change(record, **changes):
    return msgspec.structs.replace(record, **changes)


class ForgetsForensics(MemoryStore):
    fails = {
        "test_every_field_comes_back",
        "test_hostile_text_comes_back",
        "test_an_outline_is_the_trace_without_what_makes_it_large",
        "test_saving_again_changes_nothing",
        "test_a_deleted_trace_can_be_saved_again",
    }

    def get(self, trace_id):
        return change(super().get(trace_id), forensics=None)


class ReplacesSurrogates(MemoryStore):
    fails = {"test_hostile_text_comes_back", "test_an_outline_is_the_trace_without_what_makes_it_large"}

    def get(self, trace_id):
        trace = super().get(trace_id)
        return change(trace, summary=trace.summary.encode("utf-8", "replace").decode())


class MakesEveryNumberAFloat(MemoryStore):
    fails = {"test_numbers_keep_their_kind_and_all_their_digits"}

    def get(self, trace_id):
        trace = super().get(trace_id)
        numbers = [step.output_state.get("numbers") for step in trace.steps]
        if not any(numbers):
            return trace
        floats = {"numbers": [number if number is None else float(number) for number in numbers[0]]}
        return change(trace, steps=(change(trace.steps[0], output_state=floats),))


class ForgetsTimeZones(MemoryStore):
    fails = {"test_times_of_other_zones_are_the_same_moments"}

    def save_many(self, traces):
        super().save_many([self._forget(trace) if isinstance(trace, Trace) else trace for trace in traces])

    @staticmethod
    def _forget(trace):
        return change(trace, created_at=trace.created_at.replace(tzinfo=timezone.utc))


class KeepsTheOlderTrace(MemoryStore):
    fails = {
        "test_a_trace_with_the_same_id_is_replaced_in_all_its_parts",
        "test_of_two_with_the_same_id_the_later_one_stays",
        "test_a_replaced_run_counts_as_it_is_now",
    }

    def save_many(self, traces):
        known, new = {*self.find_prefix("", limit=1000)}, []
        for trace in traces:
            if getattr(trace, "id", None) not in known:
                new.append(trace)
                known.add(getattr(trace, "id", None))
        super().save_many(new)


class SavesOneByOne(MemoryStore):
    fails = {"test_a_batch_that_fails_leaves_nothing"}

    def save_many(self, traces):
        for trace in traces:
            super().save_many([trace])


class ListsTheOldestFirst(MemoryStore):
    fails = {
        "test_a_step_of_the_node",
        "test_any_of_the_codes_and_severities",
        "test_any_of_the_statuses",
        "test_of_the_same_moment_the_greatest_id_comes_first",
        "test_pages_show_everything_once",
        "test_since_is_included_and_until_is_not",
        "test_the_newest_comes_first_whatever_was_saved_first",
        "test_threads_lose_nothing",
        "test_times_of_other_zones_are_the_same_moments",
        "test_what_is_saved_or_deleted_meanwhile_does_not_shift_pages",
    }

    def list(self, query=None, *, limit=50, cursor=None):
        page = super().list(query, limit=limit, cursor=cursor)
        return Page(rows=page.rows[::-1], next_cursor=page.next_cursor)


class PagesByOffset(MemoryStore):
    fails = {"test_what_is_saved_or_deleted_meanwhile_does_not_shift_pages"}

    def list(self, query=None, *, limit=50, cursor=None):
        try:
            skip = int(cursor or 0)
        except ValueError as error:
            raise StorageError("no cursor") from error
        rows = super().list(query, limit=1000).rows
        if not 1 <= limit <= 1000:
            raise StorageError("no limit")
        end = skip + limit
        return Page(rows=rows[skip:end], next_cursor=str(end) if len(rows) > end else None)


class Ignores(MemoryStore):
    condition = ""

    def list(self, query=None, *, limit=50, cursor=None):
        default = getattr(TraceQuery(), self.condition)
        return super().list(change(query or TraceQuery(), **{self.condition: default}), limit=limit, cursor=cursor)


class IgnoresStatuses(Ignores):
    condition = "statuses"
    fails = {
        "test_any_of_the_statuses",
        "test_all_conditions_must_hold",
        "test_conditions_hold_for_all_figures",
    }


class IgnoresUntil(Ignores):
    condition = "until"
    fails = {
        "test_since_is_included_and_until_is_not",
        "test_percentiles_are_durations_that_were_measured",
    }


class IgnoresNodes(Ignores):
    condition = "node"
    fails = {
        "test_a_step_of_the_node",
        "test_a_trace_with_the_same_id_is_replaced_in_all_its_parts",
        "test_conditions_hold_for_all_figures",
        "test_deleted_traces_are_gone_from_everywhere",
    }


class ComparesTextExactly(MemoryStore):
    fails = {"test_text_in_any_letter_case"}

    def list(self, query=None, *, limit=50, cursor=None):
        page = super().list(query, limit=limit, cursor=cursor)
        if query and query.text:
            return change(page, rows=tuple(row for row in page.rows if query.text in self.get(row.id).summary))
        return page


class TakesPrefixesAsPatterns(MemoryStore):
    fails = {"test_prefixes_are_taken_literally"}

    def find_prefix(self, prefix, *, limit=10):
        pattern = re.compile(re.escape(prefix).replace("%", ".*").replace("_", "."), re.DOTALL)
        return tuple(found for found in super().find_prefix("", limit=1000) if pattern.match(found))[:limit]


class RaisesKeyErrors(MemoryStore):
    fails = {
        "test_an_unknown_id_is_not_found",
        "test_an_outline_is_the_trace_without_what_makes_it_large",
        "test_deleted_traces_are_gone_from_everywhere",
    }

    def get(self, trace_id):
        try:
            return super().get(trace_id)
        except StorageError as error:
            raise KeyError(trace_id) from error


class DeletesNothing(MemoryStore):
    fails = {"test_deleted_traces_are_gone_from_everywhere"}

    def delete(self, trace_ids):
        return len({trace_id for trace_id in trace_ids if self.find_prefix(trace_id)[:1] == (trace_id,)})


class LearnsFromOtherVersions(MemoryStore):
    fails = {"test_only_the_same_pipeline_and_version", "test_each_pipeline_and_version_has_its_own"}

    def history(self, pipeline, graph_version, *, before=None):
        versions = (graph_version, None, "v1", "v2")
        found = [super(type(self), self).history(pipeline, version, before=before) for version in versions]
        return max(found, key=lambda history: (history.profile().runs, history.runs()))


class LearnsFromFailures(MemoryStore):
    fails = {
        "test_a_replaced_run_counts_as_it_is_now",
        "test_only_healthy_runs_and_only_steps_that_ended_well",
        "test_what_healthy_runs_have_in_common",
        "test_a_run_with_findings_never_teaches",
        "test_a_run_that_did_not_end_by_itself_never_teaches",
        "test_what_was_learned_outlives_the_runs",
        "test_it_can_be_reset",
        "test_it_can_be_replaced_by_a_frozen_one",
    }

    def history(self, pipeline, graph_version, *, before=None):
        healed = MemoryStore()
        rows = self.list(limit=1000).rows
        healed.save_many([change(self.get(row.id), status="ok") for row in rows])
        return healed.history(pipeline, graph_version, before=before)


class LearnsFromTheFuture(MemoryStore):
    fails = {"test_only_runs_that_started_earlier"}

    def history(self, pipeline, graph_version, *, before=None):
        return super().history(pipeline, graph_version)


class SavesWithoutALock(MemoryStore):
    fails = {
        "test_threads_lose_nothing",
        "test_it_can_be_reset",
        "test_it_can_be_replaced_by_a_frozen_one",
    }

    def __init__(self):
        super().__init__()
        self._kept = ()

    def save_many(self, traces):
        MemoryStore().save_many(traces)
        kept = self._kept
        time.sleep(0.001)
        self._kept = (*kept, *traces)
        super().delete(list(super().find_prefix("", limit=1000)))
        self._shelf.profiles.clear()
        super().save_many(self._kept)


class LearnsAgainFromWhatItKnows(MemoryStore):
    fails = {"test_a_run_teaches_once"}

    def save_many(self, traces):
        known = [
            trace for trace in traces if isinstance(trace, Trace) and super(type(self), self).find_prefix(trace.id)
        ]
        healed = MemoryStore()
        healed.save_many(known)
        super().save_many(traces)
        for series, lesson in healed._shelf.profiles.items():
            self._shelf.profiles[series] = merge(self._shelf.profiles[series], lesson)


class ForgetsBaselines(MemoryStore):
    fails = {"test_it_can_be_replaced_by_a_frozen_one"}

    def put_baseline(self, pipeline, graph_version, profile):
        pass


class StaysOpen(MemoryStore):
    fails = {"test_a_closed_store_says_so"}

    def close(self):
        pass


BROKEN = [
    kind
    for kind in list(globals().values())
    if isinstance(kind, type) and issubclass(kind, MemoryStore) and "fails" in vars(kind)
]


def failing_tests(make_store):
    """Runs the whole suite, a fresh store for each test, and names the tests that fail."""
    failed = set()
    for name in dir(StorageSuite):
        if name.startswith("test_"):
            try:
                getattr(StorageSuite(), name)(make_store())
            except pytest.skip.Exception:
                continue
            except (Exception, pytest.fail.Exception):
                failed.add(name)
    return failed


def test_a_sound_store_passes():
    assert failing_tests(MemoryStore) == set()


@pytest.mark.parametrize("broken", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_store_fails_the_right_tests(broken):
    assert failing_tests(broken) == broken.fails


def test_no_field_of_the_full_trace_has_its_default():
    """Otherwise a store that forgets the field would pass."""
    seen, empty = set(), set()

    def walk(value):
        if isinstance(value, msgspec.Struct):
            for field in msgspec.structs.fields(type(value)):
                place = f"{type(value).__name__}.{field.name}"
                item = getattr(value, field.name)
                default = field.default if field.default is not msgspec.NODEFAULT else None
                (empty if item in (default, (), {}, "") else seen).add(place)
                walk(item)
        elif isinstance(value, tuple):
            for item in value:
                walk(item)

    walk(full_trace())
    assert empty - seen == set()
