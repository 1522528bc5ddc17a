"""Build edge_ui/static/vendor/bootstrap-5.3.9.min.css: what we use of Bootstrap, with our colours. Development only.

    npm install bootstrap@5.3.9 sass@1.77     (in a folder FOLDER outside the repository)
    python scripts/bootstrap/build.py FOLDER

The result is committed: neither a node nor a test needs npm.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "edge_ui" / "static" / "vendor" / "bootstrap-5.3.9.min.css"
UNUSED = (
    r"\.(?:offset|row-cols)-",
    r"\.list-group-item-(?:info|dark|light|secondary|primary|success|danger|warning)",
    r"\.table-(?:info|dark|light|secondary|primary|success|danger)(?={)",
    r"\.col-xl-",
    r"\.list-group-horizontal",
    r"\.form-floating",
    r"\.(?:g[xy]?)-(?:md|lg|xl)-",
)


def build(folder: Path) -> str:
    """The style sheet made from FOLDER/node_modules/bootstrap, without the rules that no page uses."""
    shutil.copy(HERE / "tongban.scss", folder / "tongban.scss")
    command = ["npx", "sass", "--no-source-map", "--style=compressed", "--quiet-deps", "--quiet", "tongban.scss"]
    css = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    for selector in UNUSED:
        css = re.sub(r"(?<=[{}])" + selector + r"[^{},]*\{[^{}]*\}", "", css)  # whole rules of one selector
    return re.sub(r"@media[^{}]*\{\s*\}", "", css)


if __name__ == "__main__":
    TARGET.write_text(build(Path(sys.argv[1])), encoding="utf-8")
