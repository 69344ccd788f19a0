"""Mirrors a catalogue of electronic parts, and serves it to design tools.

The command ``components`` is a table of verbs, each in the module that does its work.

A verb's module has ``configure(parser)`` and ``run(args) -> int``. Modules are imported only when
their verb is called, since the workflow starts one process a job.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from components.core import run_lock
from components.core.errors import ComponentsError

# What a full, read-only or foreign disk says; anything else that fails is a defect of ours.
DISK_ERRORS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
}


# SQLite's own numbers for the same (https://sqlite.org/rescode.html): IOERR, FULL.
OF_SQLITE = {10: errno.EIO, 13: errno.ENOSPC}


class Verb(NamedTuple):
    module: str
    help: str


VERBS: dict[str, Verb] = {
    "plan": Verb("components.graph.plan", "what a run would do, and why"),
    "docs": Verb("components.operate.docs", "generated pages and schemas"),
    "graph": Verb("components.graph.draw", "the graph of rules as SVG"),
    "validate": Verb("components.operate.validate", "check config, paths and credentials"),
    "apply": Verb("components.operate.apply", "run the stages of workflow.mode"),
    "daily": Verb("components.operate.daily", "refresh the catalogue, then build what changed"),
    "status": Verb("components.operate.status", "states, manifest, snapshots, server health"),
    "clean": Verb("components.operate.clean", "the cache directory away, after asking"),
    "bom": Verb("components.operate.bom", "a bill of materials: parts, prices, alternates"),
    "changes": Verb("components.operate.changes", "what changed between two snapshots"),
    "smoke": Verb("components.operate.smoke", "end-to-end smoke test in a temporary folder"),
    "verify": Verb("components.operate.verify", "re-hash every object and snapshot file"),
    "reproduce": Verb("components.operate.reproduce", "build twice and compare every byte"),
    "upstream": Verb("components.bundled.command", "the bundled upstream on loopback"),
    "fetch": Verb("components.fetch.command", "the artifacts of single parts"),
    "fetch-catalogue": Verb("components.fetch.crawl.command", "source.sqlite from the JLC API"),
    "fetch-shard": Verb("components.fetch.shard", "one artifact group of one shard"),
    "convert-cad": Verb("components.fetch.convert_cad", "what is drawn from a shard's answers"),
    "fold-manifests": Verb("components.fetch.fold", "the shards' manifests as one"),
    "symbol": Verb(
        "components.cad.symbol.command", "saved EasyEDA answers as one KiCad symbol library"
    ),
    "footprint": Verb(
        "components.cad.footprint.command", "saved EasyEDA answers as KiCad footprints"
    ),
    "convert-glb": Verb("components.fetch.convert_glb", "STEP models of a shard as GLB"),
    "build-pick": Verb("components.transform.pick", "one family's pick table"),
    "build-fast": Verb("components.transform.fast", "fast.sqlite from the pick tables"),
    "build-detail": Verb("components.transform.detail", "detail.sqlite of all parts"),
    "build-search": Verb("components.transform.search", "search.sqlite: part numbers and words"),
    "build-metadata": Verb("components.transform.metadata", "metadata.json of a snapshot"),
    "validate-snapshot": Verb("components.transform.validate", "check a built snapshot"),
    "build-library": Verb("components.native.build", "compile liblookup from zig/"),
    "build-index": Verb("components.transform.index", "lookup.idx from fast.sqlite"),
    "publish": Verb("components.publish.publish", "seal a snapshot and swap `current`"),
    "rollback": Verb("components.publish.rollback", "`current` back to `previous`"),
    "prune": Verb("components.publish.prune", "remove what no kept snapshot needs"),
    "sync": Verb("components.publish.sync", "copy snapshots to another cache directory"),
    "serve": Verb("components.serve.command", "the HTTP server"),
    "pack": Verb("components.store.pack", "the store into packs, or files as it writes them"),
    "unpack": Verb("components.store.unpack", "packed files as they were"),
    "export": Verb("components.operate.export", "the exports of the configuration"),
    "export-kicad-database": Verb(
        "components.export.kicad_database", "a snapshot as a database library of KiCad"
    ),
    "export-parquet": Verb("components.export.parquet", "a snapshot's families as Parquet"),
    "export-kicad-library": Verb(
        "components.export.kicad_library.command", "a snapshot's parts as a KiCad library"
    ),
    "export-kicad-jlcpcb-tools": Verb(
        "components.export.kicad_jlcpcb_tools", "a snapshot for the plugin kicad-jlcpcb-tools"
    ),
    "bench": Verb("components.bench.command", "the benchmarks, as tables and JSON"),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "parts": ("fetch", "footprint", "symbol", "bom", "changes", "export"),
    "build and serve": ("apply", "daily", "plan", "validate", "serve", "smoke"),
    "look after it": (
        *("status", "verify", "rollback", "prune", "pack", "unpack", "sync", "clean"),
        *("graph", "upstream"),
    ),
    "work on it": ("bench", "docs", "reproduce"),
}
"""What people type, as ``--help`` shows it; every other verb is what the workflow runs."""
JOBS = "what the workflow runs, a job each"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code is 0, 1 for a failure with a message, or 2 for wrong usage."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = _parser(arguments[0] if arguments else "")
    args = parser.parse_args(arguments)
    run_lock.stop_with_run()
    # What everybody can write, nobody can trust; a group may share the cache.
    os.umask(os.umask(0o077) | 0o002)
    try:
        return int(args.run(args))
    except ComponentsError as error:
        print(f"components {args.verb}: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader left (`components status | head`); Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        named = f"{error.filename}: " if error.filename else ""
        print(f"components {args.verb}: {named}{error.strerror}", file=sys.stderr)
        return ComponentsError.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if (number := _of_disk(error)) is None:
            raise
        print(f"components {args.verb}: {error}: {os.strerror(number)}", file=sys.stderr)
        return ComponentsError.exit_code


def _of_disk(error: Exception) -> int | None:
    """What the system calls a disk's failure that SQLite has met, by either of its modules."""
    code = getattr(error, "sqlite_errorcode", None) or getattr(error, "result", None)
    return OF_SQLITE.get(code & 0xFF) if isinstance(code, int) else None


def _parser(wanted: str) -> argparse.ArgumentParser:
    about = f"{__doc__.splitlines()[0]}\n\n`components VERB --help` tells more."
    parser = argparse.ArgumentParser(
        prog="components",
        usage="components VERB ...",
        description=about,
        epilog=_listed(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    # The list below them has them in groups.
    verbs.help = argparse.SUPPRESS
    # A known verb is all there need be: making the other parsers takes as long as all else here.
    for name, verb in ({wanted: VERBS[wanted]} if wanted in VERBS else VERBS).items():
        child = verbs.add_parser(name, description=verb.help)
        if name == wanted:
            module = _module(verb)
            module.configure(child)
            child.set_defaults(run=module.run)
    return parser


def _listed() -> str:
    """The verbs in groups, a line each."""
    told = {name for names in GROUPS.values() for name in names}
    groups = {**GROUPS, JOBS: tuple(sorted(VERBS.keys() - told))}
    width = max(map(len, VERBS)) + 2
    lines = []
    for title, names in groups.items():
        lines += ["", f"{title}:"]
        lines += [f"  {name:{width}}{VERBS[name].help}" for name in names if name in VERBS]
    return "\n".join(lines[1:])


def _module(verb: Verb) -> Any:
    try:
        return importlib.import_module(verb.module)
    except ModuleNotFoundError as error:
        if error.name is None or not verb.module.startswith(error.name):
            raise
        print(f"components: not built yet: {verb.help}", file=sys.stderr)
        raise SystemExit(2) from None


def test_every_verb_explains_itself() -> None:
    import pytest

    for name in VERBS:
        with pytest.raises(SystemExit) as caught:
            main([name, "--help"])
        assert caught.value.code in (0, 2), name


def test_an_unknown_verb_is_wrong_usage() -> None:
    import pytest

    with pytest.raises(SystemExit) as caught:
        main(["frobnicate"])
    assert caught.value.code == 2


def test_a_disk_that_sqlite_finds_full_is_named_without_a_traceback() -> None:
    import sqlite3
    from contextlib import closing

    import apsw
    import pytest

    for connection, kind in (
        (sqlite3.connect(":memory:"), sqlite3.OperationalError),
        (apsw.Connection(":memory:"), apsw.FullError),
    ):
        with closing(connection):
            connection.execute("PRAGMA max_page_count = 2")
            with pytest.raises(kind) as caught:
                connection.execute("CREATE TABLE a AS SELECT hex(randomblob(9999))")
        assert _of_disk(caught.value) == errno.ENOSPC
    assert _of_disk(sqlite3.OperationalError("no such table")) is None


def test_help_says_what_it_is_for_and_shows_jobs_apart() -> None:
    shown = _parser("").format_help()
    about, _, verbs = shown.partition("parts:")
    assert __doc__.splitlines()[0] in about
    people, _, jobs = verbs.partition(JOBS)
    for name in VERBS:
        typed = any(name in names for names in GROUPS.values())
        assert f"\n  {name} " in (people if typed else jobs), name


def test_nothing_is_left_that_everyone_can_write(tmp_path: Path) -> None:
    import json
    import os
    import subprocess

    from components.testing.cad import answer_of

    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(answer_of()))
    words = [sys.executable, "-m", "components", "footprint", str(answer), "-o", "out/made"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(
        ["sh", "-c", 'umask 0; exec "$@"', "sh", *words],
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    made = [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    assert len(made) == 3 and not any(path.stat().st_mode & 0o002 for path in made)
