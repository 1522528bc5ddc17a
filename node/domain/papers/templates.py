"""Templates of papers as data, and what they make: a document of resolved blocks that HTML and PDF draw alike. Pure.

A template is a title for each variant and a list of blocks. Text holds `{names}` of fields; a block may say `when`: flags that
must hold (`licence`) or must not (`!licence`). Names, flags and lists are checked when a template is read, so that a slip in a
published document is found by whoever publishes it, not by a clerk at a window. Wording never runs code: a name is replaced by
its text and nothing else.

Kinds of blocks: to (whom it addresses), text, rows (label and value), table (a list), code (large), lines (to fill in by hand),
small.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from node.domain.papers.papers import BUILT, KINDS
from node.domain.words.errors import TongbanError

FORMAT = 1
BLOCKS = ("to", "text", "rows", "table", "code", "lines", "small")
FIELDS = frozenset(
    """accepted_day address agent_scope agent_until applicant as_of basis case_no category center competent_organ complaint content
    decided_day delivered_at department document document_number due_day fee filed_at filed_day giver ground handed_at handed_day hours
    id_number item_code item_name label law licence licence_word materials_count mode now_status number opinion organ phone promised
    purpose query_code reason received_day recipient remedies result review staff statutory supplied_day taker title""".split()
)
FLAGS = frozenset(
    "licence commitment promise village masked fee basis materials code_known ground heard back pauses mandate extension".split()
)
LISTS = frozenset("materials corrections steps pauses".split())
COMMON = frozenset("seal valid copies notes phone complaint remedies".split())
_NAME = re.compile(r"{([a-z_]+)}")

Block: TypeAlias = dict[str, Any]
Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Templates:
    """A set of templates; of a publication only what it says. `revision` is that of the publication, 0 for what came with the program."""

    revision: int
    common: Mapping[str, Any]
    papers: Mapping[str, Mapping[str, Any]]


NO_TEMPLATES = Templates(0, {}, {})


@dataclass(frozen=True, slots=True)
class Filling:
    """What is put into a template: texts by name, rows of lists, and what holds."""

    values: Mapping[str, str]
    lists: Mapping[str, Sequence[Mapping[str, str]]]
    flags: frozenset[str]


# reading -----------------------------------------------------------------------------------------------------------------


def read_templates(document: Mapping[str, Any], base: Templates | None = None) -> Templates:
    """The templates of a document; what it leaves out is taken from `base`. Raises ValueError naming the place of a slip."""
    return _complete(_templates(document, _given(document)), base)


def known_templates(document: Mapping[str, Any]) -> Templates:
    """What this version understands of a published document: a paper, or a line common to all, that it does not know is left out,
    and the wording that came with the program stays. Raises ValueError for another format."""
    papers = {name: one for name, one in _part(document, "papers").items() if name in BUILT and _fits(_check, name, one)}
    common = {key: one for key, one in _part(document, "common").items() if _fits(_check_common, key, one)}
    return _templates(document, (papers, common))


def over(base: Templates, given: Templates) -> Templates:
    """`given` in the place of what `base` says, the rest of `base` unchanged."""
    return Templates(given.revision, {**base.common, **given.common}, {**base.papers, **given.papers})


def read_file(data: bytes) -> Mapping[str, Any]:
    """A TOML file that somebody publishes. Raises invalid_input naming the first slip: what is not known is a mistake."""
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
        if unknown := sorted(set(document) - {"format", "kind", "papers", "common"}):
            raise ValueError(str(unknown))
        _templates(document, _given(document))
        json.dumps(document)
    except (ValueError, TypeError) as error:
        raise TongbanError("invalid_input", {"file": "invalid"}, place=str(error)[:200]) from None
    return document


def _templates(document: Mapping[str, Any], parts: tuple[Mapping[str, Any], Mapping[str, Any]]) -> Templates:
    if document.get("format", FORMAT) != FORMAT:
        raise ValueError("format")
    revision = document.get("revision", 0)
    return Templates(revision if isinstance(revision, int) else 0, parts[1], parts[0])


def _given(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Papers and common lines of a document, every one of them checked."""
    papers, common = _part(document, "papers"), _part(document, "common")
    if not set(papers) <= set(BUILT):
        raise ValueError("papers")
    for name, template in papers.items():
        _check(name, template)
    for key, value in common.items():
        _check_common(key, value)
    return papers, common


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name, {})
    if not isinstance(part, Mapping):
        raise ValueError(name)
    return part


def _fits(check: Callable[[str, Any], None], name: str, value: Any) -> bool:
    try:
        check(name, value)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return True


def _complete(given: Templates, base: Templates | None) -> Templates:
    """Nothing is missing. Raises ValueError when something is."""
    whole = over(base, given) if base is not None else given
    if missing := sorted({*BUILT} - set(whole.papers)) + sorted(COMMON - set(whole.common)):
        raise ValueError(f"missing: {missing}")
    return whole


def _check(name: str, template: Any) -> None:
    if not isinstance(template, Mapping) or not isinstance(template.get("blocks"), list):
        raise ValueError(name)
    titles = template.get("titles", {})
    for variant in KINDS[name].values():
        _words(f"{name}.titles.{variant}", titles.get(variant) or template.get("title"))
    for n, block in enumerate(template["blocks"]):
        _check_block(f"{name}.blocks[{n}]", block)


def _check_block(where: str, block: Any) -> None:
    if not isinstance(block, Mapping) or block.get("kind") not in BLOCKS:
        raise ValueError(f"{where}.kind")
    for flag in str(block.get("when", "")).split():
        if flag.removeprefix("!") not in FLAGS and flag.removeprefix("!") not in _VARIANTS:
            raise ValueError(f"{where}.when: {flag}")
    if block["kind"] in ("to", "text", "small"):
        _words(f"{where}.text", block.get("text"))
    elif block["kind"] == "table":
        if block.get("of") not in LISTS:
            raise ValueError(f"{where}.of")
        _pairs(f"{where}.columns", block.get("columns"))
    else:
        for label, value in _pairs(f"{where}.rows", block.get("rows")):
            _words(where, label)
            _words(where, value)


_VARIANTS = frozenset(variant for kinds in KINDS.values() for variant in kinds.values() if variant)


def _pairs(where: str, value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, list) or not value:
        raise ValueError(where)
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise ValueError(where)
    return [(pair[0], pair[1]) for pair in value]


def _words(where: str, text: Any) -> None:
    if not isinstance(text, str) or len(text) > 2000:
        raise ValueError(where)
    unknown = set(_NAME.findall(text)) - FIELDS
    if unknown or "{" in _NAME.sub("", text):
        raise ValueError(f"{where}: {sorted(unknown) or text[:40]}")


def _check_common(key: str, value: Any) -> None:
    if key not in COMMON:
        raise ValueError(f"common.{key}")
    if key != "remedies":
        _words(f"common.{key}", value)
        return
    if not isinstance(value, list) or not value:
        raise ValueError("common.remedies")
    for n, rule in enumerate(value):
        _words(f"common.remedies[{n}]", rule.get("text") if isinstance(rule, Mapping) else None)


def remedy_text(templates: Templates, department: str, tier: str, values: Mapping[str, str]) -> str:
    """What may be done against an act, by the organ that issues it: the first rule that fits department and tier."""
    for rule in templates.common["remedies"]:
        departments, tiers = rule.get("departments"), rule.get("tiers")
        if departments and not any(word in department for word in departments):
            continue
        if tiers and tier not in tiers:
            continue
        return fill(str(rule["text"]), values)
    return ""


# making ------------------------------------------------------------------------------------------------------------------


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every `{name}` replaced; a value is never looked into."""
    return _NAME.sub(lambda match: values.get(match[1], ""), text)


def title_of(templates: Templates, paper: str, variant: str, values: Mapping[str, str]) -> str:
    template = templates.papers[paper]
    return fill(str(template.get("titles", {}).get(variant) or template["title"]), values)


def compose(templates: Templates, paper: str, variant: str, filling: Filling) -> list[Block]:
    """The blocks of a paper with everything filled in; rows without a value are left out."""
    found = []
    flags = filling.flags | {variant}
    for block in templates.papers[paper]["blocks"]:
        wanted = str(block.get("when", "")).split()
        if all((flag[1:] not in flags) if flag.startswith("!") else (flag in flags) for flag in wanted):
            made = _MAKERS[block["kind"]](block, filling)
            if made is not None:
                found.append({"kind": block["kind"], **made})
    return found


def _text(block: Mapping[str, Any], filling: Filling) -> Block | None:
    text = fill(str(block["text"]), filling.values).strip()
    return {"text": text} if text else None


def _rows(block: Mapping[str, Any], filling: Filling) -> Block | None:
    rows = [[fill(label, filling.values), fill(value, filling.values).strip()] for label, value in block["rows"]]
    kept = [row for row in rows if row[1]]
    return {"rows": kept} if kept else None


def _lines(block: Mapping[str, Any], filling: Filling) -> Block:
    return {"rows": [[fill(label, filling.values), fill(value, filling.values)] for label, value in block["rows"]]}


def _table(block: Mapping[str, Any], filling: Filling) -> Block | None:
    listed = filling.lists.get(block["of"], ())
    if not listed:
        return None
    head = [label for label, _ in block["columns"]]
    rows = [[str(row.get(key, "")) for _, key in block["columns"]] for row in listed]
    widths = [int(one) for one in block.get("widths", ()) if isinstance(one, int)]
    return {
        "head": head,
        "rows": rows,
        "widths": widths if len(widths) == len(head) else [1] * len(head),
        "caption": str(block.get("caption", "")),
    }


_MAKERS = {"to": _text, "text": _text, "small": _text, "rows": _rows, "code": _rows, "lines": _lines, "table": _table}
