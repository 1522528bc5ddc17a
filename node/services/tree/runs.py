"""What this node runs, as an entry of its own (`node_runs`): its program, and the features it knows.

It goes up to every node above, so that none of them does an act whose result a node on the way home could not serve (`decide`:
peer_needs_upgrade). A tree upgrades from the top down: what is below says when it has followed.
"""

from __future__ import annotations

from collections.abc import Sequence

from node.domain.cases.acts import FEATURES
from node.domain.model import Facts
from node.domain.software import SOFTWARE
from node.store.journal import Draft
from node.store.running import RUNS, Runs, runs
from node.store.store import Store, Tx


def announce(store: Store, software: str = SOFTWARE, features: Sequence[str] = FEATURES) -> None:
    """Write down what this node runs, unless it has said so before; at each start."""

    def command(tx: Tx) -> None:
        if runs(tx, tx.identity.node_id) == Runs(software, frozenset(features)):
            return
        facts: Facts = {"software": software, "features": tuple(sorted(features))}
        tx.journal.append(Draft(RUNS, "node", facts))

    store.run(command)
