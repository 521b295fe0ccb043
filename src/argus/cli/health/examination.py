"""All checks, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterator

from argus.cli.health import files, installation, langgraph
from argus.cli.health.base import Check
from argus.cli.project import Project
from argus.errors import ConfigError

__all__ = ["examine"]


def examine(project: Project) -> Iterator[Check]:
    """Looks at everything; runs that dead processes left in the journal are stored, nothing else is changed.

    Args:
        project: The call at hand.
    """
    yield from installation.checks()
    yield from langgraph.checks()
    try:
        configuration = project.configuration
    except ConfigError as error:
        yield Check(
            name="configuration", status="failed", message="; ".join(error.problems), cure="mend the lines named"
        )
        return
    file = configuration.file
    yield Check(name="configuration", status="ok", message=str(file) if file else "no argus.yaml; defaults apply")
    yield from files.checks(project)
