"""Monthly reports by mail to the addresses that the director chose: what was signed or frozen, in words (R44).

A row of the outbox for each report and address, so it has the worker's retries, marks and limits. The text is made when it goes out.
"""

from __future__ import annotations

from collections.abc import Sequence

from node.domain.cases.access import Function, require
from node.domain.model import Actor
from node.domain.notices.timing import Quiet, not_before
from node.domain.reports.tally import read_month
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.notices import words
from node.services.notices.letters import Letter
from node.services.reports.making import Making
from node.services.reports.showing import Showing
from node.store import outbox, report_mail, reports
from node.store.outbox import WAITING, Notice
from node.store.store import Store, Tx, View

REPORT, SUBJECT = "report_mail", "政务服务运行情况月报"
MOST = 20  # addresses


class ReportMail:
    """Who is mailed the reports of this node."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def addresses(self, actor: Actor) -> list[str]:
        """Errors: `forbidden`."""
        require(Function.REPORT_MAIL, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            return [address for address, _ in report_mail.of(view.connection)]

    def choose(self, addresses: Sequence[str], actor: Actor) -> None:
        """These and no others, from the next report on. Errors: `forbidden`, `invalid_input` (addresses)."""
        require(Function.REPORT_MAIL, self._store.place.tier, actor.role)
        chosen = list(dict.fromkeys(words.typed(one, "smtp").strip() for one in addresses if one.strip()))
        fault = next((flaw for one in chosen if (flaw := words.fault_of(one, "smtp"))), "too_many" if len(chosen) > MOST else "")
        if fault:
            raise TongbanError("invalid_input", {"addresses": fault})

        def command(tx: Tx) -> None:
            for one in chosen:
                outbox.turn_on(tx.connection, one)
            report_mail.choose(tx.connection, chosen, actor.staff_id, tx.now(), _last(tx))

        self._store.run(command)


def plan(tx: Tx, rules: Rules, quiet: Quiet) -> None:
    """A row for each address that was not told of the last report of this node."""
    waiting = [address for address, told in report_mail.of(tx.connection) if told != _last(tx)]
    if not waiting or (last := _last(tx)) == "":
        return
    at = not_before(tx.now() - quiet.gather, True, quiet, rules.calendar)
    for address in waiting:
        outbox.add(tx.connection, ("", f"report:{last}", REPORT, address, ""), WAITING, tx.now(), at)
        report_mail.was_told(tx.connection, address, last)


def letter(tx: Tx, rules: Rules, rows: Sequence[Notice]) -> Letter:
    """The last of the reports that wait for one address."""
    to = rows[-1].recipient
    if to not in dict(report_mail.of(tx.connection)) or outbox.is_off(tx.connection, to):
        return Letter(why="not_wanted")
    report = reports.one(tx.connection, bytes.fromhex(rows[-1].mark.partition(":")[2]))
    month = read_month(report.month) if report is not None else None
    making = Making(tx, rules)
    written = making.cuts.written(report.entry) if report is not None else None
    if month is None or written is None:
        return Letter(why="pointless")
    showing = Showing(making)
    name = showing.name(tx.identity.code)
    head = f"【{name}】{month.year}年{month.month}月{SUBJECT}（{'已签报' if written.signed else '逾期未签报，已冻结'}）"
    missing = "、".join(showing.name(code) for code, _ in written.missing)
    lines = [
        head,
        "",
        showing.text_of(tx.identity.place, month, written),
        *([f"没有收到月报：{missing}。"] if missing else []),
        "",
    ]
    said = "\n".join([*lines, "各表请登录本单位的通办系统查看：监察—月报。不想再收到：请告知本单位负责人，或者回复TD。", ""])
    return Letter(to, said, subject=SUBJECT)


def _last(view: View | Tx) -> str:
    """The last report of this node (its entry, hex); "" for none."""
    months = reports.months_of(view.connection, view.identity.node_id)
    found = reports.latest(view.connection, view.identity.node_id, months[0]) if months else None
    return found.entry.hex() if found is not None else ""
