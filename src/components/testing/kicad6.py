"""KiCad 6 for tests: the Python that has its module, and its schematic editor on a display.

KiCad 6 has no command line for symbols or schematics. Its editor opens a sheet, is told by keys to
turn everything on it, and saves: what it writes is what it read, by its own reader and writer.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.testing.extent import missing

WAIT_MAX_S = 240.0
TRY_S = 10.0
SETTINGS = {
    "kicad_common.json": '{"do_not_show_again": {"env_var_overwrite_warning": true},'
    ' "system": {"first_run_shown": true}}',
    "sym-lib-table": "(sym_lib_table)",
    "fp-lib-table": "(fp_lib_table)",
}
# A click would do something; the pointer only has to be over the sheet for the keys to be its.
TURN_AND_SAVE = "mousemove 600 350 key ctrl+a key r key ctrl+s"


@functools.cache
def kicad_python() -> str:
    """A Python that has KiCad's module; a failure in CI where there is none."""
    for python in (os.environ.get("PCBNEW_PYTHON"), sys.executable, "/usr/bin/python3"):
        probe = [python or sys.executable, "-c", "import pcbnew"]
        if not subprocess.run(probe, capture_output=True).returncode:
            return probe[0]
    return missing("no Python module pcbnew: apt-get install --no-install-recommends kicad")


def rewritten(folder: Path, sheet: str) -> str:
    """A schematic of KiCad 6 as its editor writes it again, everything on it turned.

    Skips the calling test where there is no KiCad 6 or no display, and fails it in CI. Raises
    AssertionError, with the windows that stand open, if the editor does not save in time.
    """
    editor = _editor()
    path = folder / "sheet.kicad_sch"
    path.write_text(sheet)
    path.with_suffix(".kicad_pro").write_text("{}")
    before = path.stat().st_ino
    settings = folder / "settings" / "6.0"
    settings.mkdir(parents=True)
    for name, text in SETTINGS.items():
        (settings / name).write_text(text)
    with _display(folder) as display:
        own = {"DISPLAY": display, "HOME": str(folder), "KICAD_CONFIG_HOME": str(settings.parent)}
        environment = {**os.environ, **own, "LC_ALL": "C.UTF-8"}
        environment.pop("PYTHONPATH", None)
        with (folder / "editor.log").open("wb") as log:
            started = subprocess.Popen([editor, path], env=environment, stdout=log, stderr=log)
        try:
            end = time.monotonic() + WAIT_MAX_S
            while time.monotonic() < end:
                windows = _keys(environment, "search --name ^sheet.*Schematic.Editor").split()
                if windows:
                    # Turning once more does no harm, if it was only slow.
                    _keys(environment, f"windowfocus {windows[-1]} {TURN_AND_SAVE}")
                    if _replaced(path, before):
                        return path.read_text()
                assert started.poll() is None, (folder / "editor.log").read_text()
                time.sleep(0.2)
            shown = _keys(environment, "search --name . getwindowname %@")
            raise AssertionError(f"KiCad 6 saved nothing; its windows: {shown}")
        finally:
            started.kill()
            started.wait()


def _editor() -> str:
    found = shutil.which("eeschema")
    if not (found and shutil.which("Xvfb") and shutil.which("xdotool")):
        return missing("no KiCad 6 and display: apt-get install kicad xvfb xdotool")
    said = subprocess.run(
        [kicad_python(), "-c", "import pcbnew; print(pcbnew.GetMajorMinorVersion())"],
        capture_output=True,
        text=True,
    )
    if said.stdout.split()[-1:] != ["6.0"]:
        return missing(f"this KiCad is {said.stdout.strip()}, not 6.0")
    return found


@contextmanager
def _display(folder: Path) -> Iterator[str]:
    """A display that nobody sees. It takes a free number itself, and says it once it is ready."""
    read, write = os.pipe()
    try:
        with (folder / "display.log").open("wb") as log:
            command = ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp"]
            command += ["-screen", "0", "1400x900x24"]
            server = subprocess.Popen(command, pass_fds=[write], stdout=log, stderr=log)
    finally:
        os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        assert number, (folder / "display.log").read_text()
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def _keys(environment: dict[str, str], words: str) -> str:
    """What xdotool says; nothing where it fails, as where a window is not there yet."""
    command = ["xdotool", *words.split()]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    return ran.stdout


def _replaced(path: Path, before: int) -> bool:
    """Whether another file took its place within ``TRY_S``: KiCad saves by renaming."""
    end = time.monotonic() + TRY_S
    while time.monotonic() < end:
        if path.stat().st_ino != before:
            return True
        time.sleep(0.1)
    return False
