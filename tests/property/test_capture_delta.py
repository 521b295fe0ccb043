"""States recorded by their changes read back as the states they were, whatever nodes and reducers do to them."""

import copy

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from argus.capture.delta import Tracker
from argus.capture.encode import Encoder
from argus.capture.limits import Limits
from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings
from argus.recording.values import Values

ENCODER = Encoder(Limits(), Redactor(SecuritySettings()))
FIELDS = ("text", "log", "tree", "messages", "rows", "numbers", "odd", "token")


def whole(state):
    """What a recording without any sharing says of a state."""
    return {name: msgspec.json.decode(part) for name, part in ENCODER.fields(state).items()}


def leaf():
    return st.integers(0, 9) | st.sampled_from(["", "a", "b" * 300, "c" * 1500, None, 1.5, True, "sk-" + "x1" * 15])


def start():
    return {
        "text": "start",
        "log": [],
        "tree": {f"branch {i}": {f"leaf {j}": j for j in range(6)} for i in range(12)},
        "messages": [],
        "rows": [{"id": i, "name": f"row {i}", "tags": ["x"]} for i in range(30)],
        "numbers": list(range(400)),
        "odd": {1, 2},
        "token": "hidden",
    }


class World:
    """A state in the hands of nodes and reducers."""

    def __init__(self):
        self.state = start()
        self.made = 0

    def set_leaf(self, value):
        self.state = {**self.state, "text": value}

    def append_copy(self, value):
        self.state = {**self.state, "log": [*self.state["log"], value]}

    def append_in_place(self, value):
        self.state["log"].append(value)

    def copy_branch(self, value):
        tree = self.state["tree"]
        name = f"branch {self.made % 12}"
        self.state = {**self.state, "tree": {**tree, name: {**tree.get(name, {}), "leaf 0": value}}}

    def change_branch_in_place(self, value):
        self.state["tree"].setdefault(f"branch {self.made % 12}", {})["leaf 1"] = value

    def new_branch_in_place(self, value):
        self.state["tree"][f"new {self.made}"] = {"leaf": value}

    def drop_branch(self, value):
        tree = dict(self.state["tree"])
        tree.pop(f"branch {self.made % 12}", None)
        self.state = {**self.state, "tree": tree}

    def add_message(self, value):
        kind = (AIMessage, HumanMessage)[self.made % 2]
        message = kind(f"{value} {'lorem ipsum ' * 40}")
        self.state = {**self.state, "messages": [*self.state["messages"], message]}

    def name_message(self, value):
        if self.state["messages"]:
            self.state["messages"][-1].id = f"id {self.made}"

    def replace_message(self, value):
        messages = list(self.state["messages"])
        if messages:
            messages[self.made % len(messages)] = AIMessage(f"other {value}")
        self.state = {**self.state, "messages": messages}

    def trim_messages(self, value):
        self.state = {**self.state, "messages": self.state["messages"][-3:]}

    def add_row(self, value):
        self.state = {**self.state, "rows": [*self.state["rows"], {"id": value, "tags": [value]}]}

    def change_row_in_place(self, value):
        rows = self.state["rows"]
        rows[self.made % len(rows)]["tags"].append(value)

    def grow_numbers(self, value):
        self.state = {**self.state, "numbers": [*self.state["numbers"], *range(self.made % 90)]}

    def change_number_in_place(self, value):
        self.state["numbers"][-1] = self.made

    def odd(self, value):
        self.state["odd"].add(self.made)

    def drop_field(self, value):
        self.state = {
            name: held for name, held in self.state.items() if name not in ("text", "numbers") or self.made % 2
        }
        self.state.setdefault("numbers", [1])

    def copy_everything(self, value):
        self.state = copy.deepcopy(self.state)

    def nothing(self, value):
        pass


ACTIONS = sorted(name for name in vars(World) if not name.startswith("_"))
STORY = st.lists(st.tuples(st.sampled_from(ACTIONS), leaf()), min_size=1, max_size=14)


class Reader:
    """Reads back what a tracker tells."""

    def __init__(self, tracker):
        self.tracker = tracker
        self.values = Values()
        self.small = {}
        self.large = {}

    def take(self, fields, gone=()):
        self.values.add(self.tracker.take_fresh())
        if fields.json:
            self.small = self.values.small_fields(fields.json)
        self.large = {name: value for name, value in self.large.items() if name not in gone}
        self.large.update(self.values.fields((b"", fields.parts)))

    def state(self):
        return {**self.small, **self.large}


@given(STORY)
@settings(max_examples=150, deadline=None)
def test_a_deep_look_reads_back_exactly(story):
    world, tracker = World(), Tracker(ENCODER)
    reader = Reader(tracker)
    for name, value in [("nothing", 0), *story]:
        world.made += 1
        getattr(world, name)(value)
        tracker.advance()
        reader.take(*tracker.state("", world.state, deep=True))
        assert reader.state() == whole(world.state)


SEEN_AT_ONCE = sorted({*ACTIONS} - {"change_row_in_place", "change_number_in_place"})


@given(st.lists(st.tuples(st.sampled_from(SEEN_AT_ONCE), leaf()), min_size=1, max_size=14))
@settings(max_examples=150, deadline=None)
def test_a_usual_look_reads_back_what_it_promises_to_see(story):
    """Everything but a change inside the middle of a long list, for which the policy takes turns."""
    world, tracker = World(), Tracker(ENCODER)
    reader = Reader(tracker)
    for name, value in [("nothing", 0), *story]:
        world.made += 1
        getattr(world, name)(value)
        tracker.advance()
        reader.take(*tracker.state("", world.state))
        assert reader.state() == whole(world.state)


@given(STORY)
@settings(max_examples=100, deadline=None)
def test_updates_and_looks_between_lose_nothing(story):
    """The rhythm of a run: a look, a node that changes things, a look for changes in place, its update, a look."""
    world, tracker = World(), Tracker(ENCODER)
    reader = Reader(tracker)
    for name, value in story:
        tracker.advance()
        reader.take(*tracker.state("", world.state, deep=True))
        before = world.state
        world.made += 1
        getattr(world, name)(value)
        tracker.advance()
        changes, fields = tracker.mutated_state("", deep=True)
        reader.take(fields)
        assert reader.state() == whole(before)
        update = {key: held for key, held in world.state.items() if before.get(key) is not held}
        recorded = tracker.fields("", update)
        reader.values.add(tracker.take_fresh())
        assert reader.values.fields(recorded) == whole(update)
        changed_in_place = name.endswith("in_place") or name in ("odd", "name_message")
        assert changed_in_place or not changes
    tracker.advance()
    reader.take(*tracker.state("", world.state, deep=True))
    assert reader.state() == whole(world.state)


@given(st.lists(leaf(), min_size=1, max_size=5), STORY)
@settings(max_examples=60, deadline=None)
def test_values_recorded_alone_read_back(leaves, story):
    world, tracker = World(), Tracker(ENCODER)
    values = Values()
    for name, value in story:
        world.made += 1
        getattr(world, name)(value)
        tracker.advance()
        part = tracker.value([world.state["messages"], {"state": world.state, "leaves": leaves}])
        values.add(tracker.take_fresh())
        assert values.of(part)[0] == whole({"m": world.state["messages"]})["m"]
