"""What the demo network holds: four enrolled nodes, published rules, people with logins, and weeks of work.

Everything is made by the product itself on the in-memory network: real joins, real entries, the clock of the past eight
weeks. Each case has a goal; day by day somebody takes the step that leads there, with the fields the case itself offers. What must
be there for certain are scenes (`node.demo.scenes`), also a fifth node: a village that joined and has been silent since. Cases
that are not done yet are mostly of the last weeks and carry their papers (`node.demo.pictures`); the rest only names theirs.
Names, numbers and phones are made up (order numbers 996–999 and prefix 154 belong to nobody).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from node.app import make_link_authority
from node.demo.loose import Loose
from node.demo.memory_network import Network, Node
from node.demo.pictures import paper_picture
from node.demo.scenes import REASONS, SILENT, Scenes
from node.domain.calendar import DAY_MS, WorkCalendar, day_of
from node.domain.catalog.item import Item
from node.domain.filing.ids import ric_check_character
from node.domain.model import SYSTEM, Actor, Role
from node.domain.words.errors import TongbanError
from node.machine import config
from node.services.catalog.shipped import AUTHORITY, LIMITS
from node.services.filing.intake import FiledResult

PLACES = (
    ("city", "", "420100000000", "武汉市政务服务中心"),
    ("district", "city", "420102000000", "江岸区政务服务中心"),
    ("township", "district", "420102002000", "大智街道便民服务中心"),
    ("village", "township", "420102002003", "保成社区便民服务代办站"),
)
STAFF: Mapping[str, tuple[tuple[str, str], ...]] = {
    "village": (("admin", "管理员"), ("director", "周桂兰"), ("agent", "李桂英"), ("agent", "王秀兰"), ("agent", "张建国"), ("agent", "刘春梅")),
    "township": (("admin", "管理员"), ("director", "赵志强"), ("clerk", "王敏"), ("clerk", "徐静"), ("examiner", "刘洋"), ("approver", "陈建军")),
    "district": (
        ("admin", "管理员"), ("director", "孙丽华"), ("clerk", "吴婷"), ("examiner", "郑浩"), ("examiner", "马超"), ("reviewer", "冯洁"),
        ("approver", "何国庆"), ("overseer", "曹莹"),
    ),
    "city": (("admin", "管理员"), ("director", "彭海峰"), ("clerk", "曾琳"), ("examiner", "董文"), ("approver", "袁明"),
             ("overseer", "潘慧"), ("catalog_editor", "蔡晶")),
}  # fmt: skip
GOALS = (
    ("delivered", 90), ("concluded", 25), ("approved", 15), ("refused", 12), ("accepted", 50), ("submitted", 25), ("in_transit", 12),
    ("with_agent", 12), ("draft", 8), ("awaiting_correction", 14), ("suspended", 8), ("not_required", 6), ("not_accepted", 6),
    ("withdrawn", 8), ("terminated", 5), ("voided", 6),
)  # fmt: skip
DETOURS = {
    "not_required": "not_required", "not_accepted": "not_accept", "awaiting_correction": "request_correction", "withdrawn": "withdraw",
    "voided": "void", "suspended": "suspend", "terminated": "request_correction",
}  # fmt: skip
REFUSING = ("refuse", "record_statement", "offer_statement")  # what leads to a refusal, the last first
ROLES = {
    "hand_over": "agent", "complete_step": "examiner", "approve": "approver", "refuse": "approver", "refer": "approver", "void": "approver",
    "suspend": "approver", "extend": "approver", "offer_statement": "approver", "record_statement": "approver",
}  # fmt: skip
FRESH: Mapping[str, float] = {
    "with_agent": 0.02,
    "draft": 0.03,
    "in_transit": 0.06,
    "submitted": 0.1,
    "accepted": 0.2,
    "awaiting_correction": 0.2,
    "approved": 0.3,
    "suspended": 0.3,
    "concluded": 0.4,
}  # what is not done yet: the share of the weeks, from their end, in which most of it was filed
LAGGARDS = 0.12  # the share of it that was left lying
PINS: Mapping[str, tuple[str, ...]] = {
    "village": ("2580", "4826", "1397", "6082", "9513"),
    "township": ("2580", "4826", "1397", "6082", "9513", "7304"),
}  # the administrator has none
DAY, HOUR = DAY_MS, 3_600_000
LATELY = 40 * 60_000  # ms before the present: when the newest cases were filed
WEEKS = 8
CASES = sum(count for _, count in GOALS)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜"
GIVEN = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩芳娜敏静丽艳娟霞秀英玲桂兰红燕梅雪婷慧颖倩琳洁"
Progress = Callable[[str], None]


def wall_clock() -> int:
    """The present, ms."""
    return time.time_ns() // 1_000_000


def make_network(
    root: Path, ports: Mapping[str, tuple[int, int]], progress: Progress, *, weeks: int = WEEKS, cases: int = CASES,
    present: Callable[[], int] = wall_clock,
) -> list[dict[str, Any]]:  # fmt: skip
    """Make the four nodes in `root`; answers what demo.json lists of each: name, code, tier, logins, tokens.

    `weeks` of the past and so many `cases` beside the scenes; `present` is where the history ends, ms.
    """
    progress("建立四级节点 · making the nodes")
    network = DemoNetwork(root, ports, present() - weeks * 7 * DAY)
    try:
        for name, parent, code, title in PLACES:
            network.child(name, parent, code, name, title) if parent else network.root(name, code, title=title)
        progress("发布区划、日历、时限、事项目录 · publishing divisions, calendar, limits, catalog")
        network.furnish()
        network["city"].center.catalog.import_rules(LIMITS.read_bytes())
        network["city"].center.authority.publish(AUTHORITY.read_bytes(), SYSTEM)
        network.heal()
        progress("设置人员 · people and logins")
        with ThreadPoolExecutor() as pool:  # to hash a password takes a tenth of a second of one core
            listed = list(pool.map(network.people, [name for name, *_ in PLACES]))
        Weeks(network, progress, weeks, cases, present).live()
        progress("草稿、目录修改 · drafts, a change of the catalog")
        Loose(network).leave()
        network.heal()
        network.keep()
        return listed
    finally:
        network.close()


class DemoNetwork(Network):
    """The in-memory network, with what serving its nodes afterwards needs."""

    def __init__(self, folder: Path, ports: Mapping[str, tuple[int, int]], since: int) -> None:
        super().__init__(folder, test_clock=False)
        self.ports = {**ports, SILENT: (ports["village"][0] + 2, 0)}
        self.staff: dict[str, dict[str, Actor]] = {}
        self.world.time = since

    def _add(self, name: str, folder: Path, clock: Any, parent: str | None) -> Node:
        from node.services.tree.opening import open_store

        store, _ = open_store(folder, clock, threaded=False)
        node_id = store.identity.node_id
        store.close()
        make_link_authority(folder, node_id)
        web, grpc = self.ports[name]
        above = f"127.0.0.1:{self.ports[parent][1]}" if parent else ""
        own = f"127.0.0.1:{grpc}" if name not in ("village", SILENT) else ""
        config.write_default(folder, web=f"127.0.0.1:{web}", grpc=own, parent=above)
        node = super()._add(name, folder, clock, parent)
        node.center.store.writer.wait_for_disk(False)  # an interrupted making is begun anew
        return node

    def silence(self, name: str) -> None:
        """It is heard no more; its folder stays."""
        self.lines.pop(name).cut()
        store = self.nodes.pop(name).center.store
        store.writer.wait_for_disk(True)
        store.close()

    def keep(self) -> None:
        """It is made: bring it onto the disk."""
        for node in self.nodes.values():
            node.center.store.writer.wait_for_disk(True)

    def people(self, name: str) -> dict[str, Any]:
        """Staff of one node, a token for each role."""
        center = self[name].center
        logins: list[dict[str, str]] = []
        tokens: dict[str, str] = {}
        actors: dict[str, Actor] = {}
        for role, person in STAFF[name]:
            number = 1 + sum(one["role"] == role for one in logins)
            username = f"{name}-{role}{number if number > 1 else ''}"
            made = center.staff.add(person, role, username=username, chosen=True)
            login = {"role": role, "username": made["username"], "password": made["password"], "name": person}
            actor = Actor(made["staff_id"], Role(role), person)
            if role != "admin" and name in PINS:
                login["pin"] = PINS[name][len(logins) - 1]
                center.staff.set_pin(actor.staff_id, login["pin"], by=actor)
            logins.append(login)
            if role not in actors:
                actors[role], tokens[role] = actor, center.tokens.issue(person, role)
        self.staff[name] = actors
        place = center.place
        key = center.administration.make_backup_key(Actor("demo", Role.ADMIN, ""))["key"]
        return {
            "name": name, "code": place.code, "tier": place.tier, "title": center.name, "logins": logins, "tokens": tokens,
            "backup_key": key,
        }  # fmt: skip


class Weeks:
    """The weeks of work."""

    def __init__(self, network: DemoNetwork, progress: Progress, weeks: int, cases: int, present: Callable[[], int]) -> None:
        self.network = network
        self.progress = progress
        self.days = weeks * 7
        self.present = present
        self.random = Random(20260302)
        every = [goal for goal, count in GOALS for _ in range(count)]
        self.goals = sorted(self.random.sample(every, cases), key=self._age)  # the last is filed first
        self.pictures = [paper_picture(self.random) for _ in range(12)]
        self.open: dict[str, tuple[str, str]] = {}  # case number -> (goal, where it was filed)
        self.serial = 0
        self.scenes = Scenes(self)

    def _age(self, goal: str) -> float:
        return self.random.random() * (1.0 if self.random.random() < LAGGARDS else FRESH.get(goal, 1.0))

    def live(self) -> None:
        """Day by day to the present."""
        share = len(self.goals) / (self.days * 5 / 7)
        due = 0.0
        for number in range(self.days):
            self._wait_until(9)
            if self._workday():
                due += share
                while due >= 1 and self.goals:
                    due -= 1
                    self._file(self.goals.pop())
                self.scenes.play(self._workdays_left())
                for hour in (11, 15):
                    self._wait_until(hour)
                    self._work()
                    self.network.settle()
            self._wait_until(24)
            for node in self.network.nodes.values():
                node.center.tick()
            self.progress(f"八周的办件 · eight weeks of cases: {number + 1}/{self.days}")
        self.network.world.time = max(self.network.world.time, self.present() - LATELY)
        while self.goals:
            self._file(self.goals.pop())
        self._work()
        self.network.heal()
        self.network.world.time = min(self.network.world.time, self.present())

    def _wait_until(self, hour: int) -> None:
        """On to this hour of the day in China Standard Time, unless it is past."""
        since_midnight = (self.network.world.time + 8 * HOUR) % DAY
        self.network.world.advance(max(0, hour * HOUR - since_midnight))

    def _workday(self) -> bool:
        return self._calendar().is_workday(day_of(self.network.world.time))

    def _workdays_left(self) -> int:
        return self._calendar().count_workdays(day_of(self.network.world.time), day_of(self.present()))

    def _calendar(self) -> WorkCalendar:
        return self.network["city"].center.catalog.calendar()

    # filing --------------------------------------------------------------------------------------------------------

    def _file(self, goal: str) -> None:
        name = (
            "village"
            if goal in ("with_agent", "in_transit", "draft")
            else "district"
            if goal == "suspended"
            else self._pick_node()
        )
        items = [item for item in self.network[name].center.catalog.items().values() if self._fits(item, name, goal)]
        item = self.random.choice(sorted(items, key=lambda one: one.item_id))
        filed = self.file(name, item, with_papers=goal in FRESH and self.random.random() >= 0.15, draft=goal == "draft")
        if goal != filed.status:
            self.open[filed.case_no] = (goal, name)

    def file(self, name: str, item: Item, *, with_papers: bool, draft: bool = False, gap: bool = False) -> FiledResult:
        """A new application at a node by its agent or clerk; `with_papers`: the photographs of what it needs, of a case long done none;
        `gap`: without what may follow later (容缺)."""
        center, staff = self.network[name].center, self.network.staff[name]
        actor = staff["clerk"] if "clerk" in staff else staff["agent"]
        papers = {k: self.random.choice(self.pictures) for k, m in enumerate(item.materials) if m.required} if with_papers else {}
        later = {k for k, m in enumerate(item.materials) if gap and m.may_be_later}
        papers = {k: data for k, data in papers.items() if k not in later}
        filed = center.intake.file(self._application(name, item, papers, later), actor, draft=draft)
        for index, data in papers.items():
            center.materials.put(filed.case_no, str(index), actor, 0, data, len(data), f"{index + 1:02d}.png", "image/png")
        return filed

    def _pick_node(self) -> str:
        return self.random.choices(("village", "township", "district", "city"), (45, 30, 20, 5))[0]

    def _fits(self, item: Item, name: str, goal: str) -> bool:
        if name not in item.accept_levels:
            return False
        return goal != "suspended" or (item.decides_at(name) and any(not step.counts for step in item.special_steps))

    def _application(self, name: str, item: Item, papers: Mapping[int, bytes], later: Set[int] = frozenset()) -> dict[str, Any]:
        self.serial += 1
        place = self.network[name].center.place
        attachments = [
            {"material": m.name, "held": "missing"} if k in later else
            {"material": m.name, "form": m.form, "copies": m.copies, "file": f"{k + 1:02d}.{'png' if k in papers else 'jpg'}",
             "mime": "image/png" if k in papers else "image/jpeg",
             "size": len(papers[k]) if k in papers else self.random.randrange(40_000, 3_000_000)}
            for k, m in enumerate(item.materials)
            if m.required or self.random.random() < 0.4
        ]  # fmt: skip
        return {
            "application_no": f"DEMO-{self.serial:05d}", "item_id": item.item_id, "item_name": item.name,
            "entry_node": place.code, "village_code": place.code if place.tier == "village" else "420102002003",
            "channel": "village_agent" if place.tier == "village" and item.agent_allowed else "window", "applicant": self._person(),
            "form": {"reason": self.random.choice(("本人申请", "家庭需要", "经营需要", "到期换发", "信息变更"))}, "attachments": attachments,
        }  # fmt: skip

    def _person(self) -> dict[str, Any]:
        female = self.random.random() < 0.5
        name = self.random.choice(("欧阳", "上官")) if self.random.random() < 0.03 else self.random.choice(SURNAMES)
        name += "".join(self.random.choice(GIVEN) for _ in range(self.random.choice((1, 2, 2, 2))))
        born = dt.date(1946, 1, 1) + dt.timedelta(self.random.randrange(22_000))
        body = f"420102{born:%Y%m%d}{self.random.choice(('996', '998') if female else ('997', '999'))}"
        return {
            "name": name, "sex": "女" if female else "男", "id_number": body + ric_check_character(body),
            "phone": f"154{self.random.randrange(10**8):08d}",
            "address": f"江岸区大智街道保成社区{self.random.randrange(1, 15)}组{self.random.randrange(1, 300)}号",
        }  # fmt: skip

    # working -------------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Everybody does something about most of the cases in front of them."""
        for case_no, (goal, _) in list(self.open.items()):
            self.network.world.advance(self.random.randrange(1_000, 60_000))
            if self.random.random() < 0.75 and self._one(case_no, goal):
                del self.open[case_no]

    def _one(self, case_no: str, goal: str) -> bool:
        """One step; whether the goal is reached."""
        name = self._holder(case_no)
        if name is None:
            return False
        document = self.network[name].center.cases.case(case_no, self.network.staff[name]["director"])
        if document["status"] == goal and not (goal == "accepted" and self.random.random() < 0.5):
            return True
        offered = _offered(document)
        chosen = self._choose(goal, document["status"], offered)
        if chosen is None:
            return document["status"] in ("delivered", "withdrawn", "voided", "terminated")
        self.act(name, case_no, offered[chosen], {})
        return False

    def offered(self, name: str, case_no: str) -> dict[str, Mapping[str, Any]]:
        """The acts that a node offers for a case, by their codes."""
        network = self.network
        return _offered(network[name].center.cases.case(case_no, Actor("demo", Role.DIRECTOR)))

    def _choose(self, goal: str, status: str, offered: Mapping[str, Any]) -> str | None:
        if goal == "terminated" and status == "awaiting_correction":
            return next((action for action in ("terminate", "remind") if action in offered), None)
        if goal == "refused" and (found := next((one for one in REFUSING if one in offered), None)) is not None:
            return found
        if DETOURS.get(goal) in offered and status != "in_transit" and not (goal == "withdrawn" and status == "with_agent"):
            return DETOURS[goal]
        return next((name for name, action in offered.items() if action["forward"]), None)

    def act(self, name: str, case_no: str, action: Mapping[str, Any], typed: Mapping[str, str]) -> bool:
        """Take a step as who may, False when nobody may. What is not `typed` is the form's example, reasons are our own."""
        code = str(action["action"])
        fields = {field["name"]: field["example"] for field in action["fields"]}
        fields |= {**dict([self.random.choice(REASONS[code])] if code in REASONS else ()), **typed}
        staff = self.network.staff[name]
        first = staff.get(ROLES.get(code, "clerk"), staff["agent"] if "agent" in staff else staff["director"])
        if code == "conclude":
            self._issue_decision(name, case_no)
        for who in (first, staff.get("director", first)):
            try:
                self.network[name].center.cases.act(case_no, code, fields, who)
                return True
            except TongbanError:
                continue
        return False

    def _issue_decision(self, name: str, case_no: str) -> None:
        """The decision is issued before the result is called ready; without it 办结 would be suspected (L03)."""
        staff = self.network.staff[name]
        for who in (one for role in ("approver", "director") if (one := staff.get(role)) is not None):
            try:
                self.network[name].center.papers.issue(case_no, "decision", who)
                return
            except TongbanError:
                continue

    def _holder(self, case_no: str) -> str | None:
        """The node that has it. The root knows of every case who held it when the lines were last at rest."""
        known = self._custodian("city", case_no)
        for name, node in self.network.nodes.items():
            if node.id == known and self._custodian(name, case_no) == known:
                return name
        return next((name for name, node in self.network.nodes.items() if self._custodian(name, case_no) == node.id), None)

    def _custodian(self, name: str, case_no: str) -> bytes:
        with self.network[name].center.store.reading() as view:
            case = view.cases.get(case_no)
        return case.custodian if case is not None else b""


def _offered(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {action["action"]: action for action in document["actions"] if action["as"] == "event"}
