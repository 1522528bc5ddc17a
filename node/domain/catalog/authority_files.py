"""The file of the authority record as people give it: rows of texts by column, from CSV or TOML, each with its line. Pure.

TOML says the same as CSV, one `[[record]]` a row with the columns as keys; days may be dates, `types` a table. What a row says is
checked in `authority`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from node.domain.catalog.line_notes import LineNote

REQUIRED = ("node_code", "way", "organ", "organ_code")
COLUMNS = (
    "node_code", "department", "item_id", "way", "organ", "organ_code", "asked_organ", "asked_code", "series", "types", "commission_no",
    "commission_from", "commission_until", "review_organ", "court",
)  # fmt: skip
MAX_BYTES, MAX_ROWS, MAX_NAME, MAX_NOTES = 8 << 20, 50_000, 100, 1000
Flaw = tuple[str, str, dict[str, object]]  # column, code of WORDS, details
Line = tuple[int, dict[str, str], list[Flaw]]  # number, cells by column, what is wrong with the row as a row
NAME = "authority"
_TOML = re.compile(r"^[ \t]*(\[\[record\]\]|kind[ \t]*=)", re.MULTILINE)
_RECORD = re.compile(r"^[ \t]*\[\[record\]\]", re.MULTILINE)

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "encoding": ("不是 UTF-8 编码（可能是 GBK），请另存为 UTF-8", "not UTF-8 (perhaps GBK): save it as UTF-8"),
        "bad_toml": ("不是正确的 TOML，请对照下载的文件检查这一行", "not TOML: {value}"),
        "wrong_kind": ("不是授权记录文件（kind 应为 authority）", "not an authority record (kind must be authority)"),
        "bad_csv": ("不是正确的 CSV，请用电子表格软件另存为 CSV 再导入", "not CSV: {value}"),
        "too_long": ("{column}内容过长", "{column} is too long"),
        "too_many": ("文件过大或者行数过多", "too large, or too many lines"),
        "wrong_width": ("列数与表头不符", "the number of cells differs from the header"),
        "missing_column": ("缺少列 {column}", "the column {column} is missing"),
        "duplicate_column": ("列 {column} 重复", "the column {column} stands twice"),
        "unknown_column": ("不认识列 {column}，请删去或者改正列名", "the column {column} is not known: correct or remove it"),
        "bad_character": ("{column}含有不可用的字符", "{column} contains a character that cannot be used"),
        "missing": ("{column}不能为空", "{column} must not be empty"),
        "invalid": ("{column}格式不正确：{value}", "{column} is not valid: {value}"),
        "not_a_choice": (
            "{column}的“{value}”不在可选范围内（own 本级行使、devolved 下放、entrusted 委托、posted 派员联办、online 联网审批）",
            "{column}: {value!r} is none of own, devolved, entrusted, posted, online",
        ),
        "duplicate": ("同一单位、事项的记录已在第{other}行", "the same office and item stand already on line {other}"),
        "item_and_department": ("item_id 和 department 只填一个", "give item_id or department, not both"),
        "one_code_one_organ": (
            "机关代字“{value}”已用于另一机关（第{other}行），文号会重复",
            "{value!r} is already the code of another organ (line {other}): numbers would come twice",
        ),
        "one_organ_one_code": (
            "“{value}”已用另一机关代字（第{other}行），一个机关只用一个代字",
            "{value!r} has another code on line {other}: one organ, one code",
        ),
        "series_needed": (
            "以上级机关名义出具文书，须填 series（三位字母数字，不用 I、L、O、U），以免文号重复",
            "who issues in an upper organ's name needs a series (three characters, no I, L, O, U), or numbers come twice",
        ),
        "series_missing": (
            "以“{value}”名义出具文书的单位不止一个（第{other}行），请填 series（三位字母数字，不用 I、L、O、U），以免文号重复",
            "another office issues for {value!r} too (line {other}): give series (three characters, no I, L, O, U), or numbers come twice",
        ),
        "series_taken": ("编号前缀“{value}”已用于另一单位（第{other}行）", "the series {value!r} is taken by another office (line {other})"),
        "series_differs": (
            "同一单位以同一机关名义出具文书只用一个编号前缀（第{other}行）",
            "one office uses one series for an organ (line {other})",
        ),
        "commission_missing": ("委托办理须填 commission_no 和 commission_from（委托书文号、起始日期）",
                               "an entrusted power needs commission_no and commission_from"),
        "until_before_from": ("委托期限的截止日期早于起始日期", "the commission ends before it begins"),
        "same_organ": ("受理机关与被申请机关相同时不填 asked_organ", "leave asked_organ empty where it is the same organ"),
        "not_upper": (
            "way 为 {other} 时，organ 填上级机关，asked_organ 填本级机关，两者都要填",
            "for {other} give the upper organ as organ and the own one as asked_organ",
        ),
    }
)  # fmt: skip


def note(line: int, column: str, code: str, **details: object) -> LineNote:
    """A fault in the words of WORDS."""
    zh, en = WORDS[code]
    words = {"value": "", "other": "", **details, "column": column}
    return LineNote(line, column, code, zh.format_map(words), en.format_map(words))


class UnreadableError(Exception):
    def __init__(self, note: LineNote) -> None:
        self.note = note
        super().__init__(note.code)


def lines(data: bytes) -> Iterator[Line]:
    """The rows of a CSV or TOML file. Raises UnreadableError where it can be read no further."""
    if len(data) > MAX_BYTES:
        raise UnreadableError(note(1, "", "too_many"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(note(data.count(b"\n", 0, error.start) + 1, "", "encoding")) from None
    yield from _toml_lines(text) if _TOML.search(text) else _csv_lines(text)


def _csv_lines(text: str) -> Iterator[Line]:
    try:
        source = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [cell.strip() for cell in next(source, [])]
        _check_header(header)
        line = source.line_num + 1
        for count, row in enumerate(source):
            if count > MAX_ROWS:
                raise UnreadableError(note(line, "", "too_many"))
            if any(cell.strip() for cell in row):
                wrong = len(row) < len(header) or any(cell.strip() for cell in row[len(header) :])
                cells = dict.fromkeys(COLUMNS, "") | dict(zip(header, map(str.strip, row), strict=False))
                yield line, cells, [("", "wrong_width", {})] if wrong else []
            line = source.line_num + 1
    except csv.Error as error:
        raise UnreadableError(note(1, "", "bad_csv", value=str(error)[:80])) from None


def _check_header(header: list[str]) -> None:
    while header and not header[-1]:
        header.pop()
    for column in header:
        if header.count(column) > 1:
            raise UnreadableError(note(1, column[:40], "duplicate_column"))
        if column not in COLUMNS:
            raise UnreadableError(note(1, column[:40], "unknown_column"))
    for column in REQUIRED:
        if column not in header:
            raise UnreadableError(note(1, column, "missing_column"))


def _toml_lines(text: str) -> Iterator[Line]:
    """One `[[record]]` a row."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise UnreadableError(note(line, "", "bad_toml", value=str(error)[:80])) from None
    records = document.get("record", [])
    unknown = sorted(set(document) - {"kind", "format", "record"})
    if unknown or not isinstance(records, list) or document.get("kind", NAME) != NAME:
        raise UnreadableError(note(1, unknown[0][:40] if unknown else "kind", "unknown_column" if unknown else "wrong_kind"))
    places = [text.count("\n", 0, one.start()) + 1 for one in _RECORD.finditer(text)]
    if len(records) > MAX_ROWS:
        raise UnreadableError(note(1, "", "too_many"))
    for place, record in zip([*places, *([1] * len(records))], records, strict=False):
        given = record if isinstance(record, dict) else {}
        cells = dict.fromkeys(COLUMNS, "") | {name: _text(value) for name, value in given.items() if name in COLUMNS}
        flaws: list[Flaw] = [(name[:40], "unknown_column", {}) for name in given if name not in COLUMNS]
        flaws += [(name, "invalid", {"value": type(value).__name__}) for name, value in given.items() if not _is_plain(value)]
        yield place, cells, flaws


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(one, str) for one in value.values())
    return isinstance(value, str) or (isinstance(value, dt.date) and not isinstance(value, dt.datetime))


def _text(value: object) -> str:
    """A cell as CSV has it."""
    if isinstance(value, dict):
        return ";".join(f"{name}={word}" for name, word in value.items())
    return value.isoformat() if isinstance(value, dt.date) else str(value).strip()
