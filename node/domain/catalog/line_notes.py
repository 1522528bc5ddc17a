"""What is wrong with a line of a published file, or doubtful in it, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WORDS: Mapping[str, tuple[str, str]] = {
    "encoding": ("本行不是 UTF-8 编码（可能是 GBK），请另存为 UTF-8", "this line is not UTF-8 (perhaps GBK)"),
    "missing_column": ("缺少列 {column}", "the column {column} is missing"),
    "duplicate_column": ("列 {column} 重复", "the column {column} stands twice"),
    "unknown_column": ("不认识列 {column}，其内容仅作保留", "the column {column} is not known; it is kept as it is"),
    "missing": ("{column} 不能为空", "{column} must not be empty"),
    "duplicate": ("“{value}”重复（已在第 {other} 行）", "{value!r} stands already on line {other}"),
    "invalid": ("{column} 格式不正确", "{column} is not valid"),
    "not_a_choice": ("{column}的“{value}”不在可选范围内", "{column}: {value!r} is not one of the choices"),
    "out_of_range": ("{column} 数值超出范围", "{column} is out of range"),
    "bad_json": ("{column} 不是正确的 JSON 列表：{value}", "{column} is not a JSON list of the right form: {value}"),
    "too_long": ("{column} 内容过长", "{column} is too long"),
    "bad_character": ("{column} 含有不可用的字符", "{column} contains a character that cannot be used"),
    "wrong_width": ("列数与表头不符", "the number of cells differs from the header"),
    "bad_csv": ("不是正确的 CSV，请用电子表格软件另存为 CSV 再导入", "not CSV: {value}"),
    "too_many_columns": ("列数过多", "too many columns"),
    "too_many": ("行数过多", "too many lines"),
    "promise_over_statute": ("承诺办结时限长于法定办结时限", "the promise is longer than the statutory limit"),
    "stop_without_basis": (
        "环节“{value}”不计入时限但没有依据，已按计入时限导入",
        "{value}: claims not to count without a basis, imported as counting",
    ),
    "bad_toml": ("不是正确的 TOML，请对照下载的文件检查这一行", "not TOML: {value}"),
    "not_a_table": ("{column} 应写成一节", "{column} must be a table"),
    "secret_name": (
        "短信不得写查询码（{value}）：办件编号和查询码在一起，谁都能查",
        "a message never has the query code ({value})",
    ),
    "personal_name": (
        "短信除姓氏和事项外不得有个人信息（{value}）",
        "a message has nothing of a person but surname and item ({value})",
    ),
    "unknown_name": ("不认识花括号中的名称：{value}", "unknown name in braces: {value}"),
    "too_many_parts": ("过长：会分成 {value} 条短信，最多 3 条", "too long: {value} SMS, 3 at most"),
    "unknown_key": ("不认识“{column}”", "{column!r} is not known"),
    "not_a_number": ("{column} 应为数字", "{column} must be a number"),
    "beyond_law": ("{column} 不得超过法定的 {other}", "{column} may not be more than the {other} of the law"),
    "overlay_changes": ("下级不得修改上级事项的 {column}", "a lower tier may not change {column} of an item from above"),
    "overlay_looser": ("承诺办结时限只能收紧", "a promise may only be tightened"),
    "not_our_level": ("本级不能设置由 {value} 审批的事项", "this tier cannot add an item decided at {value}"),
    "layer_may_not_add": ("本级不能新增事项", "this tier cannot add items of its own"),
    "layer_may_not_overlay": ("本级不能修改事项", "this tier cannot change items"),
}


@dataclass(frozen=True, slots=True)
class LineNote:
    """A fault or a warning about one line (1 is the header)."""

    line: int
    column: str
    code: str
    message_zh: str
    message_en: str


def line_note(line: int, column: str, code: str, **details: object) -> LineNote:
    """A note in the words of WORDS; `details` fill them."""
    zh, en = WORDS[code]
    words = {"value": "", "other": "", **details, "column": column}
    return LineNote(line, column, code, zh.format_map(words), en.format_map(words))
