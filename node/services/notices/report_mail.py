"""Monthly reports by mail to the addresses that the director chose: what was signed or frozen, in words (R44).

A row of the outbox for each report and address, so it has the worker's retries, marks and limits. The text is made when it goes out.
"""

from __future__ import annotations

from collections.abc import Sequence

from node.domain.cases.access import Function, require
from node.domain.model import Actor
from node.domain.notices.news import ASKED, BEFORE, CONFIRMED
from node.domain.notices.timing import Quiet, not_before
from node.domain.reports.documents import MailedTo
from node.domain.reports.tally import read_month
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.notices import confirming, words
from node.services.notices.letters import Letter
from node.services.people.throttle import LIMIT, Throttle
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
        self._store, self._throttle = store, Throttle()

    def addresses(self, actor: Actor) -> list[MailedTo]:
        """Errors: `forbidden`."""
        require(Function.REPORT_MAIL, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            return [
                {"address": one.address, "proof": one.proof, "off": outbox.is_off(view.connection, one.address)}
                for one in report_mail.of(view.connection)
            ]

    def choose(self, addresses: Sequence[str], actor: Actor) -> None:
        """These and no others. A new one gets a mail with a code, and reports only once it is typed here. Errors: `forbidden`,
        `invalid_input` (addresses)."""
        require(Function.REPORT_MAIL, self._store.place.tier, actor.role)
        chosen = list(dict.fromkeys(words.typed(one, "smtp").strip() for one in addresses if one.strip()))
        fault = next((flaw for one in chosen if (flaw := words.fault_of(one, "smtp"))), "too_many" if len(chosen) > MOST else "")
        if fault:
            raise TongbanError("invalid_input", {"addresses": fault})

        def command(tx: Tx) -> None:
            known = {one.address: one for one in report_mail.of(tx.connection)}
            report_mail.choose(tx.connection, chosen, actor.staff_id, tx.now(), _last(tx))
            for one in chosen:
                ended = one in known and known[one].proof == BEFORE and outbox.is_off(tx.connection, one)
                if one not in known or ended:
                    report_mail.prove(tx.connection, one, ASKED)
                    _ask(tx, one)

        self._store.run(command)

    def ask_again(self, address: str, actor: Actor) -> None:
        """Another mail with a code to a chosen address that is not proven. Errors: `forbidden`, `invalid_input` (addresses)."""
        require(Function.REPORT_MAIL, self._store.place.tier, actor.role)

        def command(tx: Tx) -> None:
            found = report_mail.one(tx.connection, address)
            if found is not None and found.proof != CONFIRMED:
                _ask(tx, address)

        self._store.run(command)

    def confirm(self, address: str, code: str, actor: Actor) -> None:
        """The code that was mailed to an address, as its reader told it. Errors: `forbidden`, `invalid_input` (code), `rate_limited`."""
        require(Function.REPORT_MAIL, self._store.place.tier, actor.role)
        places = {f"report mail {actor.staff_id}": LIMIT}
        self._throttle.take(places, self._store.clock.ticks())
        self._store.run(lambda tx: confirming.confirm_for_reports(tx, address, code))
        self._throttle.right(places)


def _ask(tx: Tx, address: str) -> None:
    try:
        confirming.ask_for_reports(tx, address)
    except TongbanError as refusal:
        raise TongbanError("invalid_input", {"addresses": refusal.fields["email"]}) from refusal


def plan(tx: Tx, rules: Rules, quiet: Quiet) -> None:
    """A row for each proven address that was not told of the last report of this node."""
    waiting = [one.address for one in report_mail.of(tx.connection) if one.proof != ASKED and one.told != _last(tx)]
    if not waiting or (last := _last(tx)) == "":
        return
    at = not_before(tx.now() - quiet.gather, True, quiet, rules.calendar)
    for address in waiting:
        outbox.add(tx.connection, ("", f"report:{last}", REPORT, address, ""), WAITING, tx.now(), at)
        report_mail.was_told(tx.connection, address, last)


def letter(tx: Tx, rules: Rules, rows: Sequence[Notice]) -> Letter:
    """The last of the reports that wait for one address."""
    to = rows[-1].recipient
    chosen = report_mail.one(tx.connection, to)
    if chosen is None or chosen.proof == ASKED or outbox.is_off(tx.connection, to):
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
