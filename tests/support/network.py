"""The in-memory network with people in it: right applications, and every action with its listed examples."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from node.demo.memory_network import CONFIGS as CONFIGS
from node.demo.memory_network import Network, World
from node.domain.model import Actor, Role
from node.services.upkeep.backup import restore
from tests.support.dice import Dice

DAY = 86_400_000

AGENT = Actor("s-agent", Role.AGENT)
CLERK = Actor("s-clerk", Role.CLERK)
EXAMINER = Actor("s-examiner", Role.EXAMINER)
APPROVER = Actor("s-approver", Role.APPROVER)
DIRECTOR = Actor("s-director", Role.DIRECTOR)

FOUR = {"city": "420100000000", "district": "420102000000", "township": "420102002000", "village": "420102002003"}
CHAIN = (
    ("city", None, FOUR["city"]), ("district", "city", FOUR["district"]), ("township", "district", FOUR["township"]),
    ("village", "township", FOUR["village"]),
)  # fmt: skip
TREE = (
    *CHAIN, ("township2", "district", "420102003000"), ("village2", "township", "420102002004"),
    ("village3", "township2", "420102003001"),
)  # fmt: skip
PAIR = (
    *CHAIN,
    ("village2", "township", "420102002004"),
)  # with a second village, for stories: nodes are called as people call them
TITLES = {
    "city": "武汉市政务服务中心", "district": "江岸区政务服务中心", "township": "大智街道便民服务中心", "village": "保成社区便民服务代办站",
    "village2": "泰宁社区便民服务代办站",
}  # fmt: skip
LAYOUTS = {"chain": CHAIN, "pair": PAIR, "tree": TREE}  # name, parent, code; from the top


class PowerCut(BaseException):
    """The machine of `node` lost power at this point; everything not committed is gone."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


class Town(Network):
    """A network whose people can be told what to do."""

    def __init__(self, folder: Path, *, batch: int = 100, window: int = 8) -> None:
        super().__init__(folder, batch=batch, window=window)
        self._serial = 0

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def application(self, name: str, item: str = "ZW007", **changes: Any) -> dict[str, Any]:
        """A right application for an item, to be filed at node `name`."""
        self._serial += 1
        center = self[name].center
        found = center.catalog.item(item)
        assert found is not None, f"{item} is not in the catalog of {name}"
        attachments = [
            {
                "material": m.name,
                "form": m.form,
                "copies": m.copies,
                "file": f"{k:02d}.pdf",
                "mime": "application/pdf",
                "size": 1000 + k,
            }
            for k, m in enumerate(found.materials, 1)
            if m.required
        ]
        document: dict[str, Any] = {
            "application_no": f"T-{self._serial:06d}", "submitted_at": "2026-03-02T09:00:00+08:00", "item_id": item,
            "entry_node": center.place.code, "village_code": FOUR["village"], "channel": "window",
            "applicant": {
                "name": "欧阳建国", "sex": "男", "id_number": "420106198702079963", "phone": "15412345678", "address": "保成社区1组1号",
            },
            "form": {"reason": "本人申请"}, "attachments": attachments,
        }  # fmt: skip
        return document | changes

    def file(self, name: str, item: str = "ZW007", actor: Actor | None = None, **changes: Any) -> str:
        """File one application; its case number."""
        tier = self[name].center.place.tier
        return (
            self[name]
            .center.intake.file(self.application(name, item, **changes), actor or (AGENT if tier == "village" else CLERK))
            .case_no
        )

    def code(self, name: str) -> str:
        return self[name].center.place.code

    def holders(self, words: str) -> set[str]:
        """The nodes whose database holds the words."""
        found = set()
        for node in self.nodes.values():
            with node.center.store.reading() as view:
                if view.connection.execute("SELECT 1 FROM objects WHERE instr(data, ?)", (words.encode(),)).fetchall():
                    found.add(node.name)
        return found

    def burn(self, name: str, copy: Path) -> None:
        """The node's disk is lost and it comes back from an earlier backup; every line is down."""
        self.cut()
        node = self[name]
        node.center.store.close()
        shutil.rmtree(node.folder)
        restore(copy, node.folder, node.clock, entropy=self.world.entropy)
        node.reopen()

    def scans(self, flow: bool) -> None:
        """Whether bodies and files come on the lines; entries do."""
        for line in self.lines.values():
            line.objects_up = flow

    def superseded(self, name: str) -> bool:
        """Whether the node came back from a backup older than its last rotation and has not been renewed."""
        return bool(self[name].center.upkeep.status()["node"]["key"] == "superseded")

    def renew(self, name: str) -> None:
        """The parent's code, the node's request, the parent's answer."""
        node, above = self[name].center, self[self[name].parent or ""].center
        _, request = node.renewal.begin(above.renewal.invite(node.place.code, ("127.0.0.1:1",)))
        while request:
            request, _ = node.renewal.finish(above.tree.redeem(request))

    def act(self, name: str, case_no: str, action: str, actor: Actor = DIRECTOR, **fields: Any) -> Any:
        return self[name].center.cases.act(case_no, action, fields, actor).document

    def offered(self, name: str, case_no: str, actor: Actor = DIRECTOR) -> dict[str, dict[str, Any]]:
        """The actions listed for the case, by name, each with its example fields."""
        document = self[name].center.cases.case(case_no, actor)
        return {a["action"]: {f["name"]: f["example"] for f in a["fields"]} for a in document["actions"]}

    def do(self, name: str, case_no: str, action: str, actor: Actor = DIRECTOR) -> Any:
        """Take a listed action with its examples."""
        fields = self.offered(name, case_no, actor)
        assert action in fields, f"{action} is not offered at {name}: {sorted(fields)}"
        return self[name].center.cases.act(case_no, action, fields[action], actor).document


def four_tiers(folder: Path, *, batch: int = 100, window: int = 8) -> Town:
    """City, district, township, village, furnished, connected and at rest."""
    return at_rest("chain", folder, batch=batch, window=window)


def at_rest(layout: str, folder: Path, *, batch: int = 100, window: int = 8) -> Town:
    """A furnished network of a layout, connected and at rest."""
    town = fresh(layout, folder, batch=batch, window=window)
    town.heal()
    return town


def fresh(layout: str, folder: Path, *, batch: int = 3, window: int = 3) -> Town:
    """A furnished network, a "chain" of four, a "pair" or a "tree" of seven, with its lines down: a copy of one that was made once.

    Batches are small, so that much can happen between two of them."""
    made, world = _template(layout)
    shutil.copytree(made, folder, dirs_exist_ok=True)
    town = Town(folder, batch=batch, window=window)
    town.world.time = world.time
    town.world.random.setstate(world.random.getstate())
    for name, parent, _ in LAYOUTS[layout]:
        town.adopt(name, parent)
    return town


@cache
def _template(layout: str) -> tuple[Path, World]:
    """The folders of such a network and its world when it was stopped; each process of the tests makes them once."""
    folder = Path(tempfile.mkdtemp(prefix=f"tongban-{layout}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    network, dice = Network(folder), Dice()
    dice.throw(len(LAYOUTS[layout]))
    try:
        for name, parent, code in LAYOUTS[layout]:
            title = TITLES[name] if layout == "pair" else ""
            network.root(name, code, title=title) if parent is None else network.child(name, parent, code, tier_of(name), title)
        network.furnish()
        network.heal()
        network.close()
    finally:
        dice.put_away()
    return folder, network.world


def tier_of(name: str) -> str:
    return name.rstrip("0123456789")
