"""An exception is recorded whatever it is, and without its secrets."""

import json
import re

from argus.capture.fault import fault
from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings

REDACTOR = Redactor(SecuritySettings())


def raised(function):
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def test_type_message_and_place():
    error = raised(lambda: {}["net"])
    info = fault(error, REDACTOR)
    assert (info.type, info.message, info.file) == ("KeyError", "'net'", __file__)
    assert info.line == error.__traceback__.tb_next.tb_lineno
    assert info.traceback.startswith("Traceback")
    assert info.traceback.rstrip().endswith("KeyError: 'net'")


def test_the_place_is_in_the_users_code_when_a_library_raises():
    info = fault(raised(lambda: json.loads("{")), REDACTOR)
    assert info.type == "json.decoder.JSONDecodeError"
    assert info.file == __file__


def test_secrets_are_gone_from_message_and_traceback():
    def fail():
        raise RuntimeError("cannot reach postgres://me:hunter2@db")

    info = fault(raised(fail), REDACTOR)
    assert info.message == "cannot reach postgres://me:[REDACTED:url_password]@db"
    assert "hunter2" not in re.sub("def fail.*", "", info.traceback).replace('me:hunter2@db")', "")
    assert info.traceback.count("hunter2") == 0


def test_an_exception_that_defeats_formatting():
    class Hostile(Exception):
        def __str__(self):
            raise ValueError("no")

    def fail():
        raise Hostile

    info = fault(raised(fail), REDACTOR)
    assert info.type.endswith("Hostile")
    assert "ValueError" in info.message


def test_endless_recursion_is_told_shortly():
    def again():
        again()

    info = fault(raised(again), REDACTOR)
    assert info.type == "RecursionError"
    assert len(info.traceback) < 20_200


def test_causes_in_a_ring_end():
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert "two" in fault(one, REDACTOR).traceback


def test_a_huge_message_is_cut():
    info = fault(ValueError("x" * 1_000_000), REDACTOR)
    assert len(info.message) < 4100
    assert "length=1000000" in info.message


def test_lone_surrogates_are_written_out():
    assert fault(ValueError("\ud800"), REDACTOR).message == "\\ud800"
