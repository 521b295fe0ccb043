"""Templates: where they are found, what they may do, and what is said when one is wrong.

Templates run in Jinja's sandbox: they cannot reach files, modules or attributes that start with an underscore. A
variable that does not exist is an error, never an empty place. A template of the user's may extend or include a
shipped one by its name behind ``shipped/``, such as ``{% extends "shipped/report.html.j2" %}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argus.errors import ReportError
from argus.reports.base import ReportOptions

if TYPE_CHECKING:
    from jinja2 import BaseLoader
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["SHIPPED", "environment", "fill"]

SHIPPED = Path(__file__).parent / "templates"
"""The folder of the shipped templates."""

_QUOTED = re.compile(r"'([^']+)'")


def environment(
    options: ReportOptions, *, autoescape: bool, finalize: Callable[[Any], Any] | None = None
) -> SandboxedEnvironment:
    """An environment that finds the user's templates before the shipped ones.

    Args:
        options: Where the user's are.
        autoescape: Whether values are escaped as HTML.
        finalize: Applied to every value before it is written out.
    """
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=_loader(options),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _loader(options: ReportOptions) -> BaseLoader:
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

    shipped = FileSystemLoader(SHIPPED)
    folders = [folder for folder in (options.template and options.template.parent, options.templates) if folder]
    for folder in folders:
        if not folder.is_dir():
            raise ReportError(f"the template folder {folder} does not exist")
    return ChoiceLoader([PrefixLoader({"shipped": shipped}), *map(FileSystemLoader, folders), shipped])


def fill(environment: SandboxedEnvironment, options: ReportOptions, name: str, variables: Mapping[str, Any]) -> str:
    """The filled template.

    Args:
        environment: Where templates are found.
        options: A template file of the user's takes the place of the named one.
        name: The shipped template's name.
        variables: What the template is given.

    Raises:
        ReportError: The template is missing or wrong; template, line and variable are named.
    """
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError

    if options.template is not None:
        name = options.template.name
        if not options.template.is_file():
            raise ReportError(f"the template {options.template} does not exist")
    try:
        return environment.get_template(name).render(variables)
    except TemplateSyntaxError as error:
        raise ReportError(f"template {error.name or name}, line {error.lineno}: {error.message}") from error
    except TemplateNotFound as error:
        raise ReportError(f"template {name}: there is no template '{error.name}' to include or extend") from error
    except UnicodeDecodeError as error:
        raise ReportError(f"template {name} is not UTF-8 text: {error.reason}") from error
    except Exception as error:  # a template may fail in as many ways as a program
        kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
        said = str(error)
        names = _QUOTED.findall(said) if isinstance(error, UndefinedError) else []
        named = f" (variable `{names[-1]}`)" if names else ""
        raise ReportError(f"template {_place(error, name)}: {kind}{said}{named}") from error


def _place(error: Exception, name: str) -> str:
    """The innermost template line on the way to an error; Jinja puts template lines into the traceback."""
    place = name
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2") or Path(file).name == name:
            place = f"{Path(file).name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
