"""Write the reference pages that come from the code, or check that the committed ones are what would come out.

`docs/errors.md` comes from the tables of `node.domain.words.refusals` and `errors`, `docs/config.md` from the fields of `node.machine.config`,
`docs/cli.md` from the commands of `node.cli.main`, `docs/openapi.json` from `edge_ui`, `docs/terms.md` from the
words people see and `docs/glossary.md` from those of the code. What has no description fails
`tests/docs`, so that nothing undocumented ships.

    .venv/bin/python scripts/make_docs.py [--check]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.own_python import enter  # noqa: E402

enter(__name__)

NOTE = "<!-- Made by scripts/make_docs.py: change the code, not this page. -->\n"


def cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def rows(head: tuple[str, ...], body: Iterator[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell(one) for one in row) + " |" for row in body]
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    from node.domain.words.errors import FIELD_ERRORS
    from node.domain.words.refusals import ERRORS

    refusals = ((f"`{code}`", kind.status, kind.zh, kind.en) for code, kind in sorted(ERRORS.items()))
    fields = ((f"`{code}`", zh, en) for code, (zh, en) in sorted(FIELD_ERRORS.items()))
    return (
        f"{NOTE}# Errors\n\nA refusal is one sentence with a code. The HTTP API answers with the status, the command line"
        " with exit status 1.\nParts in braces are filled in.\n\n## Refusals\n\n"
        + rows(("code", "HTTP", "中文", "English"), refusals)
        + "\n## Defects of a field\n\nUnder `fields` of an answer, beside the path of the field.\n\n"
        + rows(("code", "中文", "English"), fields)
    )


def config_page() -> str:
    from node.machine import config

    parts = [
        f"{NOTE}# config.toml\n\nRead once at start; an unknown key is an error. One example per tier: `configs/examples/`.\n"
    ]
    whole = config.Config()
    for name, values in config.sections(whole):
        body = (
            (f"`{f.name}`", f"`{config.literal(f.default)}`", choices(f), f.metadata["about"])
            for f in dataclasses.fields(values)
            if "about" in f.metadata
        )
        parts.append(f"\n## [{name}]\n\n{values.__doc__}\n\n" + rows(("key", "default", "values", "what it does"), body))
    return "".join(parts)


def choices(known: dataclasses.Field[Any]) -> str:
    limits = known.metadata
    if "choices" in limits:
        return ", ".join(limits["choices"])
    if "low" in limits:
        return f"{limits['low']} to {limits['high']}"
    return (
        "HOST:PORT"
        if limits.get("address")
        else {bool: "true, false", str: "text", int: "number", tuple: "table"}[type(known.default)]
    )


def commands(command: Any = None, path: tuple[str, ...] = ("tongban",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with its words."""
    import typer

    from node.cli.main import app

    command = command or typer.main.get_command(app)
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from commands(child, (*path, name))
    else:
        yield path, command


def cli_page() -> str:
    parts = [
        f"{NOTE}# Command line\n\nErrors are one plain sentence on stderr and exit status 1; wrong usage is 2. Nothing but the"
        " answer goes to stdout.\n"
    ]
    for path, command in commands():
        if command.hidden:
            continue
        shown = [p for p in command.params if not getattr(p, "hidden", False) and p.name != "help"]
        parts.append(f"\n## {' '.join(path)}\n\n{' '.join((command.help or '').split())}\n\n")
        parts.append(rows(("parameter", "default", "meaning"), (parameter(p) for p in shown)) if shown else "")
    return "".join(parts)


def parameter(known: Any) -> tuple[str, str, str]:
    """One row: name with its value, default, meaning."""
    option = known.param_type_name == "option"
    name = ", ".join(known.opts) if option else known.metavar or str(known.name).upper()
    annotation = known.type_descriptor.annotation
    values = ", ".join(get_args(annotation)) if get_origin(annotation) is Literal else ""
    if option and not known.is_flag:
        name += f" {known.metavar or ('CHOICE' if values else annotation.__name__.upper())}"
    about = (known.help or "") + (f": {values}" if values else "") + (" (may repeat)" if known.multiple else "")
    default = "required" if known.required else "" if known.default in (None, "", False, ()) else str(known.default)
    return f"`{name}`", default, about


def openapi_page() -> str:
    from edge_ui.api.openapi import describe
    from edge_ui.routes import ROUTES

    return json.dumps(describe(ROUTES, version()), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def terms_page() -> str:
    from node.domain.words.terms import TERMS

    groups: dict[str, list[Any]] = {}
    for term in TERMS:
        groups.setdefault(term.group, []).append(term)
    parts = [f"{NOTE}# Terms\n\nThe words that screens, papers and refusals use, from `node/domain/words/terms.py`.\n"]
    for group, found in groups.items():
        body = ((f"`{one.code}`", one.zh, one.en, one.definition, one.source) for one in found)
        parts.append(f"\n## {group}\n\n" + rows(("code", "中文", "English", "meaning", "source"), body))
    return "".join(parts)


def glossary_page() -> str:
    from node.domain.words.house import HOUSE

    body = ((f"**{name}**", word.means, f"[{word.file}](../{word.file})") for name, word in HOUSE.items())
    return (
        f"{NOTE}# Glossary\n\nThe words that the code uses about itself. What people read on pages and papers stands in"
        " [terms](terms.md).\n\n" + rows(("word", "what it means", "read on in"), body)
    )


def roles_page() -> str:
    from node.domain.cases.access import ROLES, TABLE, has
    from node.domain.model import TIERS, Role
    from node.domain.words.terms import BY_GROUP

    names = [role for role in Role if role is not Role.SYSTEM]
    parts = [
        f"{NOTE}# Who may do what\n\nFrom `node/domain/cases/access.py`; pages, API and commands read the same table. Which acts on cases"
        " a role may do, `lifecycle.md` says.\nV T D C: village, township, district, city. A command is given under the first role"
        " of its function that the tier has.\n\n## Roles\n\n"
    ]
    told = ((f"`{role}`", BY_GROUP["role", str(role)].zh, ", ".join(t for t in TIERS if role in ROLES[t])) for role in names)
    parts.append(rows(("role", "中文", "tiers"), told))
    parts.append("\n## Functions\n\n")
    short = {tier: tier[0].upper() for tier in TIERS}
    body = []
    for function in TABLE:
        term = BY_GROUP["function", str(function)]
        marks = [
            " ".join(short[tier] if tier != "city" else "C" for tier in TIERS if has(function, tier, role)) for role in names
        ]
        body.append((f"`{function}`", term.zh, term.definition, *marks))
    parts.append(rows(("function", "中文", "what", *(f"`{role}`" for role in names)), iter(body)))
    return "".join(parts)


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


PAGES: dict[str, Callable[[], str]] = {
    "docs/errors.md": errors_page,
    "docs/config.md": config_page,
    "docs/cli.md": cli_page,
    "docs/openapi.json": openapi_page,
    "docs/terms.md": terms_page,
    "docs/roles.md": roles_page,
    "docs/glossary.md": glossary_page,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="write the reference pages")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when a page is not what the code says")
    options = parser.parse_args()
    stale = []
    for name, make in PAGES.items():
        path, text = ROOT / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not options.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if options.check and stale:
        print("not what the code says; run scripts/make_docs.py: " + ", ".join(stale))
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
