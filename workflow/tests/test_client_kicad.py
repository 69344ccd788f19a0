"""KiCad 10's schematic editor finds parts in our HTTP library and our database library.

`make test-clients` prepares what it needs: a system with KiCad, a display and SQLite's ODBC driver,
whose folder ``COMPONENTS_KICAD`` names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from components.cad.answer import read_answer
from components.core.layout import Layout
from components.export.kicad_database import BEST_MAX, LIBRARY, export_parts
from components.export.kicad_library.command import export_library
from components.export.kicad_library.parts import read_parts
from components.kicad_names.library import PARTS, Drawings, read_library
from components.testing.kicad_library import snapshot_of_answers
from components.testing.library import shared_data
from components.testing.real import real_site
from components.testing.server import serving

SYSTEM = Path(os.environ.get("COMPONENTS_KICAD") or "/nowhere")
pytestmark = pytest.mark.skipif(not SYSTEM.is_dir(), reason="needs KiCad: `make test-clients`")

MEMORY_MAX_BYTES = 1.5e9
LISTED_MAX = 7000
DISPLAY = ":77"
# Those that the parts use: all of KiCad's own take more memory than the parts.
SYMBOLS = ("Device", "Transistor_BJT", "Transistor_FET", "Connector_Generic")
FOOTPRINTS = ("Resistor_SMD", "Capacitor_SMD", "Inductor_SMD", "Diode_SMD", "Package_TO_SOT_SMD")
SCHEMATIC = (
    '(kicad_sch (version 20250114) (generator "eeschema") (generator_version "9.0")'
    ' (uuid "5c4f3a5e-0000-4000-8000-000000000001") (paper "A4") (lib_symbols)'
    ' (sheet_instances (path "/" (page "1"))) (embedded_fonts no))'
)
HTTP_LIBRARY = """{"meta": {"version": 1.0}, "name": "Parts", "description": "", "source": {
"type": "REST_API", "api_version": "v1", "root_url": "http://127.0.0.1:%d/kicad", "token": "any",
"timeout_parts_seconds": 86400, "timeout_categories_seconds": 86400}}"""
COMMON = (
    '{"do_not_show_again": {"data_collection_prompt": true, "update_check_prompt": true},'
    ' "system": {"first_run_shown": true}}'
)


class Editor:
    """A running schematic editor, worked by keys."""

    def __init__(self, process_id: int, project: Path) -> None:
        self._process = Path("/proc") / str(process_id)
        self.project = project

    def keys(self, *words: str) -> str:
        command = ["chroot", str(SYSTEM), "env", f"DISPLAY={DISPLAY}", "xdotool", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=600).stdout

    def press(self, words: str) -> None:
        """What ``words`` do, and until the editor has taken it in."""
        self.keys(*words.split())
        self.settle()

    def choose(self, text: str) -> int:
        """Place the first part that a search for ``text`` finds; the number of parts listed."""
        self.keys("search", "--sync", "--name", "Schematic Editor", "windowactivate", "--sync")
        self.press("mousemove 800 350 sleep 1 click 1 sleep 1 key Escape")
        chooser = self._open_chooser()
        self.settle()
        listed = re.search(r"\((\d+) items", self.keys("getwindowname", chooser))
        # An earlier key may stand there already.
        self.keys("key", "ctrl+a")
        self.keys("type", "--delay", "120", text)
        self.settle()
        self.press("key Return")
        self.press("mousemove 850 400 sleep 1 click 1")
        self.press("key Escape")
        self.press("key ctrl+s")
        assert listed is not None
        return int(listed[1])

    def _open_chooser(self) -> str:
        """The window's number; a key that comes too early is lost, so it is pressed again."""
        for _ in range(20):
            self.keys("key", "a")
            for _ in range(15):
                time.sleep(1)
                if found := self.keys("search", "--name", "Choose Symbol").split():
                    return found[-1]
        raise AssertionError("the chooser never came")

    def settle(self) -> None:
        """Until it has been idle for some seconds, and is not waiting for a processor."""
        idle, last = 0, self._ticks()
        for _ in range(600):
            time.sleep(1)
            now = self._ticks()
            idle, last = (idle + 1 if now - last < 8 and not self._wants_to_run() else 0), now
            if idle >= 5:
                return
        raise AssertionError("the editor never came to rest")

    def _wants_to_run(self) -> bool:
        return self._stat()[0] == "R"

    def memory_bytes(self) -> int:
        """The most that it ever held."""
        status = (self._process / "status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def _ticks(self) -> int:
        return sum(map(int, self._stat()[11:13]))

    def _stat(self) -> list[str]:
        return (self._process / "stat").read_text().rpartition(")")[2].split()


@contextmanager
def editor(folder: Path, kind: str, library: str, ours: Path | None = None) -> Iterator[Editor]:
    """The editor on an empty schematic whose project has one library, ``library``; and ``ours``,
    the folder of an exported KiCad library."""
    inside = Path("/") / folder.relative_to(SYSTEM)
    settings = folder / "home" / ".config" / "kicad" / "10.0"
    settings.mkdir(parents=True)
    (settings / "kicad_common.json").write_text(COMMON)
    (settings / "design-block-lib-table").write_text("(design_block_lib_table (version 7))")
    _table(settings, "sym", SYMBOLS, "${KICAD10_SYMBOL_DIR}/%s.kicad_sym")
    _table(settings, "fp", FOOTPRINTS, "${KICAD10_FOOTPRINT_DIR}/%s.pretty")
    (folder / "t.kicad_sch").write_text(SCHEMATIC)
    (folder / "t.kicad_pro").write_text("{}")
    parts = f'(lib (name "Parts")(type "{kind}")(uri "{inside}/{library}")(options "")(descr ""))'
    table = (ours / "sym-lib-table").read_text() if ours else "(sym_lib_table (version 7)\n)"
    (folder / "sym-lib-table").write_text(table.rstrip()[:-1] + parts + ")\n")
    if ours:
        shutil.copy(ours / "fp-lib-table", folder)
    environment = ["env", f"DISPLAY={DISPLAY}", f"HOME={inside}/home", "LC_ALL=C.UTF-8"]
    environment += [f"COMPONENTS_LIBRARY=/{ours.relative_to(SYSTEM)}"] if ours else []
    started = []
    try:
        for words in (
            ["Xvfb", DISPLAY, "-screen", "0", "1400x900x24"],
            ["openbox"],
            ["eeschema", f"{inside}/t.kicad_sch"],
        ):
            with (folder / f"{words[0]}.log").open("wb") as log:
                command = ["chroot", str(SYSTEM), *environment, *words]
                started.append(subprocess.Popen(command, stdout=log, stderr=log))
            time.sleep(3)
        found = Editor(started[-1].pid, folder)
        found.keys("search", "--sync", "--name", "Schematic Editor")
        found.settle()
        yield found
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def _table(settings: Path, kind: str, names: tuple[str, ...], address: str) -> None:
    lines = (
        f'(lib (name "{name}") (type "KiCad") (uri "{address % name}") (options "") (descr ""))'
        for name in names
    )
    (settings / f"{kind}-lib-table").write_text(
        f"({kind}_lib_table (version 7)\n" + "\n".join(lines) + ")"
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the system of KiCad sees."""
    path = SYSTEM / "tmp" / "test_client_kicad"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    yield path
    shutil.rmtree(path)


def _check(started: Editor, listed_min: int) -> None:
    assert started.choose("100nF 0402") >= listed_min
    placed = (started.project / "t.kicad_sch").read_text()
    assert re.search(r'\(lib_id "Parts:(.*/)?100nF_0402_C\d+"\)', placed)
    assert re.search(r'"Footprint" "Capacitor_SMD:C_0402_1005Metric"', placed)
    assert re.search(r'"LCSC" "C\d+"', placed)
    assert started.memory_bytes() < MEMORY_MAX_BYTES


def test_parts_of_the_http_library_are_listed_and_placed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shared = real_site(tmp_path_factory)
    layout = Layout(tmp_path_factory.mktemp("kicad"))
    layout.snapshots.symlink_to(shared.snapshots)
    (layout.root / "lib").symlink_to(shared.root / "lib")
    with serving(layout) as server:
        server.wait_for(shared.current.resolve().name)
        (folder / "parts.kicad_httplib").write_text(HTTP_LIBRARY % server.port)
        with editor(folder, "HTTP", "parts.kicad_httplib") as started:
            _check(started, LISTED_MAX)


def test_parts_of_the_database_library_are_listed_and_placed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    current = real_site(tmp_path_factory).current
    name = current.resolve().name
    export_parts(current / "fast.sqlite", current / "detail.sqlite", folder / "export", name)
    with editor(folder, "Database", f"export/{LIBRARY}") as started:
        _check(started, BEST_MAX)


def test_a_part_that_only_our_library_draws_is_listed_and_placed(folder: Path) -> None:
    answers = [
        path.read_bytes()
        for path in sorted((shared_data() / "easyeda").glob("C*.json"), key=lambda p: p.name)[:12]
    ]
    numbers = [int(read_answer(body).lcsc[1:]) for body in answers]
    with tarfile.open(shared_data() / "step.tar.xz") as archive:
        model = archive.extractfile("step/R_0603.step")
        assert model is not None
        steps = [model.read()]
    families = dict.fromkeys(numbers, "opamp")
    snapshot = snapshot_of_answers(folder / "cache", answers, steps, families)
    parts = read_parts(snapshot.detail, snapshot.fast, "1")
    library = folder / "library"
    export_library(library, parts, snapshot.store, "2026-01-01-abc", "1")
    drawings = Drawings(read_library(library / PARTS))
    export_parts(snapshot.fast, snapshot.detail, folder / "export", "2026-01-01-abc", drawings)
    with editor(folder, "Database", f"export/{LIBRARY}", library) as started:
        number = numbers[0]
        # The package stands in the names of the listing alone, not in those of the library's own.
        assert started.choose(f"0402_C{number}") >= len(numbers)
        placed = (folder / "t.kicad_sch").read_text()
    assert re.search(rf'\(lib_id "Parts:(.*/)?[^"]*_0402_C{number}"\)', placed)
    drawn = drawings.of("opamp", {"lcsc_id": number, "package": ""})
    assert drawn is not None and f'"Footprint" "{drawn.footprint}"' in placed
