"""The API under requests made from its published description: no server error, and every answer as described."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode

SECRET = "a-secret-for-tests,-of-some-length"
STREAMS = ("follow_events", "follow_replay")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"

described = schemathesis.openapi.from_path(PAGE)
OPERATIONS = {
    found.ok().definition.raw["operationId"]: found.ok()
    for found in described.get_all_operations()
    if found.ok().definition.raw["operationId"] not in STREAMS  # they go on for ever
}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_breaks_the_server(name: str, mode: GenerationMode, client: Any) -> None:
    operation = OPERATIONS[name]
    bounded = settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @bounded
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(
            base_url=f"http://127.0.0.1:{client.port}", headers={"Authorization": f"Bearer {SECRET}"}, timeout=20
        )
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        if answer.status_code not in (405, 411):  # of requests that are none of the API
            case.validate_response(answer, checks=CHECKS)

    ask()


CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.specs.openapi.checks.status_code_conformance,
    schemathesis.specs.openapi.checks.content_type_conformance,
    schemathesis.specs.openapi.checks.response_schema_conformance,
]
