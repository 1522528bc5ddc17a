"""Generate the Python code beside `protos/tongban/v1/*.proto`, or check that the committed code is what would come out.

protoc (the one bundled with grpcio-tools, so that generator and runtime are pinned together) runs from the repository
root with `-I.`; the output then imports as `protos.tongban.v1.…` without touching sys.path. mypy-protobuf writes the
typed stubs. `--check` generates into a temporary directory and compares byte by byte, changing nothing; it exits 1 and
names every file that is missing, different or left over.

    .venv/bin/python scripts/gen_protos.py [--check]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.own_python import enter  # noqa: E402

enter(__name__)

PROTOS = Path("protos/tongban/v1")
GENERATED = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


def sources() -> list[str]:
    """The .proto files, relative to the repository root, in a fixed order."""
    return sorted(str(path.relative_to(ROOT).as_posix()) for path in (ROOT / PROTOS).glob("*.proto"))


def plugin(name: str) -> str:
    """The protoc plugin beside this interpreter, or the one on PATH. Raises SystemExit when neither is there."""
    beside = Path(sys.executable).parent
    found = shutil.which(name, path=str(beside)) or shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed: pip install mypy-protobuf")
    return found


def generate(out: Path) -> None:
    """Run protoc for every source into `out` (a directory that exists)."""
    command = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        "-I.",
        f"--plugin=protoc-gen-mypy={plugin('protoc-gen-mypy')}",
        f"--plugin=protoc-gen-mypy_grpc={plugin('protoc-gen-mypy_grpc')}",
        *(f"--{kind}_out={out}" for kind in ("python", "grpc_python")),
        *(f"--{kind}_out=quiet:{out}" for kind in ("mypy", "mypy_grpc")),
        *sources(),
    ]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for name in generated(out):  # a .proto without a service yields an empty grpc pair: noise
        if "_pb2_grpc." in name and not has_service(name):
            (out / PROTOS / name).unlink()


def has_service(generated_name: str) -> bool:
    stem = generated_name.partition("_pb2_grpc.")[0]
    return "\nservice " in (ROOT / PROTOS / f"{stem}.proto").read_text(encoding="utf-8")


def generated(base: Path) -> set[str]:
    return {path.name for pattern in GENERATED for path in (base / PROTOS).glob(pattern)}


def differences(fresh: Path) -> Iterator[str]:
    """One line per file of the tree that is not what protoc makes today."""
    for name in sorted(generated(fresh) | generated(ROOT)):
        new, old = fresh / PROTOS / name, ROOT / PROTOS / name
        if not old.exists():
            yield f"missing: {PROTOS / name}"
        elif not new.exists():
            yield f"left over: {PROTOS / name}"
        elif new.read_bytes() != old.read_bytes():
            yield f"differs: {PROTOS / name}"


def main() -> int:
    parser = argparse.ArgumentParser(description="generate the code beside the .proto files")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when something differs")
    options = parser.parse_args()
    if not options.check:
        generate(ROOT)
        return 0
    with tempfile.TemporaryDirectory(prefix="tongban-protos-") as scratch:
        generate(Path(scratch))
        found = list(differences(Path(scratch)))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
