"""The tables of a node, as named migrations (sqlite-utils `Migrations`).

The journal (`entries`, `objects`, `receipts`, `evidence`) is the truth. `cases`, `applications`, `requests`,
`marks`, `object_refs`, `papers`, `wanted`, `down` are made from it and can be made anew (`projections.rebuild`). The rest is local to the
node: peers' marks, people who log in, idempotency keys, drafts of uploads.
"""

from __future__ import annotations

import sqlite3

import sqlite_utils
from sqlite_utils.migrations import Migrations

from node.store import guide

migrations = Migrations("tongban")

JOURNAL = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE authors(id INTEGER PRIMARY KEY, node_id BLOB NOT NULL UNIQUE);
CREATE TABLE entries(
  arrival INTEGER PRIMARY KEY, author INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
  kind TEXT NOT NULL, class TEXT NOT NULL, case_no TEXT, version INTEGER, header BLOB NOT NULL, signature BLOB NOT NULL,
  body_hash BLOB, via INTEGER NOT NULL, received_at INTEGER NOT NULL,
  standing INTEGER NOT NULL DEFAULT 0  -- 0 good, 1 quarantined, 2 losing branch of a fork
);
CREATE UNIQUE INDEX entries_chain ON entries(author, epoch, seq) WHERE standing < 2;
CREATE INDEX entries_case ON entries(case_no, arrival) WHERE case_no IS NOT NULL;
CREATE INDEX entries_class ON entries(class, arrival) WHERE class NOT IN ('case', 'request');
CREATE TABLE objects(hash BLOB PRIMARY KEY, size INTEGER NOT NULL, data BLOB  -- data NULL: the bytes are a file (blob)
);
CREATE TABLE receipts(at_ms INTEGER PRIMARY KEY, epoch INTEGER, seq INTEGER, head BLOB, receipt BLOB, signature BLOB, day TEXT);
CREATE TABLE evidence(id INTEGER PRIMARY KEY, header BLOB, signature BLOB, reason TEXT NOT NULL, author BLOB, epoch INTEGER,
  seq INTEGER, via INTEGER, at_ms INTEGER NOT NULL, UNIQUE(header, signature));
CREATE TABLE findings(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, author BLOB, kind TEXT NOT NULL, detail TEXT NOT NULL,
  UNIQUE(author, kind, detail));
"""

PROJECTIONS = """
CREATE TABLE cases(
  case_no TEXT PRIMARY KEY, status TEXT NOT NULL, custodian BLOB NOT NULL, origin BLOB NOT NULL, item_id TEXT NOT NULL,
  version INTEGER NOT NULL, term INTEGER NOT NULL, head BLOB NOT NULL, filed_at INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL, concluded_at INTEGER NOT NULL, delivered_at INTEGER NOT NULL, decision TEXT NOT NULL,
  offered_to BLOB, offered_by BLOB, due TEXT, first_arrival INTEGER NOT NULL, parked INTEGER NOT NULL, voided INTEGER NOT NULL);
CREATE INDEX cases_status ON cases(status, first_arrival);
CREATE INDEX cases_custodian ON cases(custodian, status);
CREATE INDEX cases_offered ON cases(offered_to) WHERE offered_to IS NOT NULL;
CREATE INDEX cases_due ON cases(due) WHERE due IS NOT NULL;
CREATE TABLE applications(source TEXT, application_no TEXT, origin BLOB, case_no TEXT NOT NULL,
  PRIMARY KEY(source, application_no, origin)) WITHOUT ROWID;
CREATE TABLE people(case_no TEXT PRIMARY KEY, name TEXT NOT NULL, id_number TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX people_name ON people(name);
CREATE TABLE requests(id BLOB PRIMARY KEY, case_no TEXT NOT NULL, asked TEXT NOT NULL, author BLOB NOT NULL, body_hash BLOB,
  arrival INTEGER NOT NULL, state TEXT NOT NULL, answer BLOB) WITHOUT ROWID;
CREATE INDEX requests_case ON requests(case_no);
CREATE INDEX requests_open ON requests(state) WHERE state = 'pending';
CREATE TABLE object_refs(hash BLOB, case_no TEXT NOT NULL, author BLOB NOT NULL, PRIMARY KEY(hash, case_no)) WITHOUT ROWID;
CREATE TABLE wanted(hash BLOB PRIMARY KEY, case_no TEXT NOT NULL, peer INTEGER NOT NULL, blob INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX wanted_peer ON wanted(peer);
CREATE TABLE down(peer INTEGER, n INTEGER, arrival INTEGER NOT NULL, PRIMARY KEY(peer, n)) WITHOUT ROWID;
"""

LOCAL = """
CREATE TABLE peers(
  id INTEGER PRIMARY KEY, direction TEXT NOT NULL, code TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'never',
  last_contact INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '', error_at INTEGER NOT NULL DEFAULT 0,
  generation BLOB NOT NULL DEFAULT x'', received INTEGER NOT NULL DEFAULT 0,  -- of their generation, durably stored here
  acked INTEGER NOT NULL DEFAULT 0,                                           -- of our positions, durably stored there
  replay_until INTEGER NOT NULL DEFAULT 0, caught_up_at INTEGER NOT NULL DEFAULT -1, caught_up_generation BLOB NOT NULL DEFAULT x'',
  confirmed INTEGER NOT NULL DEFAULT 1, clock_skew INTEGER NOT NULL DEFAULT 0);
CREATE TABLE frozen(case_no TEXT, peer INTEGER, PRIMARY KEY(case_no, peer)) WITHOUT ROWID;
CREATE TABLE idempotency(actor TEXT, key TEXT, digest BLOB NOT NULL, status INTEGER NOT NULL, document TEXT NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY(actor, key)) WITHOUT ROWID;
CREATE TABLE invites(secret_hash BLOB PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, tier TEXT NOT NULL, expires INTEGER NOT NULL,
  used_key BLOB, answer BLOB, node_id BLOB) WITHOUT ROWID;
CREATE TABLE nodes(node_id BLOB PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, tier TEXT NOT NULL, parent BLOB) WITHOUT ROWID;
CREATE TABLE uploads(case_no TEXT, material TEXT, salt BLOB NOT NULL, size INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY(case_no, material)) WITHOUT ROWID;
"""

ADMINISTRATION = """
CREATE TABLE publications(layer BLOB, kind TEXT, revision INTEGER, manifest BLOB NOT NULL, arrival INTEGER NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY(layer, kind, revision)) WITHOUT ROWID;
CREATE TABLE items(layer BLOB, item_id TEXT, version INTEGER, hash BLOB NOT NULL, document TEXT NOT NULL, revision INTEGER NOT NULL,
  PRIMARY KEY(layer, item_id, version)) WITHOUT ROWID;
CREATE TABLE documents(layer BLOB, kind TEXT, revision INTEGER, document TEXT NOT NULL, PRIMARY KEY(layer, kind, revision)) WITHOUT ROWID;
CREATE TABLE staff(staff_id TEXT PRIMARY KEY, name TEXT NOT NULL, username TEXT NOT NULL UNIQUE, role TEXT NOT NULL, password TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1, created_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE tokens(digest BLOB PRIMARY KEY, staff_id TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL)
  WITHOUT ROWID;
"""


def _run(db: sqlite_utils.Database, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations(name="0001_first_tables")
def _first_tables(db: sqlite_utils.Database) -> None:
    _run(db, JOURNAL)
    _run(db, PROJECTIONS)
    _run(db, LOCAL)
    _run(db, ADMINISTRATION)


DRAFTS = """
CREATE TABLE drafts(
  id TEXT PRIMARY KEY, item_id TEXT NOT NULL, staff_id TEXT NOT NULL, fields TEXT NOT NULL,  -- as typed; may be incomplete
  application TEXT, state TEXT NOT NULL, case_no TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  touched_ran INTEGER NOT NULL,             -- the node's running time (clock_watch.py) at the last touch
  aside_at INTEGER, aside_ran INTEGER  -- set aside to be removed: when by the clock, and at which running time
) WITHOUT ROWID;
CREATE INDEX drafts_open ON drafts(updated_at) WHERE state IN ('open', 'lodging');
CREATE INDEX drafts_case ON drafts(case_no) WHERE case_no<>'';
CREATE TABLE draft_files(id TEXT PRIMARY KEY, draft_id TEXT NOT NULL, n INTEGER NOT NULL, material TEXT NOT NULL, file_name TEXT NOT NULL,
  mime TEXT NOT NULL, size INTEGER NOT NULL, whole INTEGER NOT NULL, key TEXT NOT NULL, at_ms INTEGER NOT NULL,
  staff_id TEXT NOT NULL,  -- whose upload it is
  UNIQUE(draft_id, staff_id, key)) WITHOUT ROWID;
CREATE TABLE partials(id TEXT PRIMARY KEY, case_no TEXT NOT NULL, material TEXT NOT NULL, staff_id TEXT NOT NULL, file_name TEXT NOT NULL,
  size INTEGER NOT NULL, ran_ms INTEGER NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX partials_material ON partials(case_no, material);
DROP TABLE uploads;
CREATE TABLE uploads(case_no TEXT, material TEXT, blob BLOB NOT NULL, request BLOB NOT NULL, size INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY(case_no, material)) WITHOUT ROWID;
CREATE INDEX cases_origin ON cases(origin, status);
"""


@migrations(name="0002_drafts")
def _drafts(db: sqlite_utils.Database) -> None:
    _run(db, DRAFTS)


HANDOVERS = """
CREATE TABLE handovers(id TEXT PRIMARY KEY, staff_id TEXT NOT NULL, at_ms INTEGER NOT NULL, results TEXT NOT NULL) WITHOUT ROWID;
"""


@migrations(name="0003_handovers")
def _handovers(db: sqlite_utils.Database) -> None:
    _run(db, HANDOVERS)


PAPERS = """
CREATE TABLE papers(
  arrival INTEGER PRIMARY KEY,  -- of the note that says so
  case_no TEXT NOT NULL, paper TEXT NOT NULL, basis BLOB NOT NULL, version INTEGER NOT NULL,  -- the act it rests on
  author BLOB NOT NULL, organ TEXT NOT NULL, prefix TEXT NOT NULL, year INTEGER NOT NULL, series TEXT NOT NULL, serial INTEGER NOT NULL,
  day TEXT NOT NULL, document BLOB NOT NULL, staff_id TEXT NOT NULL, issued_at INTEGER NOT NULL);
CREATE INDEX papers_case ON papers(case_no);
CREATE INDEX papers_number ON papers(author, organ, paper, year, series, serial);
"""


@migrations(name="0004_papers")
def _papers(db: sqlite_utils.Database) -> None:
    _run(db, PAPERS)


PEOPLE = """
ALTER TABLE staff ADD COLUMN pin TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN last_login INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN language TEXT NOT NULL DEFAULT '';
CREATE TABLE sessions(id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, staff_id TEXT NOT NULL, station BLOB NOT NULL,
  way TEXT NOT NULL, client TEXT NOT NULL, opened_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, ends_at INTEGER NOT NULL,
  locked INTEGER NOT NULL DEFAULT 0);
CREATE INDEX sessions_staff ON sessions(staff_id);
CREATE TABLE station_people(station BLOB, staff_id TEXT, password_at INTEGER NOT NULL, wrong INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(station, staff_id)) WITHOUT ROWID;
CREATE TABLE audit(id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,
  subject TEXT NOT NULL, detail TEXT NOT NULL, client TEXT NOT NULL);
CREATE INDEX audit_kind ON audit(kind, id);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
"""


@migrations(name="0006_people")
def _people(db: sqlite_utils.Database) -> None:
    _run(db, PEOPLE)


EDITOR = """
CREATE TABLE edits(item_id TEXT PRIMARY KEY, base BLOB NOT NULL, document TEXT NOT NULL, n INTEGER NOT NULL, staff_id TEXT NOT NULL,
  staff_name TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE edit_files(key TEXT PRIMARY KEY, name TEXT NOT NULL, data BLOB NOT NULL, staff_id TEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE TABLE edit_publications(token TEXT PRIMARY KEY, revision INTEGER NOT NULL, count INTEGER NOT NULL, effective TEXT NOT NULL,
  staff_name TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""


@migrations(name="0005_editor")
def _editor(db: sqlite_utils.Database) -> None:
    _run(db, EDITOR)


DECISIONS = """
CREATE TABLE decisions(case_no TEXT PRIMARY KEY,
  decided_due TEXT,  -- the day by which the case was to be decided, NULL when nothing limited it
  charged BLOB NOT NULL  -- who answers for that day
) WITHOUT ROWID;
ALTER TABLE peers ADD COLUMN software TEXT NOT NULL DEFAULT '';
"""


@migrations(name="0007_decisions")
def _decisions(db: sqlite_utils.Database) -> None:
    _run(db, DECISIONS)


DESK = """
CREATE TABLE desk(case_no TEXT PRIMARY KEY, awaits TEXT NOT NULL, due TEXT NOT NULL, back INTEGER NOT NULL, since INTEGER NOT NULL,
  arrival INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX desk_turn ON desk(awaits, due, arrival);
CREATE INDEX desk_back ON desk(awaits, due, arrival) WHERE back=1;
CREATE INDEX people_id ON people(id_number);
CREATE INDEX applications_no ON applications(application_no);
CREATE INDEX cases_arrival ON cases(first_arrival);
CREATE INDEX cases_item ON cases(item_id, first_arrival);
"""


@migrations(name="0008_desk")
def _desk(db: sqlite_utils.Database) -> None:
    _run(db, DESK)


@migrations(name="0009_guide")
def _guide(db: sqlite_utils.Database) -> None:
    guide.create(db.conn)


@migrations(name="0010_renewals")
def _renewals(db: sqlite_utils.Database) -> None:
    """An invitation may be for a child that needs its key renewed, by node id."""
    _run(db, "ALTER TABLE invites ADD COLUMN renews BLOB;\n")


FEWER_TREES = """
ALTER TABLE cases RENAME TO cases_before;
CREATE TABLE cases(
  case_no TEXT NOT NULL UNIQUE, status TEXT NOT NULL, custodian BLOB NOT NULL, origin BLOB NOT NULL, item_id TEXT NOT NULL,
  version INTEGER NOT NULL, term INTEGER NOT NULL, head BLOB NOT NULL, filed_at INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL, concluded_at INTEGER NOT NULL, delivered_at INTEGER NOT NULL, decision TEXT NOT NULL,
  offered_to BLOB, offered_by BLOB, due TEXT, first_arrival INTEGER PRIMARY KEY,  -- an entry belongs to one case
  parked INTEGER NOT NULL, voided INTEGER NOT NULL);
INSERT OR REPLACE INTO cases SELECT * FROM cases_before;
DROP TABLE cases_before;
CREATE INDEX cases_status ON cases(status);
CREATE INDEX cases_custodian ON cases(custodian, status);
CREATE INDEX cases_offered ON cases(offered_to) WHERE offered_to IS NOT NULL;
CREATE INDEX cases_origin ON cases(origin, status);
CREATE INDEX cases_item ON cases(item_id);
ALTER TABLE applications RENAME TO applications_before;
CREATE TABLE applications(source TEXT, application_no TEXT, origin BLOB, case_no TEXT NOT NULL,
  PRIMARY KEY(application_no, source, origin)) WITHOUT ROWID;
INSERT INTO applications SELECT * FROM applications_before;
DROP TABLE applications_before;
"""


@migrations(name="0011_fewer_trees")
def _fewer_trees(db: sqlite_utils.Database) -> None:
    """A filing writes as few pages as it can: what an index repeated is the key now, and no query used the index of due dates.

    A damaged table (two cases that begin with one entry) must not stop the node from opening: it is a copy, and `verify` tells."""
    _run(db, FEWER_TREES)


ONE_ROW_A_CASE = """
ALTER TABLE cases ADD COLUMN awaits TEXT;
ALTER TABLE cases ADD COLUMN turn_due TEXT NOT NULL DEFAULT '9999-12-31';
ALTER TABLE cases ADD COLUMN back INTEGER NOT NULL DEFAULT 0;
UPDATE cases SET awaits=desk.awaits, turn_due=desk.due, back=desk.back FROM desk WHERE desk.case_no=cases.case_no;
DROP TABLE desk;
CREATE INDEX cases_turn ON cases(awaits, turn_due) WHERE awaits IS NOT NULL;
CREATE INDEX cases_back ON cases(awaits, turn_due) WHERE back=1;
DELETE FROM meta WHERE key LIKE 'serial:%';
"""


@migrations(name="0012_one_row_a_case")
def _one_row_a_case(db: sqlite_utils.Database) -> None:
    """What the workbench walks stands with the case, and the last serial of a day is read in the journal: two rows less a filing."""
    _run(db, ONE_ROW_A_CASE)


GONE = """
CREATE TABLE gone(hash BLOB, peer INTEGER, case_no TEXT NOT NULL, blob INTEGER NOT NULL, PRIMARY KEY(hash, peer)) WITHOUT ROWID;
CREATE INDEX evidence_author ON evidence(author);
"""


@migrations(name="0013_gone")
def _what_is_gone(db: sqlite_utils.Database) -> None:
    """Which neighbour said that an object we want cannot come from its side any more; and evidence is asked for by its author."""
    _run(db, GONE)


MARKS = """
ALTER TABLE cases ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX cases_doubted ON cases(doubted) WHERE doubted>0;
CREATE TABLE marks(case_no TEXT, hash BLOB, flag TEXT, author BLOB NOT NULL, at_ms INTEGER NOT NULL,
  doubt INTEGER NOT NULL,  -- whether the standing of the case rests on it
  PRIMARY KEY(case_no, hash, flag)) WITHOUT ROWID;
CREATE INDEX marks_unjudged ON marks(case_no) WHERE flag='unjudged';
"""


@migrations(name="0014_marks")
def _marks(db: sqlite_utils.Database) -> None:
    """What the audit of legality says of the events of a case (`node.domain.cases.audit`). `cases.doubted`: 0 stands clear, 1 in doubt,
    2 rests on what could not be judged yet."""
    _run(db, MARKS)


OWNER = """
ALTER TABLE cases ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX cases_owned ON cases(awaits, turn_due) WHERE owner<>'';
"""


@migrations(name="0015_owner")
def _owner(db: sqlite_utils.Database) -> None:
    """Whose case it is, for the lists of one person."""
    _run(db, OWNER)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the present tables."""
    migrations.apply(sqlite_utils.Database(connection))


PROJECTED = ("cases", "marks", "applications", "people", "requests", "object_refs", "wanted", "down", "decisions", "papers")
