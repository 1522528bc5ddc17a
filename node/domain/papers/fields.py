"""What stands on a paper: from a case as it was after the act, the item, the application and the texts of the act. Pure.

Whose name a paper bears says `organs`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from node.domain.calendar import day_of
from node.domain.cases.deadline_words import sentence
from node.domain.cases.deadlines import as_decided, deadlines, default_limit
from node.domain.cases.history import history
from node.domain.catalog.item import CONTACT, LICENCE, Item
from node.domain.catalog.limits import LAW
from node.domain.catalog.revisions import limits_of
from node.domain.model import Event, Facts
from node.domain.papers.categories import category_code, outcome_word
from node.domain.papers.given import Sources, day, limit_text, word
from node.domain.papers.laws import full_names
from node.domain.papers.organs import item_code
from node.domain.papers.papers import ORGANISATIONS, Basis, day_text, mask_id, mask_name, moment_text, standing_acts
from node.domain.papers.rows import ELECTRONIC, corrections, gap, in_hand, is_complete, lacking, materials
from node.domain.papers.sheet import pauses, steps
from node.domain.papers.templates import Filling
from node.domain.words import terms

MAX_STATED = 160  # characters of a statement that a decision repeats


def title_variant(basis: Basis, item: Item) -> str:
    """Which title a paper bears: of a commitment item the acceptance is 承诺受理通知书, a decision is called by the category."""
    if basis.paper == "decision":
        return f"{basis.variant}.{category_code(item.category)}"
    promised = basis.paper == "acceptance" and basis.variant == "accepted" and item.case_type == "commitment"
    return "promise" if promised else basis.variant


def filling(sources: Sources, *, masked: bool = False) -> Filling:
    """Values, lists and flags of the paper. `masked`: the name is hidden too."""
    return Filling(_values(sources, masked), _lists(sources), _flags(sources, masked))


# texts -------------------------------------------------------------------------------------------------------------------


def _values(s: Sources, masked: bool) -> dict[str, str]:
    item, case, body = s.item, s.case, s.body
    values = {
        "item_name": item.name, "item_code": item_code(item, s.office.code), "category": item.category,
        "department": item.department, "case_no": case.case_no, "query_code": s.query_code, "center": s.center,
        "licence": "行政许可" if item.regime == LICENCE else "", "licence_word": "许可" if item.regime == LICENCE else "",
        "fee": item.fee or "不收费", "result": item.result, "label": terms.label(item.case_type, "zh", "case_type"),
        "as_of": moment_text(s.at), "now_status": outcome_word(s.now.status, item.category) or terms.label(s.now.status, "zh", "status"),
        "staff": s.staff_of(s.basis.event), "materials_count": str(len(materials(s))), "law": full_names(item.legal_basis) or "有关规定",
    }  # fmt: skip
    values |= _people(s, masked) | _days(s) | _limits(s) | _contact(s)
    values |= _granted(s)
    values |= {
        name: str(body[name])
        for name in ("opinion", "reason", "basis", "competent_organ", "content", "recipient")
        if name in body
    }
    mode, ground = (str(s.basis.event.facts.get(name, "")) for name in ("mode", "ground"))
    values["mode"] = word("mode", mode)
    values["ground"] = word("ground", ground) if ground != "none" else ""
    return values | _handed(s) | _moved(s) | _ended(s) | _stated(s) | dict(s.more)


def _granted(s: Sources) -> dict[str, str]:
    """What a grant says of itself: its content, the certificate, from when to when. What was not typed is the item's."""
    body, item = s.body, s.item
    return {
        "scope": str(body.get("scope") or item.name),
        "certificate": str(body.get("certificate") or item.result),
        "valid": str(body.get("validity") or "以所发证件载明的为准"),
    }


def _people(s: Sources, masked: bool) -> dict[str, str]:
    found = s.application.get("applicant")
    applicant = found if isinstance(found, Mapping) else {}
    name, kind = str(applicant.get("name", "")), str(applicant.get("id_type") or "ric")
    mandate = s.case.mandate
    return {
        "applicant": mask_name(name, kind) if masked else name,
        "you": "你单位" if kind in ORGANISATIONS else "你",
        "self": "本单位" if kind in ORGANISATIONS else "本人",
        "id_number": mask_id(str(applicant.get("id_number", "")), kind),
        "agent_scope": "、".join(filter(None, (word("mandate", one) for one in mandate))),
        "agent_until": day_text(s.case.mandate_until),
    }


def _days(s: Sources) -> dict[str, str]:
    case, event = s.case, s.basis.event
    due = event.facts.get("due")
    return {
        "filed_day": day(case.filed_at), "filed_at": moment_text(case.filed_at), "received_day": day(case.received_at),
        "supplied_day": day(case.correction.supplied_at), "accepted_day": day(case.accepted_at), "decided_day": day(case.decided_at),
        "delivered_at": moment_text(case.delivered_at),
        "gap_day": _fact_day(event.facts, "gap_due") or "　　　　年　　月　　日",
        "consequence": _consequence(s),
        "due_day": day_text(due) if isinstance(due, dt.date) else "", "from_day": day(case.correction.supplied_at or case.received_at),
        "decided_before": f"本机关将于{day_text(due)}前{'作出决定' if s.item.regime == LICENCE else '办结'}。" if isinstance(due, dt.date) else "",
        "deadline": _deadline(s) if s.basis.paper == "tracking" else "",
    }  # fmt: skip


def _consequence(s: Sources) -> str:
    """What follows when what may be brought later is not brought in time: by the limits that the acceptance cites."""
    limits = limits_of(s.rules, s.now.started.accepted)
    pauses = limits is not None and limits.gap_pauses
    return (
        "自期满次日起暂停计算承诺办结期限，至补齐为止，法定办结期限不停止计算；法定办结期限届满仍未补齐的，终止办理"
        if pauses
        else "终止办理"
    )


def _deadline(s: Sources) -> str:
    """How the day came about by which the case is, or was, to be decided; the promise before the statute."""
    if not s.now.accepted_at:
        return ""
    case, tier = (as_decided(s.now), s.organ_tier) if s.now.decided_at else (s.now, s.holder_tier)
    pauses = history(s.events, lambda *_: True, s.item, lambda _: tier, s.counting, day_of(s.at), s.rules).pauses
    found = sorted(deadlines(case, s.item, tier, s.counting, s.rules), key=lambda one: one.clock != "P")
    return next((text for one in found if (text := sentence(one, pauses))), "")


def _limits(s: Sources) -> dict[str, str]:
    item = s.item
    statutory = limit_text(item.statutory_limit, item.statutory_unit)
    if (
        item.statutory_limit is None
        and (found := default_limit(item, limits_of(s.rules, s.case.started.accepted) or LAW)) is not None
    ):
        statutory = limit_text(found[0], "workday")
    due = _statutory_due(s) if s.basis.paper in ("acceptance", "gap") else None
    return {
        "statutory": f"{statutory}（至{day_text(due)}）" if statutory and due else statutory,
        "promised": limit_text(item.promised_limit, "workday"),
    }


def _statutory_due(s: Sources) -> dt.date | None:
    found = [
        one.due
        for one in deadlines(s.case, s.item, s.organ_tier, s.counting, s.rules)
        if one.clock == "S" and not one.provisional
    ]
    return min(found, default=None)


def _contact(s: Sources) -> dict[str, str]:
    given = s.item.contact
    return {key: given.get(key) or s.defaults.get(key, "") for key in CONTACT}


def _handed(s: Sources) -> dict[str, str]:
    """Giver and taker of a hand-over."""
    facts, event = s.basis.event.facts, s.basis.event
    target = facts.get("target")
    if event.kind != "custody_offered" or not isinstance(target, bytes):
        return {}
    purpose = str(facts.get("purpose", ""))
    return {
        "giver": s.name_of(event.author), "taker": s.name_of(target), "purpose": terms.label(purpose, "zh", "purpose"),
        "handed_at": moment_text(event.at), "handed_day": day(event.at),
    }  # fmt: skip


def _moved(s: Sources) -> dict[str, str]:
    """What stops or extends the clocks, and when they go on."""
    if s.basis.event.kind not in ("suspended", "resumed", "extended"):
        return {}
    facts, body = s.basis.event.facts, s.body
    kind = str(facts.get("kind", ""))
    basis = next((step.stop_basis for step in s.item.special_steps if step.kind == kind and step.stop_basis), "")
    own = s.item.regime == LICENCE and s.item.extension_days is None
    paragraph = "第二款" if facts.get("approver") == "government_head" else "第一款"
    return {
        "procedure": word("step_kind", kind), "days": str(facts.get("days") or facts.get("extension_days") or ""),
        "from_date": _fact_day(facts, "from"), "until_date": _fact_day(facts, "until"), "due_before": _fact_day(facts, "due_before"),
        "citation": full_names(basis if basis and s.item.regime != LICENCE else str(body.get("citation", "")) or basis),
        "postponed": _postponed(s),
        "reason": str(body.get("reason", "")).rstrip("。；，,;. "), "approver": word("approver", str(facts.get("approver", ""))),
        "law": f"《中华人民共和国行政许可法》第四十二条{paragraph}" if own else full_names(s.item.legal_basis) or "有关规定",
        "ended_on": day_text(_pause_end(s)), "goes_on": _goes_on(s), "handled_by": _handled_by(s),
    }  # fmt: skip


def _postponed(s: Sources) -> str:
    """To which day the limit moves; a stop that began when it was over moves nothing."""
    facts, what = s.basis.event.facts, "承诺办结日期" if s.case.promised_due else "办结期限"
    if "due" not in facts:
        return ""
    if facts["due"] == facts.get("due_before"):
        return f"{what}仍为{_fact_day(facts, 'due')}，不因此顺延。"
    return f"{what}相应顺延至{_fact_day(facts, 'due')}。"


def _fact_day(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return day_text(value) if isinstance(value, dt.date) else ""


def _pause_end(s: Sources) -> dt.date | None:
    """The last day on which the clocks stood: that of the resumption, the stated end at the latest."""
    event = s.basis.event
    begun = next((one for one in reversed(s.events[: s.basis.act]) if one.kind == "suspended"), None)
    until = begun.facts.get("until") if begun is not None else None
    return min(day_of(event.at), until) if isinstance(until, dt.date) else day_of(event.at)


def _goes_on(s: Sources) -> str:
    """By when the case is to be decided now that its clocks run again; the promise before the statute."""
    found = sorted(deadlines(s.case, s.item, s.organ_tier, s.counting, s.rules), key=lambda one: one.clock != "P")
    return f"{'承诺办结日期' if found[0].clock == 'P' else '办结期限'}为{day_text(found[0].due)}" if found else ""


def _handled_by(s: Sources) -> str:
    """Who handles the case and where to reach them (承办)."""
    contact = _contact(s)
    named = [
        ("承办机构", contact.get("organ") or s.item.department or s.office.name), ("承办人", s.staff_of(s.basis.event)),
        ("联系电话", contact.get("phone", "")), ("地址", contact.get("address", "")),
    ]  # fmt: skip
    lines = (named[:2], named[2:])  # a number never stands apart from its name
    said = ("　".join(f"{name}：{value}" for name, value in line if value) for line in lines)
    return "\n".join(line for line in said if line)


def _ended(s: Sources) -> dict[str, str]:
    """Why and when a case ended without a decision, and what the applicant gets back."""
    event, due = s.basis.event, s.basis.event.facts.get("due")
    if event.kind not in ("withdrawn", "terminated"):
        return {}
    until = f"（{day_text(due)}）" if isinstance(due, dt.date) else ""
    lapsed = event.kind == "terminated" and s.case.gap.is_open
    until = f"（{day_text(s.case.gap.due)}）" if lapsed else until
    never = f"容缺材料逾期{until}未补齐" if lapsed else f"补正期满{until}，经提醒仍未补正"
    cause = f"申请人于{day(event.at)}书面撤回" if event.kind == "withdrawn" else never
    given = "、".join(f"{one['name']}（{one['form']}{one['copies']}份）" for one in in_hand(s) if one["form"] != ELECTRONIC)
    return {
        "cause": cause,
        "ended_on": day(event.at),
        "returned": f"所附材料一并退还：{given}。" if given else "没有需要退还的纸质材料。",
    }


def _stated(s: Sources) -> dict[str, str]:
    """Of the notice of the right to be heard the days; of a refusal what came of it (陈述申辩听取情况)."""
    event = s.basis.event
    due = event.facts.get("due")
    if event.kind == "statement_offered":
        days = s.calendar.count_workdays(day_of(event.at), due) if isinstance(due, dt.date) else 0
        return {"days": str(days), "reason": str(s.body.get("reason", "")).rstrip("。；，,;. "), "handled_by": _handled_by(s)}
    return {"heard_how": _heard(s)} if event.kind == "refused" else {}


def _heard(s: Sources) -> str:
    said, you = s.case.statement, _people(s, False)["you"]
    if not said.offered_at:
        return f"作出本决定前，已听取{you}的陈述和申辩。" if s.basis.event.facts.get("heard") is True else ""
    told = f"作出本决定前，本机关于{day(said.offered_at)}告知{you}享有陈述、申辩的权利，"
    if said.outcome != "stated":
        return told + (f"{you}表示不提出陈述、申辩。" if said.outcome == "waived" else f"{you}逾期未提出陈述、申辩。")
    return f"{told}并于{day(said.recorded_at)}听取了{you}的陈述、申辩：{_statement(s) or '见案卷记录'}。"


def _statement(s: Sources) -> str:
    """What the applicant stated, in short; all of it stands in the file."""
    act = next((one for _, one in reversed(standing_acts(s.events[: s.basis.act])) if one.kind == "statement_recorded"), None)
    text = str(s.bodies.get(act.hash, {}).get("statement", "")).strip().rstrip("。；，,;. ") if act is not None else ""
    return text if len(text) <= MAX_STATED else f"{text[:MAX_STATED]}……（全文见案卷记录）"


# lists -------------------------------------------------------------------------------------------------------------------


def _lists(s: Sources) -> dict[str, list[dict[str, str]]]:
    found = {"materials": materials(s), "lacking": lacking(s)}
    if s.basis.paper in ("gap", "gap_pledge"):
        found["gap"] = gap(s)
    if s.basis.paper == "correction":
        found["corrections"] = corrections(s)
    if s.basis.paper == "tracking":
        found |= {"steps": steps(s), "pauses": pauses(s)}
    return found


# flags -------------------------------------------------------------------------------------------------------------------


def _stops(act: Event) -> bool:
    return act.kind == "suspended" or (act.kind == "gap_lapsed" and act.facts.get("pauses") is True)


def _flags(s: Sources, masked: bool) -> frozenset[str]:
    item, facts = s.item, s.basis.event.facts
    holds = {
        "licence": item.regime == LICENCE, "promise": facts.get("due") is not None, "village": s.holder_tier == "village",
        "commitment": item.case_type == "commitment", "heard": facts.get("heard") is True, "masked": masked,
        "fee": bool(item.fee) and "不收费" not in item.fee,
        "basis": bool(s.body.get("basis")), "materials": bool(materials(s)), "code_known": bool(s.query_code),
        "ground": facts.get("ground") not in (None, "", "none"),
        "back": facts.get("purpose") in ("hand_back", "return", "home"), "pauses": any(_stops(act) for _, act in standing_acts(s.events)),
        "mandate": bool(s.case.mandate),
        "extension": s.case.extended, "complete": is_complete(s), "lacking": bool(lacking(s)),
    }  # fmt: skip
    return frozenset(name for name, there in holds.items() if there) | {category_code(item.category)}
