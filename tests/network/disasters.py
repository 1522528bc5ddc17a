"""The model with disks that burn, go back in time or run twice, and nodes whose trust ends (see `machine.py`)."""

from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import invariant, precondition, rule

from node.demo.memory_network import Node, SimulatedClock
from node.domain.model import Actor
from node.services.upkeep.backup import backup, restore
from tests.network.machine import PEOPLE, Life
from tests.support.network import DIRECTOR, TREE, fresh


@lru_cache
def first_backups() -> dict[str, Path]:
    """A backup of every node of the furnished tree, so that a disk may burn at any time."""
    folder = Path(tempfile.mkdtemp(prefix="tongban-backups-"))
    town = fresh("tree", folder / "town")
    files = {name: folder / f"{name}.zip" for name in town.nodes}
    for name, file in files.items():
        backup(town[name].center.store, file)
    town.close()
    return files


class Disasters(Life):
    """Nodes come back from a backup, with everything written since forgotten; a parent ends its trust in a node."""

    layout = "tree"

    def __init__(self) -> None:
        backups = first_backups()
        super().__init__()
        self.backups = dict(backups)
        self.rotated: set[str] = set()  # nodes whose backup is older than their last rotation

    @rule(pick=st.integers(0, 6))
    def back_up(self, pick: int) -> None:
        node = self.node(pick)
        path = self.folder / f"{node.name}-{len(self.backups)}.zip"
        if self.attempt(lambda: backup(node.center.store, path)) is not None:
            self.backups[node.name] = path
            self.rotated.discard(node.name)

    @rule(pick=st.integers(0, 6))
    def rotate(self, pick: int) -> None:
        """A root's backup from before a rotation is of no use afterwards, that of others serves once (README, "Backups")."""
        super().rotate(pick)
        self.rotated.add(self.node(pick).name)
        if self.node(pick).parent is None:
            self.backups.pop(self.node(pick).name, None)

    @rule(pick=st.integers(0, 6))
    def renew(self, pick: int) -> None:
        """A parent renews the key of a node that came back with an old one."""
        name = self.node(pick).name
        if self.town[name].parent is not None and self.town.superseded(name):
            self.attempt(lambda: self.town.renew(name))

    def heals_by_itself(self) -> None:
        """The same; but keys of before are renewed by administrators, parents first, and after each the minute begins anew. Not of one
        that was revoked, unless that burned before it was told."""
        super().heals_by_itself()
        for name, _, _ in TREE:
            if self.town.superseded(name):
                renew = partial(self.town.renew, name)
                self.attempt(renew) if name in self.revoked else renew()
                super().heals_by_itself()

    @precondition(lambda self: self.backups)
    @rule(pick=st.integers(0, 6))
    def disk_burns(self, pick: int) -> None:
        """The node is lost and comes back from its backup; what only it had is lost with it."""
        self.burn(sorted(self.backups)[pick % len(self.backups)])

    @precondition(lambda self: self.backups)
    @rule(pick=st.integers(0, 6), who=st.sampled_from(PEOPLE))
    def works_before_anybody_was_asked(self, pick: int, who: Actor) -> None:
        """The node comes back from its backup, and people go on with its cases before a line is up again. With one that has gone
        on elsewhere since the backup nobody may."""
        name = sorted(self.backups)[pick % len(self.backups)]
        self.burn(name)
        for case_no, version in self.versions(name).items():
            latest = max(self.versions(other).get(case_no, 0) for other in self.town.nodes)
            self.step_forward(self.town[name], case_no, who)
            now = self.versions(name).get(case_no, 0)
            assert latest == version or now == version, f"{name} goes on with {case_no} at {version}, others know {latest}"

    @rule(pick=st.integers(0, 6), who=st.sampled_from(PEOPLE))
    def burns_a_day_after_its_backup(self, pick: int, who: Actor) -> None:
        """A backup in the evening, a day of work that everybody hears of, and what comes back believes it is yesterday."""
        name = self.node(pick).name
        self.back_up(pick)
        for case_no in self.versions(name):
            self.step_forward(self.town[name], case_no, DIRECTOR)
        self.a_good_day()
        if name in self.backups:
            self.works_before_anybody_was_asked(sorted(self.backups).index(name), who)

    def versions(self, name: str) -> dict[str, int]:
        """How far each case is as a node knows it."""
        with self.town[name].center.store.reading() as view:
            return {no: case.version for no in view.cases.numbers() if (case := view.cases.get(no)) is not None}

    @rule(pick=st.integers(0, 6))
    def forgets_its_new_key(self, pick: int) -> None:
        """The key is changed, whoever can be reached hears of it, and the disk burns: what comes back has the old key."""
        node = self.node(pick)
        if node.parent is not None and node.name in self.backups:
            self.rotate(pick)
            self.a_good_day()
            self.burn(node.name)

    def burn(self, name: str) -> None:
        self.history.restored.add(name)
        self.replace(self.town[name], self.backups[name])
        self.forget_what_nobody_has(name)
        if name in self.rotated:
            note(f"{name}: the backup is older than a rotation")
            del self.backups[name]

    @rule(pick=st.integers(0, 3))
    def revoke(self, pick: int) -> None:
        """A parent ends its trust in a leaf, with whatever is in flight; once a run."""
        name = ("village3", "village2", "township2", "village")[pick]
        if self.revoked:
            return
        parent = self.town[self.town[name].parent or ""]
        code = self.town[name].center.place.code
        outcome = self.attempt(lambda: parent.center.tree.revoke(code, "lost"))
        if outcome is None:
            return
        below = {name, *(one.name for one in self.town.nodes.values() if one.parent == name)}
        self.revoked |= below
        self.history.assigned |= set(outcome["assigned"])
        known = self.known_above(self.town[name])
        for key, case_no in list(self.history.confirmed.items()):
            if key[0] in below and case_no not in known:
                del self.history.confirmed[key]

    def replace(self, node: Node, path: Path) -> None:
        self.switch_off(node)
        shutil.rmtree(node.folder)
        restore(path, node.folder, SimulatedClock(self.town.world), entropy=self.town.world.entropy)
        node.reopen()

    def forget_what_nobody_has(self, name: str) -> None:
        """What was only on this disk is lost, whoever filed it: another one may have burned before. A revoked node is told nothing."""
        known = set(self.town.each_case())
        for key, case_no in list(self.history.confirmed.items()):
            if case_no not in known or (key[0] == name and name in self.revoked):
                del self.history.confirmed[key]


class Disks(Life):
    """A disk goes back in time without anybody knowing, or two machines run the same node in turns; one node a run.

    What such a node confirms counts once its parent has it: the other life may be the one that goes on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.images: dict[str, Path] = {}

    @rule(pick=st.integers(0, 6))
    def image(self, pick: int) -> None:
        """Somebody copies the folder of a node (one image each)."""
        node = self.node(pick)
        if node.name in self.images:
            return
        self.images[node.name] = self.folder / f"image-{node.name}"
        self.switch_off(node)
        shutil.copytree(node.folder, self.images[node.name])
        node.reopen()

    @precondition(lambda self: self.images)
    @rule(pick=st.integers(0, 6))
    def last_commits_vanish(self, pick: int) -> None:
        """The disk is again as it was when the image was made."""
        if (node := self.damage(pick)) is not None:
            shutil.rmtree(node.folder)
            shutil.copytree(self.images[node.name], node.folder)
            self.starts_again(node)

    @precondition(lambda self: self.images)
    @rule(pick=st.integers(0, 6))
    def the_clone_runs(self, pick: int) -> None:
        """The copy is started in place of the machine that ran until now; the next time they change places again."""
        if (node := self.damage(pick)) is not None:
            aside = self.folder / "aside"
            node.folder.rename(aside)
            self.images[node.name].rename(node.folder)
            aside.rename(self.images[node.name])
            self.starts_again(node)

    def damage(self, pick: int) -> Node | None:
        """The one node that meets with this in a run, switched off; None when another one has."""
        name = sorted(self.images)[pick % len(self.images)]
        if self.history.damaged - {name}:
            return None
        note(f"damaged: {name}")
        self.forget_what_only_it_had(name)
        self.history.damaged.add(name)
        self.switch_off(self.town[name])
        return self.town[name]

    def starts_again(self, node: Node) -> None:
        node.reopen()

    def confirm(self, node: Node, number: str, result: Any) -> None:
        super().confirm(node, number, result)
        self.what_is_above_counts()

    @invariant()
    def always(self) -> None:
        self.what_is_above_counts()
        super().always()

    def what_is_above_counts(self) -> None:
        for name in self.history.damaged:
            node = self.town[name]
            if node.parent is None:
                continue
            with self.town[node.parent].center.store.reading() as view:
                rows = view.connection.execute(
                    "SELECT application_no, case_no FROM applications WHERE origin=?", (node.id,)
                ).fetchall()
            for number, case_no in rows:
                if (name, number) in self.documents:
                    self.history.confirmed.setdefault((name, number), case_no)
