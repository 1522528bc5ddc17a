#!/usr/bin/env python3
"""Show that the tests of the network bite: patch a deliberate bug in, and expect its pinned sequence to fail.

    scripts/mutants.py            every bug, each with its sequence of tests/network/test_sequences.py
    scripts/mutants.py NAME …     only these
    scripts/mutants.py --search   let a state machine look for each bug with changing seeds, and print the seed
    scripts/mutants.py --seeded   let it look with the seed of the table only, and expect it to find the bug

The repository is copied for each bug; nothing is changed in place. Exit status 0 when every bug was caught and the
sequences pass without one. The seed in the table is the first with which `--search` found the bug; it counts only when the
same machine finds nothing with it in the program as it is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.own_python import enter  # noqa: E402

enter(__name__)

FOLDERS = ("node", "federation", "edge_ui", "protos", "configs", "tests")


@dataclass(frozen=True)
class Mutant:
    """`patches` are (file, old text, new text); `test` is the pinned sequence; `seed` of `machine` found it."""

    name: str
    patches: tuple[tuple[str, str, str], ...]
    test: str
    machine: str = "lines_and_power"
    seed: int = 1


MUTANTS = (
    Mutant(
        "acknowledge before commit",
        (("node/store/database.py", "                for _, future in group:\n                    future.set_exception(failure)\n",
          "                for future, value, failed in outcomes:\n                    future.set_result(value) if failed is None else future.set_exception(failed)\n"),),
        "test_nothing_is_acknowledged_before_it_is_committed",
        seed=1,
    ),
    Mutant(
        "send before commit",
        (("node/services/tree/inbound.py", "    def outgoing(self, peer: bytes, after: int, limit: int) -> Outgoing:\n        with self.store.reading() as view:\n",
          "    def outgoing(self, peer: bytes, after: int, limit: int) -> Outgoing:\n        for view in (self.store.writer.tx,):\n"),),
        "test_nothing_is_sent_before_it_is_committed",
        seed=1,
    ),
    Mutant(
        "no term check",
        (("node/domain/cases/acts/custody.py", "term=built.case.term + 1)", "term=built.case.term)"),
         ("node/domain/cases/casefold.py", "event.author == case.offer.target and event.term == case.term + 1", "event.author == case.offer.target")),
        "test_a_take_begins_a_new_term",
        seed=2,
    ),
    Mutant(
        "watermark outside the transaction",
        (("node/services/tree/inbound.py", "        return self.store.ledger(lambda tx: self._apply(tx, peer, batch))\n",
          "        self.store.ledger(lambda tx: tx.links.update(self._row(tx, peer).id, received=batch.last))\n"
          "        return self.store.ledger(lambda tx: self._apply(tx, peer, batch))\n"),),
        "test_the_watermark_moves_with_the_entries",
        seed=4,
    ),
    Mutant(
        "what waits to be projected is not marked",
        (("node/store/backlog.py", "            self._tx.meta.set(_MARK, str(stored.arrival).encode())\n", "            pass\n"),),
        "test_backlog.py::test_what_was_behind_when_the_power_went_is_there_after_the_start",
        seed=1,
    ),
    Mutant(
        "take without bodies",
        (("node/services/cases/custody.py", "missing = tx.objects.missing_of(offer.objects)", "missing = []"),),
        "test_custody_is_taken_with_all_bodies",
        seed=4,
    ),
    Mutant(
        "prev not checked",
        (("node/domain/cases/casefold.py", "event.version != case.version + 1 or event.prev != case.head", "event.version != case.version + 1"),
         ("node/store/cases.py", "        clean = known is None or not (known.parked or known.void)\n", "        clean = True\n")),
        "test_an_event_must_name_the_entry_before_it",
        machine="liars",
        seed=1,
    ),
    Mutant(
        "a receipt later than due taken for known",
        (("node/store/projected/hearings.py", "        if hearings.is_whole(tx.connection, child, whole, mark, stored.arrival) and parked < mark[0]:\n", "        if spoke:\n"),
         ("node/services/tree/talks.py", "        after = min(said.after_ms, self._ours.get(peer, 0))", "        after = tx.now()")),
        "test_what_is_known_has_come",
    ),
    Mutant(
        "a parent's word goes beyond what its child signed",
        (("node/store/disputed.py", "== word.spoke.get(name) and word.at_ms <= said.after_ms:", "== word.spoke.get(name):"),),
        "test_kept_back.py::test_a_child_said_to_have_done_nothing_is_not_taken_for_idle_and_the_liar_is_found_above",
    ),
    Mutant(
        "what a parent kept back of a silent child is laid to the child",
        (("node/store/projected/hearings.py", "            disputed.came_whole(tx, stored, child, whole, (said.head.epoch, said.head.seq))\n", "            pass\n"),),
        "test_kept_back.py::test_who_kept_a_silent_child_back_is_found_when_it_speaks_of_it_again_and_the_child_is_not_accused",
    ),
    Mutant(
        "an old receipt dates an act back unseen",
        (("node/store/dating.py", "    if at < signed - MOVED_MS and signed <= tx.now() and not tx.replaying:\n", "    if False:\n"),),
        "test_dated.py::test_who_cites_an_old_receipt_to_date_an_act_back_is_found_by_what_it_signed_since",
    ),
    Mutant(
        "status not sent when idle",
        (("node/services/tree/talks.py", "renewed or ticks - talk.said >= EVERY_MS)", "renewed)"),),
        "test_an_idle_line_says_so",
    ),
    Mutant(
        "epoch reused after restore",
        (("node/services/tree/recovery.py", "max(head.epoch, tx.identity.epoch, beyond) + leap", "tx.identity.epoch"),),
        "test_a_restored_node_opens_a_new_epoch",
        machine="disasters",
        seed=1,
    ),
    Mutant(
        "request answered twice",
        (("node/services/cases/custody.py", "            if request.id in case.answered:\n                continue\n", ""),
         ("node/store/projected/requests.py", "    return request if isinstance(request, bytes) and request in case.answered else None\n", "    return None\n"),
         ("node/domain/cases/acts/requests.py", 'return "" if cmd.request and cmd.request not in case.answered else', 'return "" if cmd.request else')),
        "test_a_request_is_answered_once",
        seed=1,
    ),
    Mutant(
        "filed again, another case",
        (("node/services/filing/intake.py", "known = filed_case(tx, clean.source, clean.application_no, tx.identity.node_id)", "known = None"),),
        "test_an_application_filed_again_is_the_first_case",
        seed=1,
    ),
    Mutant(
        "a parent's word is enough for a key",
        (("federation/protocol/trust.py", 'if not RENEWAL.holds({**facts, "parent": header.author_id}):', "if False:"),
         ("federation/protocol/trust.py", "if not any(key.public == public for key in node.keys):", "if False:")),
        "test_keys.py::test_a_withdrawal_that_a_township_forges_in_the_name_of_its_village",
        machine="liars",
        seed=1,
    ),
    Mutant(
        "restored custodian decides at once",
        (("node/services/tree/recovery.py", "    return bool(unconfirmed) and not filed_since(view, case.case_no)\n", "    return False\n"),),
        "test_a_restored_custodian_waits_until_its_neighbours_have_spoken",
        machine="disasters",
        seed=2,
    ),
    Mutant(
        "two revisions of one number",
        (("node/services/catalog/publishing.py", "    require_confirmed(tx)\n    layer", "    layer"),),
        "test_a_restored_root_gives_no_number_to_two_documents",
        machine="disasters",
    ),
    Mutant(
        "new kind blocks the way home",
        (("node/domain/cases/decisions.py", "    if case.unknown_kinds and command.action not in PASSES_ON:\n", "    if case.unknown_kinds:\n"),),
        "test_a_kind_that_nobody_knows_does_not_keep_a_case_from_its_way",
    ),
    Mutant(
        "a sibling's answer unproven",
        (("node/store/projected/down.py", "                    known += introduce(tx, row, _authors(tx, change, row))\n", ""),),
        "test_siblings.py::test_whoever_asked_learns_the_answer_though_the_case_never_comes_there",
    ),
    Mutant(
        "a number twice after a restore",
        (("node/domain/papers/papers.py", 'return CROCKFORD[epoch >> 5 & 31] + CROCKFORD[epoch & 31] if epoch else ""', 'return ""'),),
        "test_papers.py::test_after_a_restore_no_number_comes_twice_and_the_facts_come_back",
        machine="disasters",
    ),
    Mutant(
        "a kept-back child convicted",
        (("node/store/projected/hearings.py", "        if hearings.is_whole(tx.connection, child, whole, mark, stored.arrival) and parked < mark[0]:\n", "        if True:\n"),),
        "test_kept_back.py::test_what_a_parent_keeps_back_is_missed_above",
        machine="liars",
    ),
    Mutant(
        "claimed time believed",
        (("node/store/stored.py", "    at = dated(fields.recorded_at, fields.not_before_ms)\n", "    at = dated(fields.recorded_at, -(1 << 62))\n"),),
        "test_what_a_clock_claims_counts_no_further_than_it_is_borne_out",
    ),
    Mutant(
        "a roll-up forgets what a case counted for before",
        (("node/store/projected/rollups.py", "            _count(tx, case_nos, -1)\n", "            pass\n"),),
        "test_rollups.py::test_roll_ups_follow_the_life_of_cases",
    ),
)  # fmt: skip


def copy_of_the_repository(target: Path) -> Path:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def patch(target: Path, mutant: Mutant) -> None:
    for name, old, new in mutant.patches:
        text = (target / name).read_text(encoding="utf-8")
        if old not in text:
            raise SystemExit(f"{mutant.name}: the code to patch is no longer in {name}")
        if old:
            (target / name).write_text(text.replace(old, new), encoding="utf-8")


def passes(target: Path, test: str, **environment: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider", test]
    where = {**os.environ, "PYTHONPATH": str(target), **environment}
    return subprocess.run(command, cwd=target, env=where, capture_output=True, check=False).returncode == 0


def caught(mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        target = copy_of_the_repository(Path(folder))
        patch(target, mutant)
        place = mutant.test if ".py" in mutant.test else f"test_sequences.py::{mutant.test}"
        return not passes(target, f"tests/network/{place}")


MODEL = "tests/network/test_model.py::test_nothing_breaks_the_invariants[{}]"


def quiet(target: Path, machine: str, seed: int) -> bool:
    """Whether a state machine finds nothing with this seed."""
    return passes(target, MODEL.format(machine), TONGBAN_SEED=str(seed), TONGBAN_EXAMPLES="40", PYTHONHASHSEED="0")


@lru_cache
def clean(machine: str, seed: int) -> bool:
    """The same when nothing is patched."""
    return quiet(ROOT, machine, seed)


def search(mutant: Mutant, seeds: Iterable[int]) -> int | None:
    """The first of these seeds with which its state machine finds the bug, and nothing without it."""
    with tempfile.TemporaryDirectory() as folder:
        target = copy_of_the_repository(Path(folder))
        patch(target, mutant)
        for seed in seeds:
            if not quiet(target, mutant.machine, seed) and clean(mutant.machine, seed):
                return seed
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description="Deliberate bugs that the tests must catch.")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--seeded", action="store_true")
    parser.add_argument("--seeds", type=int, default=10)
    arguments = parser.parse_args()
    chosen = [m for m in MUTANTS if not arguments.names or any(name in m.name for name in arguments.names)]
    looking = arguments.search or arguments.seeded
    if not looking and not passes(ROOT, "tests/network/test_sequences.py"):
        print("the sequences fail without any bug")
        return 1
    missed = 0
    for mutant in chosen:
        if looking:
            seed = search(mutant, (mutant.seed,) if arguments.seeded else range(1, arguments.seeds + 1))
            missed += arguments.seeded and seed is None
            print(f"{mutant.name}: {'found with seed ' + str(seed) if seed else 'not found'}", flush=True)
        else:
            good = caught(mutant)
            missed += not good
            print(f"{'caught' if good else 'MISSED'}  {mutant.name}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
