"""What is looked for, what is configured, and what was learned."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import get
from litestar.params import Parameter

from argus.server.desk import Desk
from argus.server.problem_answers import Refused
from argus.server.resources.knowledge import BaselineEntry, BaselineList, Rule, RulePage, SettingList
from argus.server.rule_answers import all_rules, rule_page
from argus.server.setting_answers import all_settings
from argus.views.learned import learned_pipeline

__all__ = ["knowledge_routes"]


def knowledge_routes(desk: Desk) -> list[Any]:
    """The routes.

    Args:
        desk: What they work with.
    """

    @get("/rules", sync_to_thread=True, operation_id="list_rules", tags=["knowledge"])
    def list_rules() -> list[Rule]:
        """Everything that is looked for, by code."""
        return all_rules(desk)

    @get("/rules/{code:str}", sync_to_thread=True, operation_id="get_rule", tags=["knowledge"])
    def get_rule(code: Annotated[str, Parameter(max_length=60, description="Its code, such as `STR402`.")]) -> RulePage:
        """One rule with its manual page."""
        return rule_page(desk, code)

    @get("/settings", sync_to_thread=True, operation_id="list_settings", tags=["knowledge"])
    def list_settings() -> SettingList:
        """The configuration in force and where each value comes from; secrets are masked."""
        return all_settings(desk.sources.configuration)

    @get("/baselines", sync_to_thread=True, operation_id="list_baselines", tags=["knowledge"])
    def list_baselines(
        pipeline: Annotated[
            str | None, Parameter(max_length=1000, description="Only this one, with all that was learned of it.")
        ] = None,
    ) -> BaselineList:
        """What healthy runs have taught, by pipeline and version of its graph."""
        entries = [one for one in desk.store.baselines() if pipeline in (None, one.pipeline_name)]
        if pipeline is not None and not entries:
            raise Refused(404, f"Nothing has been learned of a pipeline {pipeline[:200]!r}.")
        return BaselineList(
            items=tuple(
                BaselineEntry(
                    pipeline=one.pipeline_name,
                    graph_version=one.graph_version,
                    runs=one.runs,
                    learned=None
                    if pipeline is None
                    else learned_pipeline(
                        one.pipeline_name,
                        one.graph_version,
                        desk.store.history(one.pipeline_name, one.graph_version).profile(),
                    ),
                )
                for one in entries
            )
        )

    return [list_rules, get_rule, list_settings, list_baselines]
