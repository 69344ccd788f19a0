"""The real atopile 0.15.7 builds a board from our server and our cache, without a network.

`make test-clients` prepares what it needs (a system with Python 3.14, atopile in it), and runs this
where nothing but loopback can be reached.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from components.testing.fetch import Asked, Reply, service
from components.testing.operate import Server, Site
from components.testing.real import make_source
from components.testing.real_cad import answer_files, easyeda

DATA = Path(__file__).parent / "data" / "atopile"
RECORD = DATA / "requests.json"
# By type, by manufacturer and by number; each with a real answer of EasyEDA.
ON_THE_BOARD = {"C23186", "C1686", "C1046", "C8598", "C2929994"}
# What tells one machine from another in what the client sends.
UNSTABLE = ("host", "content-length", "connection", "accept-encoding")

SYSTEM = os.environ.get("COMPONENTS_ATOPILE")
pytestmark = pytest.mark.skipif(not SYSTEM, reason="needs atopile: `make test-clients`")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose snapshot has the real parts of which there is an answer of EasyEDA."""
    site = Site(tmp_path_factory.mktemp("atopile"))
    make_source(site.source, answer_files())
    changes = {"paths": {"source_sqlite": str(site.source)}, "stage1": {"enabled": False}}
    site.configure(changes)
    site.take_library()
    site.must("apply", "--cores", "2")
    return site


def test_a_project_builds_offline_and_its_parts_are_on_the_board(
    site: Site, tmp_path: Path
) -> None:
    with _project() as project:
        with easyeda() as base:
            site.configure({"upstream": _upstream(base)})
            told = site.must(
                "fetch", "--atopile-cache", str(project), *sorted(ON_THE_BOARD)
            ).splitlines()
        assert "5 of 5 parts, 5 with a 3D model" in told[-1]
        with site.serving() as server:
            server.wait_for(site.current())
            with _recorded(server) as (address, sent):
                done = _python(project, address, "-m", "atopile", "build")
        (tmp_path / "transcript.txt").write_text("\n".join([*told, done]))
        assert "Build successful" in done, done
        board = (project / "layouts" / "default" / "default.kicad_pcb").read_text()
        assert set(re.findall(r'"LCSC" "(C\d+)"', board)) == ON_THE_BOARD
        assert board.count("(footprint ") == len(ON_THE_BOARD)
        shutil.copytree(project, tmp_path / "built", symlinks=True)
    _compare(sent)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("C2929994", "C999999", "C999999 is not in the catalogue"),
        ("B5819W SL", "B5819X", "no part B5819X of Changjiang Electronics Tech is in the"),
        ("10uH +/- 20%", "3.3pH +/- 1%", "No candidates found"),
    ],
)
def test_what_is_not_there_is_told_as_the_client_tells_it(
    site: Site, was: str, becomes: str, told: str
) -> None:
    with _project() as project:
        main = project / "main.ato"
        source = main.read_text()
        assert was in source
        main.write_text(source.replace(was, becomes))
        with easyeda() as base:
            site.configure({"upstream": _upstream(base)})
            site.must("fetch", "--atopile-cache", str(project), *sorted(ON_THE_BOARD))
        with site.serving() as server:
            server.wait_for(site.current())
            done = _python(project, f"http://127.0.0.1:{server.port}", "-m", "atopile", "build")
    assert "Build failed" in done and told in " ".join(done.split()), done


# What atopile does with an answer before it looks at the design: from its cache, and as it came.
READ = """
import json, pathlib
from faebryk.libs.picker.lcsc import EasyEDAAPIResponse
from easyeda2kicad.easyeda.easyeda_importer import (
    EasyedaFootprintImporter, EasyedaSymbolImporter)

def read(kind, path, load):
    try:
        answer = load(path)
        footprint = EasyedaFootprintImporter(easyeda_cp_cad_data=answer.raw()).get_footprint()
        EasyedaSymbolImporter(easyeda_cp_cad_data=answer.raw()).get_symbol()
        assert answer.mfn_pn[1] and answer.query_time
        model = footprint.model_3d
        assert kind == "came" or not model or path.with_name(f"{model.name}.step").exists()
        print(kind, path.stem)
    except Exception as error:
        print("fails", kind, path.stem, type(error).__name__, " ".join(str(error).split()))

def came(path):
    return EasyEDAAPIResponse.from_api_dict(json.loads(path.read_bytes())["result"])

for path in sorted(pathlib.Path("build/cache/parts/easyeda").glob("C*/C*.json")):
    read("cache", path, EasyEDAAPIResponse.load)
for path in sorted(pathlib.Path("answers").glob("C*.json")):
    read("came", path, came)
"""


def test_what_the_client_reads_of_real_answers_it_reads_from_the_cache(site: Site) -> None:
    with _project() as project, easyeda() as base:
        site.configure({"upstream": _upstream(base)})
        numbers = [f"C{number}" for number in sorted(answer_files())]
        told = site.must("fetch", "--atopile-cache", str(project), *numbers).splitlines()
        assert f"{len(numbers)} of {len(numbers)} parts" in told[-1]
        (project / "answers").mkdir()
        for path in answer_files().values():
            shutil.copy(path, project / "answers")
        done = _python(project, "http://127.0.0.1:9", "-c", READ)
    words = [line.split() for line in done.splitlines()]
    cached, came = ({w[1] for w in words if w[0] == kind} for kind in ("cache", "came"))
    # What an answer lacks for it, and a model that it could not read, the cache mends.
    assert came < cached <= set(numbers), done
    assert len(came) >= 0.9 * len(numbers)


def _upstream(base: str) -> dict[str, Any]:
    return {
        "kind": "live",
        "easyeda_base_url": base,
        "easyeda_modules_base_url": base,
        "allowed_private_hosts": ["127.0.0.1"],
    }


@contextmanager
def _project() -> Iterator[Path]:
    """The project's sources in a folder of the prepared system."""
    assert SYSTEM
    project = Path(SYSTEM) / "home" / "user" / "project"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(DATA / "project", project)
    try:
        yield project
    finally:
        shutil.rmtree(project, ignore_errors=True)


def _python(project: Path, address: str, *words: str) -> str:
    """Run the prepared system's Python in the project; what it says."""
    assert SYSTEM
    inside = "/" + str(project.relative_to(SYSTEM))
    command = ["chroot", SYSTEM, "env", "-i", "HOME=/home/user", "PATH=/opt/atopile/bin:/usr/bin"]
    command += ["PYTHONPATH=/opt/atopile", "LANG=C.UTF-8", "CI=1", "NO_COLOR=1", "COLUMNS=100"]
    command += [
        f"ATO_SERVICES_COMPONENTS_URL={address}",
        "sh",
        "-c",
        f'cd {inside} && exec "$0" "$@"',
    ]
    done = subprocess.run(
        [*command, "python3", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    return done.stdout


@contextmanager
def _recorded(server: Server) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A way to the server on which everything that is sent is written down."""
    sent: list[dict[str, Any]] = []

    def answer(asked: Asked) -> Reply:
        headers = {k: v for k, v in asked.headers.items() if k not in UNSTABLE}
        body = json.loads(asked.body) if asked.body else None
        sent.append({"method": asked.method, "path": asked.path, "headers": headers, "body": body})
        status, found, content = server.get(asked.path, asked.body or None)
        return status, {"Content-Type": found["content-type"]}, content

    with service(answer) as address:
        yield address, sent


def _compare(sent: list[dict[str, Any]]) -> None:
    """What the client sent is what the protocol's tests send."""
    if os.environ.get("COMPONENTS_RECORD"):
        RECORD.write_text(json.dumps(sent, indent=1, sort_keys=True) + "\n")
    recorded = json.loads(RECORD.read_text())
    assert [_stable(one) for one in sent] == [_stable(one) for one in recorded]


def _stable(request: Mapping[str, Any]) -> dict[str, Any]:
    agent = request["headers"]["user-agent"].partition(" ")[0]
    return {**request, "headers": {**request["headers"], "user-agent": agent}}
