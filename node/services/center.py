"""One node's services behind one door.

The web side, the command line and the tests call these methods; each is synchronous, thread-safe and answers in JSON
values. A Center knows nothing of sockets: `node.app` gives it a store, keys and a clock, and serves it.
"""

from __future__ import annotations

from collections.abc import Sequence

from node.domain.cases.acts import FEATURES
from node.domain.model import Place
from node.domain.software import SOFTWARE
from node.services.cases.context import Rules
from node.services.cases.custody import Custody
from node.services.cases.handling import Handling
from node.services.cases.messages import Messages
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
from node.services.notices.news import News
from node.services.notices.notices import Notices
from node.services.notices.published import TextsService
from node.services.notices.report_mail import ReportMail
from node.services.notices.sending import MAIL
from node.services.papers.changing import PaperChanges
from node.services.papers.papers import Papers
from node.services.people.people import People
from node.services.people.readings import Readings
from node.services.people.staff import StaffService
from node.services.public.guide import GuideService
from node.services.reports.monthly import Monthly
from node.services.reports.periods import Periods
from node.services.reports.stories import Telling
from node.services.supervision.analysis import Analysing
from node.services.supervision.appeals import Appeals
from node.services.supervision.cards import Cards
from node.services.supervision.disclosing import Disclosing
from node.services.supervision.examining import Examining
from node.services.supervision.explaining import Explaining
from node.services.supervision.exporting import Exporting
from node.services.supervision.findings import Findings
from node.services.supervision.item_cards import ItemCards
from node.services.supervision.monitors import Monitors
from node.services.supervision.network import NetworkView
from node.services.supervision.order_cards import OrderCards
from node.services.supervision.orders import Orders
from node.services.supervision.oversight import Oversight
from node.services.supervision.prompts import Prompts
from node.services.supervision.proving import Proving
from node.services.supervision.rules import WatchRules
from node.services.supervision.saved import SavedViews
from node.services.supervision.shares import Sharing
from node.services.supervision.signals import Watching
from node.services.tree.hearing import Hearing
from node.services.tree.inbound import Inbound
from node.services.tree.keys import KeyFiles
from node.services.tree.membership import IssueCertificate, Membership
from node.services.tree.renewal import Renewal
from node.services.tree.runs import announce
from node.services.upkeep.administration import Administration
from node.services.upkeep.upkeep import Upkeep
from node.store.store import Clock, Store, Tx


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
        self.hearing = Hearing(store, self.catalog.calendar)
        self.inbound.talks.spoke = self.hearing.spoke
        self.public = GuideService(store, self.rules)
        self.papers = Papers(store, self.rules, secret)
        self.paper_changes = PaperChanges(self.papers)
        self.cases = Handling(store, self.rules, secret, self.public.meant, self.papers.issue_with)
        self.messages = Messages(store, self.rules, secret)
        self.intake = Intake(store, self.rules, secret)
        self.materials = Materials(store, self.rules, self.cases)
        self.staff = StaffService(store)
        self.tokens = self.staff.tokens
        self.people = People(store, self.staff)
        self.tree = Membership(store, keys, issue_certificate=certificates, reassign=reassign_after_revoke)
        self.renewal = Renewal(store, keys, self.tree)
        self.oversight = Oversight(store, self.rules)
        self.analysis = Analysing(store, self.rules)
        self.exporting = Exporting(store, self.rules)
        self.shares = Sharing(store, self.rules)
        self.editor = Editor(store, self.catalog)
        self.upkeep = Upkeep(store, self.catalog)
        self.administration = Administration(store, keys, self.tree, self.catalog, self.upkeep)
        self.findings = Findings(store, self.rules, secret)
        self.examining = Examining(store, secret)
        self.saved_views = SavedViews(store)
        self.monitors = Monitors(store, self.rules)
        self.explaining = Explaining(store, self.rules)
        self.cards = Cards(store, self.rules)
        self.proving = Proving(store, self.rules)
        self.watching = Watching(store, self.rules)
        self.disclosing = Disclosing(store, self.rules)
        self.watch_rules = WatchRules(store, self.rules)
        self.orders = Orders(store, self.rules, secret)
        self.order_cards = OrderCards(store, self.rules)
        self.item_cards = ItemCards(store, self.rules)
        self.appeals = Appeals(store, self.rules, secret)
        self.prompts = Prompts(store, self.rules, secret)
        self.telling = Telling(store, self.rules)
        self.reports = Monthly(store, self.rules, secret)
        self.periods = Periods(store, self.rules)
        self.report_mail = ReportMail(store)
        self.network = NetworkView(store, self.catalog, self.upkeep)
        self.timers = Timers(store, self.rules, self.custody)
        self.days = WorkingDays(store, self.catalog, self.timers)
        self.drafts = DraftService(store, self.rules, self.intake, self.materials)
        self.agent = AgentDesk(store, self.rules, self.cases, self.upkeep.pulse, self.public.rows)
        self.work = Workbench(store, self.rules, self.public.meant)
        self.receiving = Receiving(store, self.rules, self.cases)
        self.readings = Readings(store)
        self.notices = Notices(store, self.rules, self.public)
        self.news = News(store, self.rules, self.work.on_desk, lambda: MAIL in self.notices.sending.channels)
        self.texts = TextsService(store, self.rules)
        self.administration.troubles = lambda: self.notices.sending.troubles
        store.was_read = self.readings.note
        store.react = self.react
        self.catalog.attach()
        store.attach()

    def react(self, tx: Tx) -> None:
        """What this node does by itself about what a command wrote, in the same transaction."""
        self.custody.react(tx)
        self.messages.react(tx)

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

    def announce(self, software: str = SOFTWARE, features: Sequence[str] = FEATURES) -> None:
        """Write down what this node runs, when that is new; at each start of the process that serves it."""
        announce(self.store, software, features)

    # the clock ----------------------------------------------------------------------------------------------------

    def tick(self) -> int:
        """Look at the timers once; answers how many fired."""
        self.store.watch.keep()
        self.materials.uploads.sweep()
        self.drafts.sweep()
        self.drafts.sweep_folders()
        self.inbound.sweep_partials()
        self.hearing.tick()
        self.readings.sweep()
        fired = self.timers.tick()
        self.watching.tick()
        self.disclosing.tick()
        self.orders.tick()
        self.order_cards.tick()
        self.item_cards.tick()
        self.appeals.tick()
        self.telling.tick()
        self.reports.tick()
        return fired
