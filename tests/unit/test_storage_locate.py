"""From a configuration or URL to a store, and from what a user types to a trace."""

import sys
from datetime import timedelta
from importlib.metadata import EntryPoint

import pytest

from argus.config.settings import StorageSettings
from argus.errors import AmbiguousTraceId, ConfigError, NotAvailable, PluginError, TraceNotFound
from argus.storage import locate
from argus.storage.locate import mask_url, open_configured, open_store, resolve
from argus.storage.memory import MemoryStore
from argus.storage.sqlite import SqliteStore
from argus.testing.builders import CREATED_AT, build_trace, ran


class Elsewhere(MemoryStore):
    """A backend from another package."""

    schemes = ("elsewhere",)

    @classmethod
    def open(cls, url):
        store = cls()
        store.opened = url
        return store


NOT_A_STORE = "not a store"


@pytest.fixture
def installed(monkeypatch):
    points = [
        EntryPoint(name="elsewhere", value=f"{__name__}:Elsewhere", group=locate.GROUP),
        EntryPoint(name="missing", value="no_such_package:Store", group=locate.GROUP),
        EntryPoint(name="wrong", value=f"{__name__}:NOT_A_STORE", group=locate.GROUP),
    ]
    monkeypatch.setattr(locate, "_entry_points", lambda: points)


class TestOpening:
    def test_the_default_is_a_file_in_the_base_folder(self, tmp_path):
        store = open_configured(StorageSettings(), tmp_path)
        assert isinstance(store, SqliteStore)
        assert store.path == tmp_path / ".argus" / "traces.db"
        assert store.path.exists()
        store.close()

    def test_without_a_base_folder_it_is_the_working_folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        for store in (open_configured(StorageSettings(path="a.db")), open_store("sqlite:///b.db")):
            assert store.path.parent == tmp_path
            store.close()

    def test_relative_urls_are_relative_to_the_base_folder(self, tmp_path):
        store = open_configured(StorageSettings(url="sqlite:///sub/traces.db"), tmp_path)
        assert store.path == tmp_path / "sub" / "traces.db"
        assert open_store(store.url).path == store.path
        store.close()

    def test_absolute_paths_and_urls_stay(self, tmp_path):
        for settings in (
            StorageSettings(path=str(tmp_path / "a.db")),
            StorageSettings(url=f"sqlite:///{tmp_path}/a.db"),
            StorageSettings(url=f"SQLite:///{tmp_path}/a.db", backend="nonsense"),
        ):
            store = open_configured(settings, tmp_path / "other")
            assert store.path == tmp_path / "a.db"
            store.close()

    def test_memory(self):
        assert isinstance(open_configured(StorageSettings(backend="memory")), MemoryStore)
        assert open_store("memory:").url == "memory:"
        assert open_store("memory:name").url == "memory:name"

    def test_a_backend_whose_driver_is_missing_says_how_to_get_it(self, monkeypatch):
        for name in [name for name in sys.modules if name.startswith("argus.storage.postgres")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(NotAvailable, match=r"pip install 'arguslabs\[postgres\]'") as caught:
            open_store("postgresql://me:secret@host/db")
        assert "secret" not in str(caught.value)

    def test_an_unknown_scheme_names_the_nearest(self, installed):
        with pytest.raises(ConfigError, match=r"did you mean sqlite\?"):
            open_store("sqlit:///traces.db")
        with pytest.raises(
            ConfigError, match="elsewhere, file, memory, missing, postgres, postgresql, s3, sqlite, wrong"
        ):
            open_store("quux://x")
        with pytest.raises(ConfigError, match=r"did you mean memory\?"):
            open_configured(StorageSettings(backend="memry"))

    @pytest.mark.parametrize("url", ["", "traces.db", "./x", "C\0:", "1x:y", "://x"])
    def test_what_is_no_url_is_refused(self, url):
        with pytest.raises(ConfigError):
            open_store(url)

    def test_installed_backends_open(self, installed):
        assert open_store("elsewhere://u:p@host/x").opened == "elsewhere://u:p@host/x"
        assert open_configured(StorageSettings(backend="elsewhere")).opened == "elsewhere:"

    def test_installed_backends_that_are_broken_say_so(self, installed):
        with pytest.raises(PluginError, match="no_such_package"):
            open_store("missing:")
        with pytest.raises(PluginError, match="BaseStore"):
            open_store("wrong:")

    def test_built_in_backends_answer_to_their_schemes(self):
        for scheme in locate.BUILTIN:
            assert scheme in locate._backend(scheme).schemes


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql://me:se/cr@et@host/db", "postgresql://me:***@host/db"),
        ("postgresql://:secret@host/db", "postgresql://:***@host/db"),
        ("x://host/db?user=me&password=secret&sslmode=on", "x://host/db?user=me&password=***&sslmode=on"),
        ("s3://bucket/p?aws_secret_access_key=secret", "s3://bucket/p?aws_secret_access_key=***"),
        ("sqlite:////home/me/traces.db", "sqlite:////home/me/traces.db"),
        ("memory:", "memory:"),
        ("x://me@host/db", "x://me@host/db"),
    ],
)
def test_passwords_are_masked(url, shown):
    assert mask_url(url) == shown


class TestResolving:
    @pytest.fixture
    def store(self):
        store = MemoryStore()
        ids = ("8f2c0000000000aa", "8f2d0000000000bb", "1234000000000000", "12340000000000001")
        store.save_many(
            [
                build_trace(ran("a"), trace_id=trace_id, created_at=CREATED_AT + timedelta(seconds=number))
                for number, trace_id in enumerate(ids)
            ]
        )
        return store

    @pytest.mark.parametrize(
        ("reference", "trace_id"),
        [
            ("8f2c0000000000aa", "8f2c0000000000aa"),
            ("8f2c", "8f2c0000000000aa"),
            (" 8F2D ", "8f2d0000000000bb"),
            ("1234000000000000", "1234000000000000"),  # a whole id, though another one begins with it
            ("last", "12340000000000001"),
            ("last~0", "12340000000000001"),
            ("last~3", "8f2c0000000000aa"),
        ],
    )
    def test_what_users_type(self, store, reference, trace_id):
        assert resolve(store, reference) == trace_id

    def test_several_matches_are_named(self, store):
        with pytest.raises(AmbiguousTraceId, match=r"which one\?") as caught:
            resolve(store, "8f2")
        assert caught.value.matches == ("8f2c0000000000aa", "8f2d0000000000bb")
        assert all(match in str(caught.value) for match in caught.value.matches)

    def test_no_more_than_ten_matches_are_named(self, store):
        store.save_many([build_trace(ran("a"), trace_id=f"many{number:02}") for number in range(15)])
        with pytest.raises(AmbiguousTraceId, match="and more") as caught:
            resolve(store, "many")
        assert len(caught.value.matches) == 10

    def test_what_is_not_found_names_what_looks_alike(self, store):
        with pytest.raises(TraceNotFound, match=r"did you mean 8f2[cd]0000000000(aa|bb)"):
            resolve(store, "8f2e00")
        with pytest.raises(TraceNotFound, match="trace --list"):
            resolve(store, "zzzz")
        for nothing in ("", "  "):
            with pytest.raises(TraceNotFound, match="no trace id"):
                resolve(store, nothing)

    def test_there_is_no_trace_before_the_first(self, store):
        with pytest.raises(TraceNotFound, match=r"last~4.*holds 4 traces"):
            resolve(store, "last~4")
        with pytest.raises(TraceNotFound, match="is empty"):
            resolve(MemoryStore(), "last")

    def test_far_back_traces_are_found_page_by_page(self):
        store = MemoryStore()
        store.save_many(
            [build_trace(trace_id=f"{n:04}", created_at=CREATED_AT + timedelta(seconds=n)) for n in range(2500)]
        )
        assert resolve(store, "last~2499") == "0000"


def test_memory_stores_of_one_name_share_their_traces():
    one, same, other, unnamed = (MemoryStore.open(f"memory:{name}") for name in ("shared", "shared", "other", ""))
    one.save(build_trace(ran("a")))
    assert len(same.list().rows) == 1
    one.close()
    assert len(MemoryStore.open("memory:shared").list().rows) == 1
    assert other.list().rows == unnamed.list().rows == MemoryStore().list().rows == ()
    with pytest.raises(ConfigError):
        MemoryStore.open("sqlite:///x")
