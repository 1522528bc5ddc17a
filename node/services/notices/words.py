"""What a message about a case says, and to whom: the surname, the item, a date, whom to call. Nothing else is put into a text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import NamedTuple

from node.domain import folded
from node.domain.cases.bodies import read_body
from node.domain.model import Case
from node.domain.notices import mail, texts
from node.domain.published import NOTICES
from node.domain.words.terms import label
from node.services.cases.context import Rules
from node.services.catalog.names import node_name
from node.services.public.residents import contact_of
from node.store import outbox
from node.store.outbox import Contact
from node.store.store import Tx, View

WHOSE = ("own", "relative", "agent")
ORGANISATIONS = frozenset({"uscc"})
MOBILE = re.compile(r"(?:\+?86-?)?(1[0-9]{10})")


class Applicant(NamedTuple):
    """Who asked, as his application says it; all "" where it is not here."""

    name: str = ""
    id_type: str = ""
    phone: str = ""
    email: str = ""
    contact: str = ""  # whose telephone it is


def applicant_of(view: View | Tx, case: Case) -> Applicant:
    body = view.objects.get(case.bodies[0]) if case.bodies else None
    said = read_body(body).get("application", {}) if body is not None else {}
    given = said.get("applicant") if isinstance(said, Mapping) else None
    who = given if isinstance(given, Mapping) else {}
    return Applicant(*(str(who.get(name) or "").strip() for name in Applicant._fields))


def contact(view: View | Tx, case: Case) -> Contact:
    """Where he is told: as somebody recorded it, else as the application says."""
    found = outbox.contact(view.connection, case.case_no)
    if found is not None and (found.phone or found.email or found.off):
        return found
    who = applicant_of(view, case)
    phone = "" if who.contact == "agent" else who.phone  # an agent's telephone tells the agent
    return Contact(phone, who.email, who.contact if who.contact in WHOSE else WHOSE[0])


def mobile(phone: str) -> str:
    """The eleven digits of a mobile telephone; "" for one that takes no SMS."""
    found = MOBILE.fullmatch(phone.strip())
    return found[1] if found else ""


def typed(text: str, channel: str) -> str:
    """A number or an address as somebody typed it: of a mobile telephone its eleven digits."""
    if channel != "sms":
        return folded.typed(text)
    number = folded.phone(text)
    return mobile(number) or number


def fault_of(to: str, channel: str) -> str:
    """Why a channel can't reach it, as a code of FIELD_ERRORS; "" when it can."""
    if channel == "sms":
        return "" if MOBILE.fullmatch(to) else "not_a_mobile"
    return mail.parse(to).fault


def address(one: Contact, channel: str) -> str:
    """Where a channel reaches him; "" where it does not."""
    if channel == "sms":
        return mobile(one.phone)
    return mail.parse(one.email).address


def ended(view: View | Tx, one: Contact) -> bool:
    """Whether he has ended what comes to him, by an answer to it."""
    return any(to and outbox.is_off(view.connection, to) for to in (address(one, "sms"), address(one, "smtp")))


def masked(sender: str) -> str:
    """A number or an address as a log shows it; what is masked already stays."""
    if "*" in sender:
        return sender
    name, at, host = sender.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    return sender[:3] + "*" * (len(sender) - 7) + sender[-4:] if len(sender) > 7 else "*" * len(sender)


def text_of(view: View | Tx, rules: Rules, case: Case, event: str) -> str:
    """The message. `case` is what stands of it without doubt."""
    return texts.fill(rules.catalog.snapshot().of(NOTICES).of(event), values(view, rules, case, event))


def values(view: View | Tx, rules: Rules, case: Case, event: str) -> dict[str, str]:
    """What stands for the names in a text about a case."""
    item, who = rules.item_of(case), applicant_of(view, case)
    said = contact_of(rules.catalog, item.contact if item is not None else {})
    due = case.correction.due if event == "correction" else promise(view, rules, case)
    return {
        "center": view.identity.name,
        "surname": texts.surname(who.name, who.id_type not in ORGANISATIONS),
        "item": item.name if item is not None else "",
        "due": day(due),
        "until": day(case.pause.until),
        "kind": label(case.pause.kind, "zh", "step_kind") if case.pause.kind else "",
        "days": str(case.extension_days or ""),
        "window": node_name(view, rules.catalog, case.origin) or "原收件窗口",
        "address": said["address"],
        "phone": said["phone"],
        "case_no": case.case_no,
    }  # fmt: skip


def promise(view: View | Tx, rules: Rules, case: Case) -> dt.date | None:
    """The day that he was promised, else that of the law."""
    found = {one["clock"]: one["due"] for one in rules.deadlines(view, case)}
    due = found.get("P") or found.get("S")
    return dt.date.fromisoformat(due) if due else None


def common_phone(rules: Rules) -> str:
    """Whom to call where no item says it."""
    return contact_of(rules.catalog, {})["phone"]


def day(date: dt.date | None) -> str:
    return f"{date.month}月{date.day}日" if date is not None else ""
