"""The tables of a node, as named migrations (sqlite-utils `Migrations`).

The journal (`entries`, `objects`, `receipts`, `evidence`) is the truth. What is made from it and can be made anew stands in
`projected/`, with its tables. The rest is local to the node: peers' marks, what is on its way (`wanted`, `down`), people who log in,
idempotency keys, drafts of uploads.
"""

from __future__ import annotations

import sqlite3

import sqlite_utils
from sqlite_utils.migrations import Migrations

from node.domain.words.errors import TongbanError
from node.store import (
    answers,
    disclosed,
    guide,
    hearings,
    introductions,
    mail_proofs,
    moves,
    news,
    outbox,
    report_mail,
    saved_views,
)

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

LOCAL = """
CREATE TABLE wanted(hash BLOB PRIMARY KEY, case_no TEXT NOT NULL, peer INTEGER NOT NULL, blob INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX wanted_peer ON wanted(peer);
CREATE TABLE down(peer INTEGER, n INTEGER, arrival INTEGER NOT NULL, PRIMARY KEY(peer, n)) WITHOUT ROWID;
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


@migrations(name="0007_decisions")
def _software(db: sqlite_utils.Database) -> None:
    """Which version of the program a neighbour runs."""
    _run(db, "ALTER TABLE peers ADD COLUMN software TEXT NOT NULL DEFAULT '';\n")


@migrations(name="0009_guide")
def _guide(db: sqlite_utils.Database) -> None:
    guide.create(db.conn)


@migrations(name="0010_renewals")
def _renewals(db: sqlite_utils.Database) -> None:
    """An invitation may be for a child that needs its key renewed, by node id."""
    _run(db, "ALTER TABLE invites ADD COLUMN renews BLOB;\n")


GONE = """
CREATE TABLE gone(hash BLOB, peer INTEGER, case_no TEXT NOT NULL, blob INTEGER NOT NULL, PRIMARY KEY(hash, peer)) WITHOUT ROWID;
CREATE INDEX evidence_author ON evidence(author);
"""


@migrations(name="0013_gone")
def _what_is_gone(db: sqlite_utils.Database) -> None:
    """Which neighbour said that an object we want cannot come from its side any more; and evidence is asked for by its author."""
    _run(db, GONE)


@migrations(name="0016_projected")
def _projected(db: sqlite_utils.Database) -> None:
    """Of which version the tables of each projection are (`outdated.py`)."""
    _run(db, "CREATE TABLE projected(name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;\n")


CLOSED = """
ALTER TABLE tokens ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN issued_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN last_used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN last_client TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN ended_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX audit_subject ON audit(subject, id);
CREATE UNIQUE INDEX tokens_id ON tokens(id);
ALTER TABLE staff ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN reset_by TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN reset_at INTEGER NOT NULL DEFAULT 0;
"""


@migrations(name="0017_closed")
def _closed(db: sqlite_utils.Database) -> None:
    """Tokens have a term, are listed and can be revoked; a password that somebody else made is to be changed."""
    _run(db, CLOSED)


@migrations(name="0018_moves")
def _moves(db: sqlite_utils.Database) -> None:
    """Which due days a calendar moved."""
    _run(db, moves.TABLES)


READINGS = """
CREATE TABLE readings(id INTEGER PRIMARY KEY, day TEXT NOT NULL, staff_id TEXT NOT NULL, case_no TEXT NOT NULL, name TEXT NOT NULL,
  role TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, count INTEGER NOT NULL, UNIQUE(day, staff_id, case_no));
"""


@migrations(name="0018_readings")
def _readings(db: sqlite_utils.Database) -> None:
    """Who read which case."""
    _run(db, READINGS)


CODES = """
CREATE TABLE second_factors(staff_id TEXT PRIMARY KEY, secret TEXT NOT NULL, step INTEGER NOT NULL, set_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE recovery_codes(staff_id TEXT, digest BLOB, PRIMARY KEY(staff_id, digest)) WITHOUT ROWID;
"""


@migrations(name="0019_second_factors")
def _second_factors(db: sqlite_utils.Database) -> None:
    """Who gives a one-time code after the password."""
    _run(db, CODES)


@migrations(name="0020_evidence_of_a_peer")
def _evidence(db: sqlite_utils.Database) -> None:
    """How much evidence came through a neighbour is asked with every batch."""
    _run(db, "CREATE INDEX evidence_via ON evidence(via);\n")


@migrations(name="0023_introduced")
def _introduced(db: sqlite_utils.Database) -> None:
    """To which child a node elsewhere in the tree was introduced."""
    _run(db, introductions.TABLES)


@migrations(name="0024_notices")
def _notices(db: sqlite_utils.Database) -> None:
    """What residents are to be told, and where."""
    _run(db, outbox.TABLES)


DOCUMENTS = """
ALTER TABLE publications RENAME TO publications_before;
ALTER TABLE documents RENAME TO documents_before;
CREATE TABLE publications(layer BLOB, kind TEXT, revision INTEGER, manifest BLOB, arrival INTEGER NOT NULL, state TEXT NOT NULL,
  published INTEGER NOT NULL,  -- when its author says so, ms
  PRIMARY KEY(layer, kind, revision, manifest)) WITHOUT ROWID;
CREATE TABLE documents(layer BLOB, kind TEXT, revision INTEGER, manifest BLOB, document TEXT NOT NULL,
  PRIMARY KEY(layer, kind, revision, manifest)) WITHOUT ROWID;
INSERT INTO publications SELECT p.layer, p.kind, p.revision, p.manifest, p.arrival, p.state,
  coalesce((SELECT received_at FROM entries e WHERE e.arrival=p.arrival), 0) FROM publications_before p;
INSERT INTO documents SELECT d.layer, d.kind, d.revision, p.manifest, d.document FROM documents_before d
  JOIN publications_before p ON p.layer=d.layer AND p.kind=d.kind AND p.revision=d.revision;
DROP TABLE publications_before;
DROP TABLE documents_before;
"""


@migrations(name="0025_two_documents_of_one_number")
def _documents(db: sqlite_utils.Database) -> None:
    """A publication is named by its number and its hash: a root that was restored may have used a number twice."""
    _run(db, DOCUMENTS)


@migrations(name="0026_answers")
def _answers(db: sqlite_utils.Database) -> None:
    """What people ask by SMS or mail."""
    _run(db, answers.TABLES)


@migrations(name="0021_heard")
def _heard(db: sqlite_utils.Database) -> None:
    """What neighbours said of themselves, what we said, and what runs below them."""
    _run(db, hearings.TABLES)


RECEIPTS = """
ALTER TABLE receipts RENAME TO receipts_before;
CREATE TABLE receipts(at_ms INTEGER, epoch INTEGER, seq INTEGER, head BLOB, receipt BLOB, signature BLOB, day TEXT,
  cited INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(at_ms, epoch, seq, receipt)) WITHOUT ROWID;
INSERT INTO receipts SELECT *, 0 FROM receipts_before;
DROP TABLE receipts_before;
"""


@migrations(name="0027_cited_receipts")
def _cited(db: sqlite_utils.Database) -> None:
    """A receipt that an entry cites is kept: it is the proof of the time before which the entry was not written."""
    _run(db, RECEIPTS)


@migrations(name="0028_features")
def _features(db: sqlite_utils.Database) -> None:
    """What a neighbour's program knows, as it said last: codes with spaces between."""
    _run(db, "ALTER TABLE peers ADD COLUMN features TEXT NOT NULL DEFAULT '';\n")


@migrations(name="0029_staff_news")
def _staff_news(db: sqlite_utils.Database) -> None:
    """What somebody on the staff has looked at, and whether it comes by mail."""
    _run(db, news.TABLES)


@migrations(name="0030_saved_views")
def _saved_views(db: sqlite_utils.Database) -> None:
    """The views of supervision that people saved for themselves."""
    _run(db, saved_views.TABLES)


@migrations(name="0031_words_of_those_above")
def _above(db: sqlite_utils.Database) -> None:
    """What the nodes above our parent said of themselves."""
    _run(db, hearings.ABOVE)


@migrations(name="0032_report_mail")
def _report_mail(db: sqlite_utils.Database) -> None:
    """To whom the monthly reports are mailed."""
    _run(db, report_mail.TABLES)


@migrations(name="0033_disclosed")
def _disclosed(db: sqlite_utils.Database) -> None:
    """What items do not say in public, and whose catalog is not in step."""
    _run(db, disclosed.TABLES)


@migrations(name="0034_mail_proofs")
def _mail_proofs(db: sqlite_utils.Database) -> None:
    """Whether the mail address of somebody on the staff is proven, and the code that proves it."""
    _run(db, mail_proofs.TABLES)


@migrations(name="0035_report_mail_proofs")
def _report_mail_proofs(db: sqlite_utils.Database) -> None:
    """Whether an address for the monthly report is proven."""
    _run(db, report_mail.PROOFS)


VERSIONS: list[str] = [one.name for one in migrations.pending(sqlite_utils.Database(memory=True))]


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the present tables. Raises schema_altered when its record of what was done is not true, or of a later version."""
    database = sqlite_utils.Database(connection)
    if strange := [one.name for one in migrations.applied(database) if one.name not in VERSIONS]:
        raise TongbanError("schema_altered", what=strange[0][:80])
    try:
        migrations.apply(database)
    except sqlite3.OperationalError as error:
        if not any(sign in str(error) for sign in ("already exists", "duplicate column")):
            raise
        raise TongbanError("schema_altered", what=str(error)[:80]) from error
