"""One node's services behind one door.

The web side, the command line and the tests call these methods; each is synchronous, thread-safe and answers in JSON
values. A Center knows nothing of sockets: `node.app` gives it a store, keys and a clock, and serves it.
"""

from __future__ import annotations

from node.domain.model import Place
from node.services.cases.context import Rules
from node.services.cases.custody import Custody
from node.services.cases.handling import Handling
from node.services.cases.receiving import Receiving
from node.services.cases.referral import reassign_after_revoke
from node.services.cases.timers import Timers
from node.services.cases.workbench import Workbench
from node.services.cases.working_days import WorkingDays
from node.services.catalog.authority import AuthorityService
from node.services.catalog.catalog import CatalogService
from node.services.catalog.editor import Editor
from node.services.catalog.rulebook import RulebookService
from node.services.filing.agent_desk import AgentDesk
from node.services.filing.drafts import DraftService
from node.services.filing.intake import Intake
from node.services.filing.materials import Materials
from node.services.papers.papers import Papers
from node.services.people.people import People
from node.services.people.readings import Readings
from node.services.people.staff import StaffService
from node.services.public.guide import GuideService
from node.services.supervision.explaining import Explaining
from node.services.supervision.findings import Findings
from node.services.supervision.network import NetworkView
from node.services.supervision.oversight import Oversight
from node.services.tree.inbound import Inbound
from node.services.tree.keys import KeyFiles
from node.services.tree.membership import IssueCertificate, Membership
from node.services.tree.renewal import Renewal
from node.services.upkeep.administration import Administration
from node.services.upkeep.upkeep import Upkeep
from node.store.store import Clock, Store


class Center:
    """Everything a node can be asked."""

    def __init__(self, store: Store, keys: KeyFiles, *, certificates: IssueCertificate | None = None) -> None:
        self.store = store
        self.keys = keys
        secret = keys.session_secret()
        self.catalog = CatalogService(store)
        self.rules = Rules(store, self.catalog)
        self.authority = AuthorityService(store, self.catalog)
        self.rulebook = RulebookService(store, self.catalog)
        self.custody = Custody(self.rules)
        self.inbound = Inbound(store)
        self.public = GuideService(store, self.rules)
        self.papers = Papers(store, self.rules, secret)
        self.cases = Handling(store, self.rules, secret, self.public.meant, self.papers.issue_with)
        self.intake = Intake(store, self.rules, secret)
        self.materials = Materials(store, self.rules, self.cases)
        self.staff = StaffService(store)
        self.tokens = self.staff.tokens
        self.people = People(store, self.staff)
        self.tree = Membership(store, keys, issue_certificate=certificates, reassign=reassign_after_revoke)
        self.renewal = Renewal(store, keys, self.tree)
        self.oversight = Oversight(store, self.rules)
        self.editor = Editor(store, self.catalog)
        self.upkeep = Upkeep(store, self.catalog)
        self.administration = Administration(store, keys, self.tree, self.catalog, self.upkeep)
        self.findings = Findings(store, self.rules)
        self.explaining = Explaining(store, self.rules)
        self.network = NetworkView(store, self.catalog, self.upkeep)
        self.timers = Timers(store, self.rules, self.custody)
        self.days = WorkingDays(store, self.catalog, self.timers)
        self.drafts = DraftService(store, self.rules, self.intake, self.materials)
        self.agent = AgentDesk(store, self.rules, self.cases, self.upkeep.pulse, self.public.rows)
        self.work = Workbench(store, self.rules, self.public.meant)
        self.receiving = Receiving(store, self.rules, self.cases)
        self.readings = Readings(store)
        store.was_read = self.readings.note
        store.react = self.custody.react
        self.catalog.attach()
        store.attach()

    # who and when --------------------------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        return self.store.place

    @property
    def name(self) -> str:
        return self.store.identity.name

    @property
    def clock(self) -> Clock:
        return self.store.clock

    @property
    def test_clock(self) -> bool:
        return self.store.identity.test_clock

    # the clock ----------------------------------------------------------------------------------------------------

    def tick(self) -> int:
        """Look at the timers once; answers how many fired."""
        self.store.watch.keep()
        self.materials.uploads.sweep()
        self.drafts.sweep()
        self.drafts.sweep_folders()
        self.inbound.sweep_partials()
        self.readings.sweep()
        return self.timers.tick()
