"""The data that ships with the program, and what of it a new root begins with.

A root without a calendar counts wrong days and says so nowhere that a clerk looks; so `init` and the wizard publish the
shipped calendar, and the limits of the law, as their first revision. The division table is that of one city: it is published
where the root's code lies in it. The catalog holds promises that no office has made, so it comes only when somebody asks for it.
"""

from __future__ import annotations

from pathlib import Path

import configs
from node.domain.catalog.limits import BOUNDS
from node.domain.model import SYSTEM
from node.domain.setup import Loaded
from node.services.catalog.catalog import CatalogService

DATA = Path(configs.__file__).parent
CALENDAR = DATA / "calendar" / "days-2024-2026.csv"
LIMITS = DATA / "rules" / "limits.toml"
DIVISIONS = DATA / "divisions" / "wuhan-4201.csv"
DIVISIONS_OF = "4201"  # the first digits of every code of that city
AUTHORITY = DATA / "authority" / "demo-wuhan.csv"  # made up, for the demo
CATALOG = DATA / "catalog" / "items-detailed.csv"


def furnish(service: CatalogService, code: str, *, with_catalog: bool) -> list[Loaded]:
    """Publish what a new root with this division code begins with; what was published. Raises storage errors."""
    service.import_calendar(CALENDAR.read_bytes(), SYSTEM)
    calendar = service.calendar()
    years = [calendar.first_year, calendar.last_year]
    found = [
        Loaded(kind="calendar", file=CALENDAR.name, rows=len(calendar.days), years=years),
    ]
    if code.startswith(DIVISIONS_OF):
        service.import_divisions(DIVISIONS.read_bytes(), SYSTEM)
        found.append(Loaded(kind="divisions", file=DIVISIONS.name, rows=len(service.divisions()), years=[]))
    service.import_rules(LIMITS.read_bytes(), SYSTEM)
    found.append(Loaded(kind="limits", file=LIMITS.name, rows=len(BOUNDS), years=[]))
    if with_catalog:
        items = service.import_csv(CATALOG.read_bytes(), SYSTEM)
        found.append(Loaded(kind="catalog", file=CATALOG.name, rows=items["items"], years=[]))
    return found
