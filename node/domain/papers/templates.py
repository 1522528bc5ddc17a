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
from dataclasses import dataclass, field

from node.domain.catalog.remedy import REMEDIES
from node.domain.json_values import Json, JsonObject
from node.domain.papers.documents import PaperBlock
from node.domain.papers.papers import KINDS, WORDED
from node.domain.words.errors import TongbanError
from node.domain.words.punctuation import mended, mended_between

FORMAT = 1
BLOCKS = ("to", "text", "rows", "table", "code", "lines", "small")
FIELDS = frozenset(
    """accepted_day address agent_scope agent_until applicant approver as_of basis case_no category cause center certificate citation
    competent_organ complaint consequence content court days deadline decided_before decided_day delivered_at department document
    document_day document_number due_before due_day ended_on fee filed_at filed_day from_date from_day gap_day giver goes_on ground
    handed_at handed_day handled_by heard_how hours id_number instrument item_code item_name label law licence licence_word materials_count
    mode new_words now_status number old_words opinion organ phone postponed procedure promised purpose query_code reason received_day
    recipient remedies result returned review scope self staff statutory supplied_day taker title until_date valid word you attachments
    closer closing contact demand measures reply_by reply_day responsible signed_day signer situation subject unit urgency""".split()
)
FLAGS = frozenset(
    """licence confirmation benefit ruling levy record service other commitment promise village masked fee basis materials code_known
    ground heard back pauses mandate extension complete lacking answer replied closed""".split()
)
LAYOUTS = ("document", "form")  # 文书式, 表格式 (DOMAIN B0)
LISTS = frozenset("materials lacking gap corrections steps pauses".split())
COMMON = frozenset("valid copies notes phone complaint remedies".split())
_REMEDIES = "remedies"
_NAME = re.compile(r"{([a-z_]+)}")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BlockTemplate:
    """A block before it is filled in: `text` of to, text and small; `rows` (label, value) of rows, code and lines; of a table the list
    it shows and its `columns` (label, name), with the share of the width that each takes."""

    kind: str
    when: tuple[str, ...] = ()
    text: str = ""
    rows: Pairs = ()
    of: str = ""
    columns: Pairs = ()
    widths: Sequence[int] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A paper: its title by variant, else `title`; one of LAYOUTS; how many copies there are and whose, "" as for most."""

    title: str
    titles: Mapping[str, str]
    blocks: Sequence[BlockTemplate]
    layout: str = LAYOUTS[0]
    copies: str = ""

    def title_of(self, variant: str) -> str:
        return self.titles.get(variant) or self.title


@dataclass(frozen=True, slots=True)
class Templates:
    """A set of templates; of a publication only what it says. `revision` is that of the publication, 0 for what came with the program."""

    revision: int
    common: Mapping[str, str]
    papers: Mapping[str, Template]
    remedies: Mapping[str, str] = field(default_factory=dict)


NO_TEMPLATES = Templates(0, {}, {})


@dataclass(frozen=True, slots=True)
class Filling:
    """What is put into a template: texts by name, rows of lists, and what holds."""

    values: Mapping[str, str]
    lists: Mapping[str, Sequence[Mapping[str, str]]]
    flags: frozenset[str]


# reading -----------------------------------------------------------------------------------------------------------------


def read_templates(document: JsonObject, base: Templates | None = None) -> Templates:
    """The templates of a document; what it leaves out is taken from `base`. Raises ValueError naming the place of a slip."""
    return _complete(_strict(document), base)


def known_templates(document: JsonObject) -> Templates:
    """What this version understands of a published document: a paper, or a line common to all, that it does not know is left out,
    and the wording that came with the program stays. Raises ValueError for another format."""
    papers, common = _part(document, "papers"), _part(document, "common")
    given = {name: one for name, one in papers.items() if name in WORDED and _fits(read_template, name, one)}
    lines = {key: one for key, one in common.items() if _fits(_common_line, key, one)}
    return _templates(document, given, lines)


def over(base: Templates, given: Templates) -> Templates:
    """`given` in the place of what `base` says, the rest of `base` unchanged."""
    common, papers = {**base.common, **given.common}, {**base.papers, **given.papers}
    return Templates(given.revision, common, papers, {**base.remedies, **given.remedies})


def read_file(data: bytes) -> JsonObject:
    """A TOML file that somebody publishes. Raises invalid_input naming the first slip: what is not known is a mistake."""
    try:
        document: JsonObject = tomllib.loads(data.decode("utf-8-sig"))
        if unknown := sorted(set(document) - {"format", "kind", "papers", "common"}):
            raise ValueError(str(unknown))
        _strict(document)
        json.dumps(document)
    except (ValueError, TypeError) as error:
        raise TongbanError("invalid_input", {"file": "invalid"}, place=str(error)[:200]) from None
    return document


def _strict(document: JsonObject) -> Templates:
    """Papers and common lines of a document, every one of them checked."""
    papers, common = _part(document, "papers"), _part(document, "common")
    if not set(papers) <= set(WORDED):
        raise ValueError("papers")
    return _templates(document, papers, common)


def _templates(document: JsonObject, papers: JsonObject, common: JsonObject) -> Templates:
    if document.get("format", FORMAT) != FORMAT:
        raise ValueError("format")
    revision = document.get("revision", 0)
    lines = {key: _common_line(key, value) for key, value in common.items()}
    return Templates(
        revision if isinstance(revision, int) else 0, {key: line for key, line in lines.items() if key != _REMEDIES},
        {name: read_template(name, one) for name, one in papers.items()}, _remedies(common[_REMEDIES]) if _REMEDIES in common else {},
    )  # fmt: skip


def _part(document: JsonObject, name: str) -> JsonObject:
    part = document.get(name, {})
    if not isinstance(part, Mapping):
        raise ValueError(name)
    return part


def _fits(read: Callable[[str, Json], object], name: str, value: Json) -> bool:
    try:
        read(name, value)
    except ValueError:
        return False
    return True


def _complete(given: Templates, base: Templates | None) -> Templates:
    """Nothing is missing. Raises ValueError when something is."""
    whole = over(base, given) if base is not None else given
    lines = {*whole.common, *((_REMEDIES,) if whole.remedies else ())}
    if missing := sorted({*WORDED} - set(whole.papers)) + sorted(COMMON - lines):
        raise ValueError(f"missing: {missing}")
    return whole


def read_template(name: str, given: Json) -> Template:
    """The template of one paper. Raises ValueError naming the place of a slip."""
    blocks = given.get("blocks") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(blocks, list):
        raise ValueError(name)
    titles, title = given.get("titles", {}), given.get("title")
    if not isinstance(titles, Mapping):
        raise ValueError(f"{name}.titles")
    named = {one: _words(f"{name}.titles.{one}", text) for one, text in titles.items()}
    for variant in KINDS.get(name, {}).values():
        _words(f"{name}.titles.{variant}", named.get(variant) or title)
    read = [_block(f"{name}.blocks[{n}]", block) for n, block in enumerate(blocks)]
    layout, copies = given.get("layout", LAYOUTS[0]), _words(f"{name}.copies", given.get("copies", ""))
    if not isinstance(layout, str) or layout not in LAYOUTS:
        raise ValueError(f"{name}.layout")
    return Template(_words(f"{name}.title", title) if title is not None else "", named, read, layout, copies)


def _block(where: str, block: Json) -> BlockTemplate:
    kind = block.get("kind") if isinstance(block, Mapping) else None
    if not isinstance(block, Mapping) or not isinstance(kind, str) or kind not in BLOCKS:
        raise ValueError(f"{where}.kind")
    when = tuple(str(block.get("when", "")).split())
    for flag in when:
        if flag.removeprefix("!") not in FLAGS and flag.removeprefix("!") not in _VARIANTS:
            raise ValueError(f"{where}.when: {flag}")
    if kind in ("to", "text", "small"):
        return BlockTemplate(kind, when, text=_words(f"{where}.text", block.get("text")))
    if kind == "table":
        return _table_of(where, when, block)
    rows = _pairs(f"{where}.rows", block.get("rows"))
    return BlockTemplate(kind, when, rows=[(_words(where, label), _words(where, value)) for label, value in rows])


def _table_of(where: str, when: tuple[str, ...], block: JsonObject) -> BlockTemplate:
    of, widths = block.get("of"), block.get("widths", [])
    if not isinstance(of, str) or of not in LISTS:
        raise ValueError(f"{where}.of")
    columns = _pairs(f"{where}.columns", block.get("columns"))
    shares = [one for one in widths if isinstance(one, int)] if isinstance(widths, list) else []
    equal = shares if len(shares) == len(columns) else [1] * len(columns)
    return BlockTemplate("table", when, of=of, columns=columns, widths=equal, caption=str(block.get("caption", "")))


_VARIANTS = frozenset(variant for kinds in KINDS.values() for variant in kinds.values() if variant)


def _pairs(where: str, value: Json) -> list[tuple[str, str]]:
    if not isinstance(value, list) or not value:
        raise ValueError(where)
    found = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str) or not isinstance(pair[1], str):
            raise ValueError(where)
        found.append((pair[0], pair[1]))
    return found


def _words(where: str, text: Json) -> str:
    if not isinstance(text, str) or len(text) > 2000:
        raise ValueError(where)
    unknown = set(_NAME.findall(text)) - FIELDS
    if unknown or "{" in _NAME.sub("", text):
        raise ValueError(f"{where}: {sorted(unknown) or text[:40]}")
    return mended(text)


def _common_line(key: str, value: Json) -> str:
    """A line that all papers have; of the remedies "", they are read by themselves."""
    if key not in COMMON:
        raise ValueError(f"common.{key}")
    if key != _REMEDIES:
        return _words(f"common.{key}", value)
    _remedies(value)
    return ""


def _remedies(value: Json) -> dict[str, str]:
    if not isinstance(value, Mapping) or not set(value) <= set(REMEDIES):
        raise ValueError("common.remedies")
    return {kind: _words(f"common.remedies.{kind}", text) for kind, text in value.items()}


def remedy_text(templates: Templates, kind: str, values: Mapping[str, str]) -> str:
    """What may be done against an act, by the kind of remedy of the item; "" for none."""
    return fill(templates.remedies.get(kind, ""), {**values, "word": word_of(values["title"])})


def word_of(title: str) -> str:
    """What a paper calls itself: 决定书 of 准予行政许可决定书."""
    return next((word for word in _SELF if title.endswith(word)), "文书")


_SELF = ("决定书", "裁决书", "通知书", "告知书", "告知单", "回执", "凭证")


# making ------------------------------------------------------------------------------------------------------------------


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every `{name}` replaced; of a value only its punctuation between Chinese characters is mended."""
    return mended_between(_NAME.sub(lambda match: values.get(match[1], ""), text))


def title_of(templates: Templates, paper: str, variant: str, values: Mapping[str, str]) -> str:
    return fill(templates.papers[paper].title_of(variant), values)


def compose(templates: Templates, paper: str, variant: str, filling: Filling) -> list[PaperBlock]:
    """The blocks of a paper with everything filled in; rows without a value are left out."""
    found = []
    flags = filling.flags | {variant}
    for block in templates.papers[paper].blocks:
        if all((flag[1:] not in flags) if flag.startswith("!") else (flag in flags) for flag in block.when):
            made = _MAKERS[block.kind](block, filling)
            if made is not None:
                found.append(made)
    return found


def _text(block: BlockTemplate, filling: Filling) -> PaperBlock | None:
    text = fill(block.text, filling.values).strip()
    return {"kind": block.kind, "text": text} if text else None


def _rows(block: BlockTemplate, filling: Filling) -> PaperBlock | None:
    rows = [[fill(label, filling.values), fill(value, filling.values).strip()] for label, value in block.rows]
    kept = [row for row in rows if row[1]]
    return {"kind": block.kind, "rows": kept} if kept else None


def _lines(block: BlockTemplate, filling: Filling) -> PaperBlock:
    rows = [[fill(label, filling.values), fill(value, filling.values)] for label, value in block.rows]
    return {"kind": block.kind, "rows": rows}


def _table(block: BlockTemplate, filling: Filling) -> PaperBlock | None:
    listed = filling.lists.get(block.of, ())
    if not listed:
        return None
    rows = [[mended_between(str(row.get(key, ""))) for _, key in block.columns] for row in listed]
    return {
        "kind": block.kind, "head": [label for label, _ in block.columns], "rows": rows, "widths": [*block.widths],
        "caption": block.caption,
    }  # fmt: skip


_MAKERS: Mapping[str, Callable[[BlockTemplate, Filling], PaperBlock | None]] = {
    "to": _text, "text": _text, "small": _text, "rows": _rows, "code": _rows, "lines": _lines, "table": _table,
}  # fmt: skip
