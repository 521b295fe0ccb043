"""No secret is recorded, and what is no secret is."""

import msgspec
import pytest

from argus.capture.encode import Encoder
from argus.capture.limits import Limits, cut
from argus.capture.redact import Redactor
from argus.config.settings import SecuritySettings, Settings
from argus.errors import ConfigError

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEpAIBAAKCAQEA+/=\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

SECRETS = {
    "anthropic": "sk-ant-api03-" + LETTERS[:30],
    "openai": "sk-proj-" + LETTERS[:40],
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "github": "ghp_" + LETTERS[:36],
    "gitlab": "glpat-" + LETTERS[:20],
    "slack": "xoxb-123456789012-" + LETTERS[:24],
    "google": "AIza" + LETTERS[:35],
    "stripe": "sk_live_" + LETTERS[:24],
    "huggingface": "hf_" + LETTERS[:34],
    "groq": "gsk_" + LETTERS[:52],
    "langsmith": "lsv2_pt_" + "0123456789abcdef" * 2 + "_ab",
    "sendgrid": "SG." + LETTERS[:22] + "." + LETTERS[:43],
    "jwt": JWT,
    "private_key": PEM,
}


def redactor(**security):
    return Redactor(SecuritySettings(**security))


def recorded(value, **security):
    return msgspec.json.decode(Encoder(Limits(), redactor(**security)).encode(value))


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("around", ["{}", "key={}.", "({})", 'say "{}"', "line one\n{}\nline three", "ünï {} ünï"])
def test_a_provider_secret_is_gone_wherever_it_stands(kind, around):
    secret = SECRETS[kind]
    value = {"deep": [{"text": around.format(secret)}]}
    assert recorded(value)["deep"][0]["text"] == around.format(f"[REDACTED:{kind}]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc123def", "Authorization: Bearer [REDACTED:bearer]"),
        ("bearer " + LETTERS[:24], "bearer [REDACTED:bearer]"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [REDACTED:basic]"),
        ("postgresql://me:s3cret@host/db", "postgresql://me:[REDACTED:url_password]@host/db"),
        ("redis://:s3cret@host", "redis://:[REDACTED:url_password]@host"),
        ("aws_secret_access_key = " + LETTERS[:40], "aws_secret_access_key = [REDACTED:aws]"),
        ('{"api_key": "abc", "n": 1}', '{"api_key": "[REDACTED]", "n": 1}'),
        (r'{"args": "{\"password\": \"hunter2\"}"}', r'{"args": "{\"password\": \"[REDACTED]\"}"}'),
        ("{'Password': 'hunter2', 'n': 1}", "{'Password': '[REDACTED]', 'n': 1}"),
        ("GET /x?access_token=abc&page=2", "GET /x?access_token=[REDACTED]&page=2"),
    ],
)
def test_a_secret_told_by_its_surroundings_is_gone_and_they_stay(text, shown):
    assert recorded([text]) == [shown]


@pytest.mark.parametrize(
    "text",
    [
        "The bearer of bad news, and basic understanding of responsibilities",
        "task-sk-loading-indicator-for-the-long-list-of-things",
        "see https://example.org:8080/path?page=2&sort=token",
        "write to me@example.org about the token count and the secret of success",
        "password: see the handbook",
        "-----BEGIN CERTIFICATE-----",
        "eyJ is how such tokens begin",
        "call 0123456789012345678901234567890 now",
        "def token(): return 'secret'",
    ],
)
def test_prose_and_code_stay_as_they_are(text):
    assert recorded({"text": text}) == {"text": text}


@pytest.mark.parametrize("key", ["api_key", "API-Key", "apiKey", "Password", "set-cookie", "x-api-key", "access_token"])
def test_values_of_telling_keys_are_gone_in_any_spelling(key):
    assert recorded({"outer": {key: {"nested": "x"}}}) == {"outer": {key: "[REDACTED]"}}


def test_what_hides_nothing_stays_under_a_telling_key():
    assert recorded({"token": None, "secret": False, "max_tokens": 5, "tokens": ["a"]}) == {
        "token": None,
        "secret": False,
        "max_tokens": 5,
        "tokens": ["a"],
    }


def test_globs_and_dotted_paths_name_keys():
    value = {"user": {"ssn": "1", "name": "n"}, "ssn": "2", "db_pass": "3", "list": [{"user": {"ssn": "4"}}]}
    assert recorded(value, redact_keys=("user.ssn", "*_PASS")) == {
        "user": {"ssn": "[REDACTED]", "name": "n"},
        "ssn": "2",
        "db_pass": "[REDACTED]",
        "list": [{"user": {"ssn": "[REDACTED]"}}],
    }


@pytest.mark.parametrize("rule", ["we?rd", "[wx]eird", "[!a]eird", "weird", "*"])
def test_glob_characters(rule):
    assert recorded({"weird": "x", "aeird": "y"}, redact_keys=(rule,))["weird"] == "[REDACTED]"


def test_keys_that_json_escapes_can_be_named():
    assert recorded({'quo"te': "x", "line\nbreak": "y"}, redact_keys=('quo"te', "line\nbreak")) == {
        'quo"te': "[REDACTED]",
        "line\nbreak": "[REDACTED]",
    }


def test_secrets_in_keys_are_gone_too():
    assert recorded({SECRETS["github"]: 1}) == {"[REDACTED:github]": 1}


def test_empty_lists_switch_redaction_off():
    value = {"password": "x", "text": SECRETS["openai"], "header": "Bearer " + LETTERS}
    assert recorded(value, redact_keys=(), redact_values=()) == value


def test_own_patterns_replace_the_default_ones():
    value = {"text": f"order 4711, {SECRETS['openai']}", "password": "x"}
    assert recorded(value, redact_values=(r"\border (\d+)",)) == {
        "text": f"[REDACTED:custom], {SECRETS['openai']}",
        "password": "[REDACTED]",
    }


def test_an_empty_match_redacts_nothing():
    assert recorded("some text", redact_values=("q*",)) == "some text"


def test_wrong_patterns_are_told_all_at_once():
    with pytest.raises(ConfigError) as caught:
        redactor(redact_values=("(", "fine", "(?=ahead)"))
    assert len(caught.value.problems) == 2
    assert "(?=ahead)" in str(caught.value)


def test_a_function_of_the_users_sees_every_string():
    encoder = Encoder(Limits(), Redactor(SecuritySettings(), lambda text: text.replace("Ada", "[NAME]")))
    assert msgspec.json.decode(encoder.encode({"Ada": ["Ada Lovelace", 3]})) == {"[NAME]": ["[NAME] Lovelace", 3]}


@pytest.mark.parametrize("broken", [lambda text: 1 / 0, lambda text: None])
def test_a_function_that_fails_lets_nothing_through(broken):
    encoder = Encoder(Limits(), Redactor(SecuritySettings(), broken))
    assert msgspec.json.decode(encoder.encode({"a": "text"}))["[REDACTED]"] == "[REDACTED]"


def test_personal_data_is_redacted_on_request_and_confirmed_by_checksums():
    real = "ada@example.org 1234 4111 1111 1111 1111 4111 1111 1111 1112 DE89 3704 0044 0532 0130 00 BC12 x"
    assert recorded(real) == real
    shown = "[REDACTED:email] 1234 [REDACTED:card] 4111 1111 1111 1112 [REDACTED:iban] BC12 x"
    assert recorded(real, redact_personal=True) == shown
    no_iban = "DE00 3704 0044 0532 0130 00 and 5555-1111-2222-3334"
    assert recorded(no_iban, redact_personal=True) == no_iban


@pytest.mark.parametrize("offset", range(-45, 3))
def test_a_cut_never_leaves_a_part_of_a_secret(offset):
    secret = SECRETS["openai"]
    text = "x" * (1000 + offset - 1) + " " + secret + " " + "y" * 20_000
    kept = cut(text, 1000, redactor().text)
    assert secret[:14] not in kept
    assert kept.endswith("⟧")


def test_a_cut_of_a_huge_string_looks_at_its_beginning_only():
    settings = Settings()
    encoder = Encoder.of(settings, Redactor(settings.security))
    shown = msgspec.json.decode(encoder.encode({"huge": SECRETS["openai"] + " " + "a" * 50_000_000}))["huge"]
    assert shown.startswith("[REDACTED:openai] aaa")
    assert len(shown) < 50_100
    assert "length=50000049" in shown


def test_when_the_interpreter_ends_nothing_doubtful_is_kept(monkeypatch):
    """The linear-time engine must not be entered any more; what it would have looked at is hidden whole."""
    from argus.capture import linear

    monkeypatch.setattr(linear._Door, "closed", True)
    assert recorded(["harmless", f"a {SECRETS['openai']}"]) == ["harmless", "[REDACTED]"]
