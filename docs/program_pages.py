"""The reference pages on the command line and the Python API, written from the help texts and docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click

import argus
from argus.cli.main import argus as program

NOTE = "<!-- made by docs/generate.py; do not edit -->\n\n"
_WIDTH = 100
_SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Yields):$")


def command_line() -> str:
    """Every command with its help, as ``argus COMMAND --help`` prints it."""
    lines = [NOTE + "# Command line", "", "Exit codes: 0 clean or shown, 1 findings, 2 ARGUS could not do its job.", ""]
    settings = {**program.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    outer = click.Context(program, info_name="argus", **settings)
    lines += _help("argus", program, outer)
    for name in program.list_commands(outer):
        command = program.get_command(outer, name)
        if command is not None:
            lines += _command(f"argus {name}", command, outer)
    return "\n".join(lines) + "\n"


def _command(title: str, command: click.Command, outer: click.Context) -> Iterator[str]:
    inner = click.Context(command, info_name=title.rpartition(" ")[2], parent=outer, terminal_width=_WIDTH)
    yield from _help(title, command, inner)
    if isinstance(command, click.Group):
        for name in command.list_commands(inner):
            nested = command.get_command(inner, name)
            if nested is not None:
                yield from _command(f"{title} {name}", nested, inner)


def _help(title: str, command: click.Command, context: click.Context) -> Iterator[str]:
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield from (f"## {title}", "", "```text", text, "```", "")


def python_api() -> str:
    """Everything that ``argus`` exports: signatures and docstrings."""
    lines = [NOTE + "# Python API", "", "Everything here is imported from `argus`.", ""]
    for name in sorted(argus.__all__, key=str.lower):
        thing = getattr(argus, name)
        if callable(thing):
            lines += _entry("##", name, thing)
            if inspect.isclass(thing) and not issubclass(thing, BaseException):
                for method, function in _methods(thing):
                    lines += _entry("###", f"{name}.{method}", function)
    return "\n".join(lines) + "\n"


def _methods(cls: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(cls).items():
        if name.startswith("_") or name == "after_fork":  # called by the interpreter alone
            continue
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if inspect.isfunction(function):
            yield name, function


def _entry(level: str, name: str, thing: Any) -> Iterator[str]:
    yield from (f"{level} {name}", "")
    try:
        signature = str(inspect.signature(thing))
    except (TypeError, ValueError):
        signature = ""
    if signature and not (inspect.isclass(thing) and issubclass(thing, BaseException)):
        yield from ("```python", f"{name}{re.sub(r'<.*? at 0x[0-9a-f]+>', '...', signature)}", "```", "")
    yield from (*_prose(inspect.getdoc(thing) or ""), "")


def _prose(docstring: str) -> Iterator[str]:
    """A Google-style docstring as Markdown: sections become lists."""
    section = False
    for line in docstring.splitlines():
        if line.strip() == "::":  # what follows is indented, which is code in Markdown too
            continue
        heading = _SECTION.match(line)
        if heading:
            section = True
            yield from (f"**{heading.group(1)}**", "")
            continue
        text = re.sub(r":(?:class|meth|func|data|mod|exc|attr):`~?([^`]+)`", r"`\1`", line).replace("``", "`")
        if section and line.startswith("    ") and not line.startswith("     "):
            name, colon, rest = text.strip().partition(": ")
            yield f"- `{name}`: {rest}" if colon and " " not in name else f"- {text.strip()}"
        elif section and line.startswith("     "):
            yield f"  {text.strip()}"
        else:
            section = section and not line.strip()
            yield text
