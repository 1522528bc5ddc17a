"""What this program is called and which version it is: on lines, in entries and on pages."""

from __future__ import annotations

VERSION = "1.0.0"  # as pyproject.toml says; what 1.0 freezes: docs/changing.md, "After 1.0"
SOFTWARE = f"tongban-{VERSION}"  # a code, as facts are
