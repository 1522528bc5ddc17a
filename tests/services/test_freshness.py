"""Until when many nodes are known, against each asked by itself: whatever stands written of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from node.services.tree.freshness import Freshness, Knowledge, freshness, subtree, unheard_since
from node.store.store import View
from tests.support.network import DAY, Town, at_rest

HOUR = 3_600_000
ROUNDS = 150


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = at_rest("tree", Path(tmp_path_factory.mktemp("tree")) / "t")
    yield made
    made.close()


def told(town: Town) -> tuple[Freshness, dict[bytes, int], dict[bytes, int]]:
    """What the city says of all; of each by itself until when it is known, and since when it is silent where it is."""
    center = town["city"].center
    with center.store.reading() as view:
        calendar = center.cases.rules.calendar
        nodes = subtree(view)
        silent = {one: unheard_since(view, one, calendar) for one in nodes}
        return (
            freshness(view, calendar),
            {one: Knowledge(view).until(one) for one in nodes},
            {one: since for one, since in silent.items() if since is not None},
        )


def words(view: View, random: Random) -> list[tuple[int, int, bytes, int, bytes]]:
    """Anything that may be written of the nodes below children: heard or never, more than is here, by another than its parent."""
    now, nodes = view.now(), subtree(view)
    found = list[tuple[int, int, bytes, int, bytes]]()
    for node in nodes[1:]:
        at = random.choice((0, now, now - random.randrange(20 * DAY), now - random.randrange(2 * HOUR), now + HOUR))
        known = random.choice((at, at, max(0, at - random.randrange(1, DAY)), 0))
        parent = view.trust.parent(node) if random.random() < 0.9 else random.choice(nodes)
        found.append((at, known, parent or b"", random.choice((0, 1, 10**6)), node))
    return found


def test_known_together_is_known_one_by_one(tree: Town) -> None:
    city, random, seen = tree["city"].center, Random(7), set[tuple[bool, ...]]()
    for _ in range(ROUNDS):
        tree.world.time += random.choice((0, HOUR // 3, 5 * HOUR, DAY))
        with city.store.reading() as view:
            rows = words(view, random)
        city.store.run(
            lambda tx, rows=rows: tx.connection.executemany(  # type: ignore[misc]
                "UPDATE heard_of SET at_ms=?, known_ms=?, parent=?, seq=? WHERE child=?", rows
            )
        )
        together, alone, silent = told(tree)
        assert together.known == alone
        assert {one: since for one, since in together.since.items() if alone[one]} == {
            one: since for one, since in silent.items() if alone[one]
        }
        assert set(together.since) == set(silent)
        assert together.until() == min(until for one, until in alone.items() if one not in silent)
        assert list(together.document()["as_of"]) == list(together.below.values())
        seen.add(tuple(sorted(one in silent for one in alone)))
    assert len(seen) > 3, "silent and heard nodes in all mixtures"
