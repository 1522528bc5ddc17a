"""Refusals and defects of fields: what is raised, and the documents it goes out as.

An error is raised by code; the words and HTTP status of a refusal are a row of `refusals.py`, the words of a field's defect
one of FIELD_ERRORS below. `docs/errors.md` is generated from both tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dc_field
from typing import NotRequired, TypedDict

from node.domain.json_values import Json, JsonObject
from node.domain.words.refusals import ERRORS, ErrorKind
from node.domain.words.rule_words import in_english


class FieldFault(TypedDict):
    """What is wrong with a field, in both languages."""

    code: str
    message: str
    message_en: NotRequired[str]


class ErrorDocument(TypedDict):
    """The `error` object of the HTTP API: a sentence in both languages, and what is wrong with each field."""

    code: str
    message: str
    message_en: str
    fields: dict[str, FieldFault]
    details: NotRequired[JsonObject]


class FieldErrorDocument(TypedDict):
    """One defect of one field, in both languages."""

    field: str
    code: str
    message: str
    message_en: str


class TongbanError(Exception):
    """A refusal that names its rule. `code` is a key of ERRORS; `fields` maps a field path to its own error code.

    `details` fill the sentence (for example the custodian's code) and go out as `error.details`. A `rule` is written in Chinese
    and told in English by `rule_words`; a `reason` is told in English by `reason_en`, where both are given.
    """

    def __init__(self, code: str, /, fields: Mapping[str, str] | None = None, **details: Json) -> None:
        self.code = code
        self.fields = dict(fields or {})
        self.details = details
        super().__init__(f"{code} {details or ''} {self.fields or ''}".strip())

    @property
    def kind(self) -> ErrorKind:
        return ERRORS[self.code]

    @property
    def status(self) -> int:
        return self.kind.status

    def sentence(self, locale: str = "zh") -> str:
        template, details = (self.kind.zh, self.details) if locale == "zh" else (self.kind.en, _english(self.details))
        what = _WHAT.get(str(details.get("what")))
        return template.format_map(_Blank({**details, "what": what[locale != "zh"]} if what else details)).rstrip(": ：")

    def as_document(self) -> ErrorDocument:
        """The `error` object of the HTTP API (INTERFACE.md)."""
        faults = {
            path: FieldFault(code=code, message=zh, message_en=en)
            for path, code in self.fields.items()
            for zh, en in (FIELD_ERRORS.get(code, (code, code)),)
        }
        document = ErrorDocument(code=self.code, message=self.sentence("zh"), message_en=self.sentence("en"), fields=faults)
        if self.details:
            document["details"] = {
                k: v for k, v in self.details.items() if k != "path" and isinstance(v, (str, int, bool, float, list))
            }
        return document


# what was not found, where it has no number of its own -> (zh, en)
_WHAT = {
    "request": ("请求", "request"), "draft": ("草稿", "draft"), "file": ("文件", "file"), "line": ("线路", "line"),
    "handover": ("移交清单", "hand-over list"), "notice": ("通知", "notice"), "action": ("这项操作", "action"),
    "case_or_code": ("办件编号或查询码", "case number or query code"),
}  # fmt: skip


def malformed(zh: str, en: str) -> TongbanError:
    """The refusal of what cannot be read at all, with the reason in both languages."""
    return TongbanError("malformed", reason=zh, reason_en=en)


def _english(details: JsonObject) -> dict[str, Json]:
    told = {**details, "reason": details.get("reason_en", details.get("reason", ""))}
    told["rows_en"] = "1 row" if details.get("count") == 1 else f"{details.get('count', '')} rows"
    told["errors"] = "1 error" if details.get("count") == 1 else f"{details.get('count', '')} errors"
    rule = told.get("rule")
    return told | ({"rule": in_english(rule)} if isinstance(rule, str) else {})


class _Blank(dict[str, Json]):
    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One defect of one field of an input document; `code` is a key of FIELD_ERRORS."""

    field: str
    code: str
    details: JsonObject = dc_field(default_factory=dict)

    def as_document(self) -> FieldErrorDocument:
        zh, en = FIELD_ERRORS[self.code]
        blank = _Blank(self.details)
        zh, en = zh.format_map(blank) + str(blank["mend"]), en.format_map(blank) + str(blank["mend_en"])
        return {"field": self.field, "code": self.code, "message": zh, "message_en": en}


# code -> sentence (zh, en)
FIELD_ERRORS: dict[str, tuple[str, str]] = {
    "missing": ("必填项未填写", "required"),
    "missing_column": ("缺少这一列", "the column is missing"),
    "missing_material": ("缺少必需材料：{material}", "a required material is missing: {material}"),
    "empty": ("文件为空（0 字节）", "the file is empty"),
    "too_large": ("文件超过 50 MB", "the file is over 50 MB"),
    "duplicate": ("重复，只能有一份", "is given twice"),
    "unknown_material": ("事项没有此材料", "the item asks for no such material"),
    "check_digit": ("证件号码校验位不符", "the number's check digit is wrong"),
    "impossible_date": ("证件号码中的日期不存在或在将来", "the date in the number does not exist or lies in the future"),
    "invalid": ("格式不正确", "not valid"),
    "not_a_mobile": ("应为 11 位手机号码", "must be a mobile number of 11 digits"),
    "not_a_mail": ("应为邮箱地址，如 name@example.cn", "must be a mail address, as name@example.cn"),
    "not_a_mail_name": (
        "邮箱地址 @ 前只能是英文字母、数字和 . _ - + 等符号，不能以点开头、结尾或者两个点相连",
        "before the @ a mail address has letters of the Latin alphabet, digits, . _ - + and the like, and no dot at an end or beside another",
    ),
    "not_a_mail_host": (
        "邮箱地址 @ 后应为邮件域名，如 example.cn 或者 某单位.中国",
        "after the @ a mail address names a host, as example.cn",
    ),
    "blank": ("不能为空白", "must not be blank"),
    "not_a_code": ("应为 12 位数字（分厅可加后缀，如 -1）", "must be 12 digits (a branch hall may add a suffix, as -1)"),
    "own_node": ("这是本站自己", "this is the own office"),
    "too_many": ("太多了，一条消息最多发给 50 个站点", "too many: a message goes to at most 50 offices"),
    "unknown_division": ("没有这个区划代码", "no such division"),
    "wrong_level": ("该事项不在这一级受理，应到 {node} 申请", "the item is not filed at this level; file at {node}"),
    "wrong_node": ("应向 {node} 申请", "belongs to another node: {node}"),
    "agent_not_allowed": ("该事项不得由代办员代办", "the item may not be lodged by an agent"),
    "unknown_item": ("事项目录中没有此事项", "no such item in the catalog"),
    "not_voided": ("不是在本站作废的办件", "is no case that was voided at this node"),
    "not_listed": ("日历没有列出这一天，不用恢复", "this day is not on the list of the calendar: nothing to take back"),
    "weekday_works": (
        "周一至周五本来就是工作日，只有周六、周日可以设为调休上班",
        "Monday to Friday are working days anyhow: only a Saturday or Sunday can be made one",
    ),
    "not_published": ("事项尚未公布或已停办", "the item is not published now"),
    "too_long": ("内容过长", "too long"),
    "bad_character": ("含有不可用的字符", "contains a character that cannot be used"),
    "out_of_range": ("数值超出范围", "out of range"),
    "too_early": (
        "太早，一般件至少留3个工作日、急件至少留1个工作日回复",
        "too early: three working days are left for the reply, one when it is urgent",
    ),
    "not_a_month": ("应写成年份和月份，如 2026-03", "give a year and a month, as 2026-03"),
    "not_a_period": ("应写成年份和季度，如 2026-Q3，或者只写年份，如 2026", "give a quarter, as 2026-Q3, or a year, as 2026"),
    "not_a_day": ("应写成年月日，如 2026-03-31", "give a day, as 2026-03-31"),
    "to_come": ("还没有到，请选现在或者以前的", "has not come yet: choose the present one or an earlier one"),
    "before_node": (
        "那时本单位还没有接入，没有记录，请选以后的",
        "the unit was not connected then and has no records: choose a later one",
    ),
    "before_from": ("早于起始日期，请改其中一个", "lies before the first day: change one of them"),
    "not_days": ("应写 0 至 999 的整数", "give a whole number from 0 to 999"),
    "not_a_number": ("应写整数，如 50", "give a whole number, as 50"),
    "not_a_page": ("已经失效，请从第一页看起", "is no longer good: begin at the first page"),
    "wrong_type": ("类型不正确", "wrong type"),
    "unknown_field": ("没有此字段", "no such field"),
    "not_a_choice": ("不在可选范围内", "not one of the choices"),
    "not_both": ("视图和指标只能选一个", "a view or a measure, not both"),
    "cannot_do_step": (
        "这个人不能办理现在这一步（岗位不符、已停用、不是本单位的人，或者件已经在他名下），请从名单中选择",
        "this person cannot do the present step (another role, inactive, of another node, or has the case already): choose from the list",
    ),
    "too_young": (
        "该事项要求年满 {least} 周岁，申请人 {age} 周岁，请核对",
        "the item asks for {least} years of age; this person is {age}",
    ),
    "too_old": (
        "该事项要求不超过 {most} 周岁，申请人 {age} 周岁，请核对",
        "the item asks for at most {most} years of age; this person is {age}",
    ),
    "open_case": ("此人同一事项已有未办结的办件：{case_no}", "this person has an open case for the same item: {case_no}"),
    "unknown_county": (
        "证件号码的县级代码不在表中（可能已撤并）",
        "the county of the number is not in the table (it may have been abolished)",
    ),
    "bad_pin": ("操作密码应为 4 至 6 位数字", "a PIN has four to six digits"),
    "weak": ("太容易被猜到，请换一个", "too easy to guess: choose another"),
    "mismatch": ("两次输入不一致", "the two entries differ"),
    "wrong_password": ("密码不正确", "the password is wrong"),
    "wrong_mail_code": ("确认码不正确，或者后来又发过一个；以最近一封邮件为准", "not the code of the latest mail"),
    "mail_code_over": ("确认码已过期，请再发一次", "the code is over; have another one sent"),
    "too_many_mails": ("今天发到这里的确认码已有五个，请明天再试", "five codes were asked for today; try again tomorrow"),
    "wrong_code": ("动态码不正确或已用过，请等下一个", "wrong or used already: wait for the next one"),
    "common_password": (
        "这个密码太常见，很容易被猜到；请换一个，例如把几个不相干的词连在一起",
        "this password is among the first that are guessed; choose another, for example several unrelated words",
    ),
    "admin_and_auditor": (
        "系统管理员和审计员不能是同一个人（三员分立）",
        "the administrator and the auditor must be different people",
    ),
    "own_name": ("密码不能是自己的姓名、拼音或用户名", "the password must not be the own name or username"),
    "same_password": ("新密码不能与现在的密码相同", "the new password must differ from the present one"),
    "short_password": ("密码至少 8 个字符，且不能过于简单", "at least eight characters, not all alike"),
    "also_admin": (
        "与系统管理员同名。管理员不应办理办件；确有需要请勾选确认，系统将记入审计",
        "an administrator has this name, and administrators do not act on cases; tick the box if it is meant (it goes on record)",
    ),
    "not_confirmed": ("请按提示输入以确认", "type what is asked for to confirm"),
    "scope_without_submit": ("委托权限至少要包括“提交”", "the mandate must at least allow lodging"),
    "mandate_period": ("委托期限应在今天之后、一年以内", "the mandate must end after today and within a year"),
    "unsorted_files": ("还有 {count} 份文件没有归到材料名下", "{count} files are not yet sorted to a material"),
    "unfinished_files": (
        "还有 {count} 份文件没有传完，请重新选择或删除",
        "{count} files are not complete: choose them again or remove them",
    ),
    "too_many_files": ("一份申请最多 100 份文件", "at most 100 files with one application"),
    "wrong_size": ("内容大小与申报不一致", "the content's size differs from what was declared"),
}
