"""What is new for somebody on the staff (R29, R35): the kinds of it, and when a mail tells it. Pure.

On screen it stands on every page, counted from what the person looked at last. By mail, for who wants that, it comes as one digest in
the morning of a working day, or one more after noon. A digest takes in what arrived since the one before, so nothing is told by mail
twice; what is due soon is told each day until it is done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from node.domain.calendar import WorkCalendar
from node.domain.model import CST
from node.domain.notices.timing import Quiet

STAFF_DIGEST, CONFIRM, REPORT_CONFIRM = "staff_digest", "mail_confirm", "report_confirm"
BEFORE, ASKED, CONFIRMED = (
    "before",
    "asked",
    "confirmed",
)  # of an address: given before codes were asked for; a code is asked for; it was given
KINDS = ("cards", "back", "mine", "asked", "changed", "new", "soon")  # in the order in which a person should look
MAILS = ("none", "morning", "twice")
MIDDAY = 13 * 60  # minutes of the day from which the second mail goes out
MOST_LINES = 20  # of a mail; the rest is counted
MANY = 1000  # of a kind are counted; more read as "1000+"
LANGUAGES = ("zh", "en")  # of a person's settings; the first where they chose none
SUBJECTS: Mapping[str, str] = MappingProxyType({"zh": "待办提醒", "en": "Your work at the service center"})
CONFIRM_SUBJECTS: Mapping[str, str] = MappingProxyType({"zh": "确认邮箱", "en": "Please confirm this mail address"})
_CONFIRM: Mapping[str, str] = MappingProxyType(
    {
        "zh": "【{center}】有人请求把本单位通办系统的新动态发到这个邮箱。是您本人的，请登录后在“我的设置”中填写确认码：\n\n  {code}\n\n"
        "{hours}小时内有效，只在本单位有效。不是您本人的，不必理会，不会再收到其他邮件；也可以回复TD，今后不再收到确认码。\n",
        "en": "[{center}] Somebody asked that what is new in the Tongban of this office be mailed to this address. If it was you, log in and give"
        " this code in “My settings”:\n\n  {code}\n\nIt holds for {hours} hours and at this office only. If it was not you, there is nothing to do,"
        " and no digest will come; answer TD to get no more codes.\n",
    }
)
_REPORT_CONFIRM = (
    "【{center}】有人请求把本单位的政务服务运行情况月报发到这个邮箱。同意接收的，请把确认码告知本单位负责人，"
    "由其填写在“监察—月报”的“月报发送邮件”中：\n\n  {code}\n\n"
    "{hours}小时内有效，只在本单位有效。不同意的，不必理会，不会收到月报；也可以回复TD，今后不再收到确认码。\n"
)
NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "zh": {
            "cards": "监察信号",
            "back": "退回",
            "mine": "交给您",
            "asked": "来函和补正",
            "changed": "文书更正、撤销",
            "new": "新到",
            "soon": "即将到期",
        },
        "en": {
            "cards": "of supervision",
            "back": "sent back",
            "mine": "given to you",
            "asked": "asked of you",
            "changed": "papers corrected or revoked",
            "new": "new",
            "soon": "due soon",
        },
    }
)
_WORDS: Mapping[str, tuple[str, str, str, str, str, str]] = MappingProxyType(
    {
        "zh": (
            "【{center}】您的待办：{said}。", "{name}{count}件", "，", "{name}：", "  等{count}件",
            "请登录本单位的通办系统办理。不想再收到：在“我的设置”中改为不发送，或者回复TD。",
        ),
        "en": (
            "[{center}] Waiting for you: {said}.", "{count} {name}", ", ", "{name}:", "  {count} in all",
            "Please log in to the Tongban of your office. To end these mails choose so in “My settings”, or answer TD.",
        ),
    }
)  # fmt: skip


class Slot(NamedTuple):
    """One digest of one day: which (1 or 2), of the arrivals after `after` up to `until`. `mark` names it in the outbox."""

    day: str
    number: int
    after: int
    until: int

    @property
    def mark(self) -> str:
        return f"digest:{self.day}.{self.number}:{self.after}:{self.until}"


def read_mark(mark: str) -> Slot:
    """The digest that a row of the outbox names."""
    _, slot, after, until = mark.split(":")
    day, _, number = slot.partition(".")
    return Slot(day, int(number), int(after), int(until))


def begun(now: int, quiet: Quiet, calendar: WorkCalendar) -> list[tuple[str, int]]:
    """The digests of today whose hour has come: (day, number). None on a day off."""
    moment = dt.datetime.fromtimestamp(now / 1000, CST)
    minute = moment.hour * 60 + moment.minute
    if not calendar.is_workday(moment.date()):
        return []
    morning = quiet.end if quiet.start > quiet.end else 0  # after the night, where there is one
    times = (morning, max(MIDDAY, morning + 1))
    return [(moment.date().isoformat(), n) for n, at in enumerate(times, 1) if minute >= at]


def wants(mail: str, number: int) -> bool:
    """Whether a person with this setting gets the digest of this number."""
    return mail == "twice" or (mail == "morning" and number == 1)


def confirm_text(center: str, code: str, hours: int, language: str = LANGUAGES[0]) -> str:
    """The mail with a code; it names nobody."""
    return _CONFIRM[language].format(center=center, code=code, hours=hours)


def report_confirm_text(center: str, code: str, hours: int) -> str:
    """The same for an address to which monthly reports are to go."""
    return _REPORT_CONFIRM.format(center=center, code=code, hours=hours)


def text(center: str, counts: Mapping[str, int], lines: Mapping[str, list[str]], language: str = LANGUAGES[0]) -> str:
    """The mail: how many of each kind, the surname and the item of the first, and how to end it."""
    names = NAMES[language]
    head, count, comma, title, rest, foot = _WORDS[language]
    said = comma.join(count.format(name=names[kind], count=counts[kind]) for kind in KINDS if counts.get(kind))
    parts = [head.format(center=center, said=said), ""]
    for kind in KINDS:
        if shown := lines.get(kind, [])[:MOST_LINES]:
            more = [rest.format(count=counts[kind])] if counts[kind] > len(shown) else []
            parts += [title.format(name=names[kind]), *(f"  {one}" for one in shown), *more, ""]
    return "\n".join([*parts, foot, ""])
