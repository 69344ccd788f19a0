"""``components reproduce``: builds twice under conditions that must not matter, and compares bytes.

The second build runs later, in another folder, from a copied checkout whose files are of another
date, with other cores, time zone, locale, hash seed, order of directory entries and umask, and as
another user where that can be had; what cannot be varied here is said.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from components.core.errors import ComponentsError
from components.core.project import copy_checkout
from components.graph.command_line import add_config_option, configuration
from components.operate.compare import differences, products

OTHER_USER = 65534  # nobody
OLD_S = 1_000_000_000  # 2001-09-09


@dataclass(frozen=True)
class Conditions:
    """How one of the two builds is run."""

    cores: int
    environment: dict[str, str]
    umask: int
    file_times_s: int | None = None
    user: int | None = None
    prefix: tuple[str, ...] = ()


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--keep", action="store_true", help="leave both builds for inspection")


def run(args: argparse.Namespace) -> int:
    source = configuration(args).paths.source_sqlite
    folder = Path(tempfile.mkdtemp(prefix="components-reproduce-"))
    folder.chmod(0o755)
    try:
        first, second = folder / "a", folder / "elsewhere" / "b"
        plain, other, notes = conditions()
        for name, root, how in (("first", first, plain), ("second", second, other)):
            print(f"{name} build: {how.cores} cores, {_described(how)}", flush=True)
            build(root, args.configfile, source, how)
        for note in notes:
            print(f"not varied: {note}")
        return _report(first / "results", second / "results")
    finally:
        if args.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def conditions() -> tuple[Conditions, Conditions, list[str]]:
    """The two builds' conditions, and what this machine does not let us vary."""
    notes: list[str] = []
    plain = Conditions(1, {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}, 0o022)
    user, prefix = _other_user(notes)
    environment = {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": "4242"}
    return plain, Conditions(4, environment, 0o027, OLD_S, user, prefix), notes


def _other_user(notes: list[str]) -> tuple[int | None, tuple[str, ...]]:
    """Another user to run as, or the prefix of a command that makes a process believe it is one."""
    if os.geteuid() == 0 and _reachable(Path(sys.executable)):
        return OTHER_USER, ()
    if unshare := shutil.which("unshare"):
        # A namespace of its own: the same rights on files, another user to every question.
        prefix = (unshare, "--user", "--map-user=1000", "--map-group=1000")
        if not subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
            return None, prefix
    notes.append("the user (this Python is not open to others, and namespaces are not allowed)")
    return None, ()


def build(root: Path, overlays: list[Path], source: Path | None, how: Conditions) -> None:
    """One whole run from a copy of this checkout at ``root``, into ``root/results``.

    Raises :class:`ComponentsError` with the run's last lines where it fails.
    """
    # Copied in the opposite order, directories list their entries differently.
    copy_checkout(root, reverse=bool(how.prefix))
    if how.file_times_s is not None:
        for path in root.rglob("*"):
            os.utime(path, (how.file_times_s, how.file_times_s))
    overlay = root / "overlay.json"
    paths = {"cache_dir": "results", "source_sqlite": str(source.absolute()) if source else None}
    overlay.write_text(json.dumps({"paths": paths}))
    command = [*how.prefix, sys.executable, "-m", "snakemake", "--cores", str(how.cores)]
    command += ["--configfile", *(str(path.absolute()) for path in overlays), str(overlay)]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ATOPILE_COMPONENTS_", "COMPONENTS_RUN", "LC_", "LANG"))
    }
    environment |= how.environment | {"HOME": str(root), "PYTHONPATH": str(root / "src")}
    if how.user is not None:
        for path in (root, *root.rglob("*")):
            os.chown(path, how.user, how.user)
    done = subprocess.run(
        command,
        cwd=root,
        env=environment,
        umask=how.umask,
        user=how.user,
        group=how.user,
        extra_groups=[] if how.user is not None else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = " | ".join(done.stderr.strip().splitlines()[-12:])
        raise ComponentsError(f"the build in {root} failed: {tail}")


def _reachable(path: Path) -> bool:
    return all(
        folder.stat().st_mode & 0o005 == 0o005
        for file in (path, path.resolve())
        for folder in file.parents
    )


def _described(how: Conditions) -> str:
    words = [f"{name}={value}" for name, value in sorted(how.environment.items())]
    words += [f"umask {how.umask:03o}"]
    if how.user is not None:
        words.append(f"user {how.user}")
    if how.file_times_s is not None:
        words.append("files of 2001")
    words += [word for word in how.prefix if word.startswith("--map-user")]
    return ", ".join(words)


def _report(first: Path, second: Path) -> int:
    found = differences(first, second)
    for line in found:
        print(f"DIFFERS  {line}")
    count = len(products(first))
    print(f"{count - len(found)} of {count} products are the same bytes")
    return 1 if found or not count else 0
