"""``argus login``: where the key goes, who may read it, and how it leaves."""

import io
import json
import stat
import sys
import types

import pytest

from argus.judges.keys import key_file, stored_key


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setitem(sys.modules, "keyring", None)


def test_a_key_is_kept_in_a_file_that_only_its_owner_can_read(call):
    done = call("login", "--key", "sk-abc123")
    assert (done.code, done.err) == (0, "")
    assert "sk-abc123" not in done.out
    assert stored_key() == "sk-abc123"
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file().parent.stat().st_mode) == 0o700


def test_a_file_that_was_open_to_others_is_closed(call):
    call("login", "--key", "sk-abc123")
    key_file().chmod(0o644)
    call("login", "--key", "sk-2", "--json")
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert stored_key() == "sk-2"


def test_a_key_may_come_from_standard_input(call, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("sk-piped\n"))
    done = call("login", "--json")
    assert json.loads(done.out) == {"stored": True, "where": str(key_file())}
    assert stored_key() == "sk-piped"


@pytest.mark.parametrize("piped", ["", "\n"])
def test_without_a_key_on_standard_input_it_says_so(call, monkeypatch, piped):
    monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
    done = call("login")
    assert done.code == 2
    assert "no key was given" in done.err
    assert stored_key() is None


def test_it_can_be_taken_away(call):
    call("login", "--key", "sk-abc123")
    assert call("login", "--forget").out == "The key is gone.\n"
    assert stored_key() is None
    assert call("login", "--forget").out == "No key was kept.\n"


@pytest.mark.parametrize("key", ["", "two words", "umläut", "x" * 5000, "a\nb"])
def test_what_is_no_key_is_refused(call, key):
    done = call("login", "--key", key)
    assert done.code == 2
    assert "no key" in done.err
    assert stored_key() is None


def test_a_link_is_not_followed(call, tmp_path):
    target = tmp_path / "target"
    target.write_text("sk-not-mine")
    key_file().parent.mkdir(parents=True, mode=0o700)
    key_file().symlink_to(target)
    assert stored_key() is None
    assert call("login", "--key", "sk-abc123").code == 2
    assert target.read_text() == "sk-not-mine"


class Ring:
    def __init__(self, works=True):
        self.kept = {}
        self.works = works

    def set_password(self, service, user, key):
        if not self.works:
            raise RuntimeError("no desktop")
        self.kept[service, user] = key

    def get_password(self, service, user):
        return self.kept.get((service, user))

    def delete_password(self, service, user):
        del self.kept[service, user]


@pytest.fixture
def ring(monkeypatch):
    """A stand-in for a desktop's keyring, which cannot run here."""
    ring = Ring()
    package = types.ModuleType("keyring")
    package.get_keyring = lambda: ring
    for name in ("set_password", "get_password", "delete_password"):
        setattr(package, name, lambda *args, name=name: getattr(ring, name)(*args))
    fail = types.ModuleType("keyring.backends.fail")
    fail.Keyring = type("Keyring", (), {})
    monkeypatch.setitem(sys.modules, "keyring", package)
    monkeypatch.setitem(sys.modules, "keyring.backends", types.ModuleType("keyring.backends"))
    monkeypatch.setitem(sys.modules, "keyring.backends.fail", fail)
    return ring


def test_a_keyring_goes_before_the_file(call, ring):
    assert "keyring" in call("login", "--key", "sk-ring").out
    assert not key_file().exists()
    assert stored_key() == "sk-ring"
    assert call("login", "--forget").out == "The key is gone.\n"
    assert stored_key() is None


def test_a_keyring_that_does_not_work_leaves_it_to_the_file(call, ring):
    ring.works = False
    assert str(key_file()) in call("login", "--key", "sk-file").out.replace("\n", "")
    assert stored_key() == "sk-file"
