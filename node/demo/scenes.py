"""Cases that the demo holds for certain, beside those that chance makes: one of each light with its reason, a case extended when its
promise was broken already, a correction that waits at the village, a hand-back, an acceptance with a gap (容缺), a case in doubt (存疑),
and a village that has not been heard for days.

A scene is a generator: it yields how many working days before the present it goes on. What it does are the steps of the product, but for what
`_beyond` signs in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from node.domain.catalog.item import Item
from node.domain.model import Actor, NewEvent, Role
from node.store.store import Tx

if TYPE_CHECKING:
    from node.demo.content import Weeks

SILENT = "silent"  # directory of the fifth node: enrolled, and then heard no more
SILENT_PLACE = ("420102002004", "泰宁社区便民服务代办站")
BACK = "身份证复印件缺反面，申请表第二页无申请人签名，请补齐后重新移交。"
CORRECTION = "提交的户口簿复印件缺户主页，请补交户主页复印件一份。"
SLOW = "现场核查发现经营场所与登记图纸不一致，需会同辖区派出机构复核。"
REASONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "refuse": (
        ("reason", "现场核查时经营场所不具备条件所要求的独立出入口，经通知整改后复查仍不符合。"),
        ("reason", "申请人提交的证明与主管部门登记信息不一致，经核实申请时不具备该事项规定的条件。"),
    ),
    "not_accept": (("reason", "所申请的事项由市级主管部门办理，不属于本机关职权范围，已告知申请人向其申请。"),),
    "not_required": (("reason", "申请人从事的活动不在该事项规定的范围内，依法不需要取得许可。"),),
    "request_correction": (
        ("content", CORRECTION),
        ("content", "申请表中联系地址与身份证明不一致，请核对后更正，并由申请人签名。"),
        ("content", "授权委托书未写明委托期限，请补充后重新提交。"),
    ),
    "void": (("reason", "同一申请重复登记，保留先登记的一件。"),),
    "extend": (("reason", SLOW),),
    "withdraw": (("reason", "申请人因个人原因不再办理。"),),
    "send_back": (("reason", "核查记录未写明核查日期，请补充后再报。"),),
}  # what people write where the form's example would be no reason


class Scenes:
    """The scenes of one making, each at its place."""

    def __init__(self, weeks: Weeks) -> None:
        self.weeks = weeks
        self.network = weeks.network
        self.running = {
            scene: next(scene)
            for scene in (
                self._left(0), self._left(1), self._left(2), self._extended_late(), self._correction(2), self._correction(1),
                self._handed_back(), self._with_gap(), self._silent_village(),
            )
        }  # fmt: skip

    def play(self, days_left: int) -> None:
        """Let go on what is due `days_left` working days before the present."""
        for scene in [one for one, when in self.running.items() if when >= days_left]:
            following = next(scene, None)
            if following is None:
                del self.running[scene]
            else:
                self.running[scene] = following

    # the scenes ----------------------------------------------------------------------------------------------------

    def _left(self, late: int) -> Iterator[int]:
        """A case of the township that nobody has finished: due today, one working day over (超期), two over (黄牌)."""
        item = self._item("township", lambda one: one.decides_at("township") and 3 <= (one.promised_limit or 0) <= 8)
        yield (item.promised_limit or 0) + late
        case_no = self._file("township", item)
        self._act("township", case_no, "accept")

    def _extended_late(self) -> Iterator[int]:
        """The promise is broken, the statute not: the lateness stays on record when the approver extends."""
        item = self._item(
            "district",
            lambda one: one.decides_at("district") and one.longest_extension > 0 and 3 <= (one.promised_limit or 0) <= 12,
        )
        yield (item.promised_limit or 0) + 4
        case_no = self._file("district", item)
        self._act("district", case_no, "accept")
        yield 2
        self._act("district", case_no, "extend")

    def _correction(self, since: int) -> Iterator[int]:
        """The township asked the applicant of a village for a paper."""
        yield since + 1
        case_no = self._file("village", self._from_village())
        self._act("village", case_no, "hand_over")
        self.network.settle()
        yield since
        self._act("township", case_no, "receive")
        self._act("township", case_no, "request_correction", content=CORRECTION)

    def _handed_back(self) -> Iterator[int]:
        yield 1
        case_no = self._file("village", self._from_village())
        self._act("village", case_no, "hand_over")
        self.network.settle()
        self._act("township", case_no, "hand_back", reason="incomplete", note=BACK)
        self.network.settle()

    def _with_gap(self) -> Iterator[int]:
        """The township accepted what lacks a paper that may follow, on the applicant's promise to bring it within days."""
        item = self._item("township", lambda one: any(m.may_be_later for m in one.materials) and (one.promised_limit or 0) >= 10)
        yield 2
        case_no = self._file("township", item, gap=True)
        yield 1
        self._act("township", case_no, "accept_with_gap")

    def _silent_village(self) -> Iterator[int]:
        """A village joins, files, hands over, and is heard no more: two cases lie there, nobody knows how they stand."""
        yield 7
        self.network.child(SILENT, "township", SILENT_PLACE[0], "village", SILENT_PLACE[1])
        self.network.heal()
        made = self.network[SILENT].center.staff.add("郑秀梅", "agent", username=f"{SILENT}-agent", chosen=True)
        self.network.staff[SILENT] = {"agent": Actor(made["staff_id"], Role.AGENT, "郑秀梅")}
        yield 5
        cases = [self._file(SILENT, self._from_village()) for _ in range(3)]
        self._act(SILENT, cases[0], "hand_over")
        self.network.settle()
        self._act("township", cases[0], "receive")
        self._beyond(self._file(SILENT, self._from_village()), "accepted", "approved")
        self.network.settle()
        self.network.silence(SILENT)

    def _beyond(self, case_no: str, *kinds: str) -> None:
        """The village signs what only an organ may do, as a program that is not ours could: the product refuses it, and what was signed all
        the same stands in the chain and reads 存疑 at every tier."""
        agent = self.network.staff[SILENT]["agent"]

        def write(tx: Tx) -> None:
            for kind in kinds:
                case = tx.cases.get(case_no)
                assert case is not None
                event = NewEvent(kind, {}, kind, tx.identity.node_id, case.term)
                tx.journal.append_event(case_no, case.version + 1, case.head, event, staff_id=agent.staff_id)

        self.network[SILENT].center.store.run(write)

    # what they are made of -----------------------------------------------------------------------------------------

    def _item(self, name: str, fits: Any) -> Item:
        found = [one for one in self.network[name].center.catalog.items().values() if name in one.accept_levels and fits(one)]
        return self.weeks.random.choice(sorted(found, key=lambda one: one.item_id))

    def _from_village(self) -> Item:
        return self._item("village", lambda one: one.agent_allowed and not one.awaits_papers)

    def _file(self, name: str, item: Item, *, gap: bool = False) -> str:
        return self.weeks.file(name, item, with_papers=True, gap=gap).case_no

    def _act(self, name: str, case_no: str, action: str, **typed: str) -> None:
        offered = self.weeks.offered(name, case_no)
        if action not in offered or not self.weeks.act(name, case_no, offered[action], typed):
            raise RuntimeError(f"the demo's scene does not work: {action} at {name}, offered {sorted(offered)}")
