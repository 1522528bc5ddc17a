"""The facts that the rows of filled cases would have, and the counts beside them."""

from __future__ import annotations

import re

from node.store import fact_counts
from node.store.store import Tx

_DAY = r"CAST(strftime('%Y%m%d', (\1 + 28800000) / 1000, 'unixepoch') AS INTEGER)"  # what stands for DAY(…)
_FACTS = """WITH said AS (SELECT c.case_no, c.item_id, o.id AS origin, DAY(c.filed_at) AS filed, coalesce(a.id, 0) AS decider,
    CASE WHEN a.id IS NULL THEN 0 ELSE DAY(c.decided_at) END AS decided, c.decision,
    CASE WHEN a.id IS NULL THEN 0 ELSE (c.decided_at - c.filed_at) * 5 / 7 / 86400000 END AS days, c.first_arrival % 20 = 3 AS stood,
    date((c.decided_at + 28800000) / 1000, 'unixepoch') > d.decided_due AS late
  FROM cases c JOIN authors o ON o.node_id=c.origin LEFT JOIN decisions d ON d.case_no=c.case_no LEFT JOIN authors a ON a.node_id=d.charged
  WHERE NOT EXISTS (SELECT 1 FROM facts f WHERE f.case_no=c.case_no))
INSERT INTO facts SELECT case_no, item_id, origin, filed, filed / 100, decider, decided, decided / 100, decision, days, stood * 3,
  coalesce(late, 0), CASE WHEN late THEN decider ELSE 0 END FROM said"""


def fill(tx: Tx, nodes: list[bytes], size: int) -> None:
    triggers = tx.connection.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='facts'").fetchall()
    for name, _ in triggers:
        tx.connection.execute(f"DROP TRIGGER {name}")
    rows = {one.node_id: tx.author_row(one.node_id) for one in tx.trust.nodes()}  # villages have written nothing
    tx.connection.execute(re.sub(r"DAY\((.*?)\)", _DAY, _FACTS))
    places = [(rows[one.node_id], rows[_branch(tx, one.node_id)], one.tier) for one in tx.trust.nodes()]
    tx.connection.executemany("INSERT OR IGNORE INTO fact_places VALUES(?,?,?)", places)
    fact_counts.recount(tx.connection)
    for _, sql in triggers:
        tx.connection.execute(sql)


def _branch(tx: Tx, node: bytes) -> bytes:
    path = tx.trust.path(node)
    return path[-2] if len(path) > 1 else node
