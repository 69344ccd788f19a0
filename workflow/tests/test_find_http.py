"""Search, parts, artifacts, families, bills of materials and changes over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from components.testing.server import Server, Site, first_part, serving

ROWS = 3
STEP = b"ISO-10303-21;\n" + bytes(range(33, 127)) * 20
RESISTOR = first_part("resistor", ROWS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    site = Site(tmp_path_factory.mktemp("site"))
    site.build("one", ROWS - 1)
    site.build("two", ROWS, artifacts=[{"model_step": STEP, "datasheet_pdf": b"%PDF-1.7\n"}])
    site.point("two")
    (site.layout.snapshots / "previous").symlink_to("one")
    with serving(site.layout) as server:
        server.wait_for("two")
        yield server


def test_search_finds_numbers_part_numbers_and_words(server: Server) -> None:
    for text, first in (
        (f"C{RESISTOR}", "resistor-0"),
        ("RESISTOR 1", "resistor-1"),
        ("resistor2", "resistor-2"),
        ("maker 0402 bjt", "bjt-0"),
    ):
        found = server.ask("GET", f"/v1/components/search?q={text.replace(' ', '%20')}").json
        assert found["components"][0]["part_number"] == first, text
        assert found["total"] == len(found["components"])
    found = server.ask("GET", "/v1/components/search?q=1R%200402&limit=2").json
    assert found["read_as"]["exact"] == {"resistance_ohm": 1.0} and found["total"] == 2
    found = server.ask("GET", "/v1/components/search?q=maker&family=led&in_stock=true").json
    assert {part["family"] for part in found["components"]} == {"led"}
    assert server.ask("GET", "/v1/components/search?q=frobnicator&basic=true").json["total"] == 0
    found = server.ask("GET", "/v1/components/search?q=maker%20frobnicator%20bjt").json
    assert found["left_out"] == ["frobnicator"]
    assert {part["family"] for part in found["components"]} == {"bjt"}
    assert server.ask("GET", "/v1/components/search?q=").json["components"] == []


def test_wrong_fields_are_named(server: Server) -> None:
    for path, status, field in (
        ("search", 422, "q"),
        ("search?q=x&limit=0", 422, "limit"),
        ("search?q=x&family=relay9", 422, "family"),
        (f"search?q={'x' * 201}", 422, "q"),
        ("nonsense", 422, "lcsc_id"),
        ("C999999999", 404, "lcsc_id"),
        (f"C{RESISTOR}/model_glb", 404, "artifact_type"),
        (f"C{RESISTOR}/nonsense", 422, "artifact_type"),
    ):
        answer = server.ask("GET", f"/v1/components/{path}")
        assert (answer.status, field in answer.json["detail"]) == (status, True), path
        assert answer.snapshot == "two"


def test_a_part_and_its_artifacts(server: Server) -> None:
    part = server.ask("GET", f"/v1/components/C{RESISTOR}").json
    assert part["part_number"] == "resistor-0" and part["parameters"]["resistance_ohm"] == 1.0
    assert part["attributes"] == {"Tolerance": "±1%"} and part["prices"] == []
    (path,) = [a["path"] for a in part["assets"] if a["artifact_type"] == "model_step"]
    whole = server.ask("GET", path)
    assert whole.body == STEP and whole.headers["content-type"].startswith("model/step")
    assert whole.headers["content-disposition"].endswith(f'"C{RESISTOR}_model_step.step"')
    etag = whole.headers["etag"]
    for headers, status, body in (
        ({"Range": "bytes=2-5"}, 206, STEP[2:6]),
        ({"Range": "bytes=-7"}, 206, STEP[-7:]),
        ({"Range": "bytes=99999-"}, 416, None),
        ({"Range": "bytes=0-1,4-5"}, 200, STEP),
        ({"If-None-Match": f'"x", {etag}'}, 304, b""),
        ({"If-None-Match": '"x"'}, 200, STEP),
        ({"Range": "bytes=2-5", "If-Range": '"x"'}, 200, STEP),
        ({"Range": "bytes=2-5", "If-Range": etag}, 206, STEP[2:6]),
    ):
        answer = server.ask("GET", path, headers=headers)
        assert answer.status == status, headers
        assert body is None or answer.body == body
        if status == 206:
            assert answer.headers["content-range"].endswith(f"/{len(STEP)}")
    head = server.ask("HEAD", path)
    assert (head.status, head.body, int(head.headers["content-length"])) == (200, b"", len(STEP))


def test_families_tell_columns_and_counts(server: Server) -> None:
    reply = server.ask("GET", "/v1/components/families").json
    resistor = next(each for each in reply["families"] if each["name"] == "resistor")
    assert resistor["parts"] == ROWS and resistor["packages"] == [{"value": "0402", "parts": ROWS}]
    column = next(each for each in resistor["columns"] if each["name"] == "resistance_ohm")
    assert (column["unit"], column["minimum"], column["maximum"]) == ("Ω", 1.0, 1.0)


def test_a_bill_of_materials_as_json_and_as_a_file(server: Server) -> None:
    line = {"designators": ["R1-R3"], "value": "1R", "footprint": "R_0402_1005Metric"}
    lines = [line, {"designators": ["U1"], "lcsc": f"C{RESISTOR}"}, {"designators": ["U2"]}]
    reply = server.ask("POST", "/v1/components/bom", {"boards": 2, "lines": lines}).json
    assert [one["why"] for one in reply["lines"]] == ["value", "lcsc", None]
    assert reply["lines"][0]["quantity"] == 6 and reply["lines"][2]["reason"]
    assert reply["totals"]["matched"] == 2
    text = "Designator;Comment;Footprint\nR1,R2;1R;R_0402_1005Metric\nC9;=1+1;\n"
    headers = {"Content-Type": "text/csv", "Accept": "text/csv"}
    answer = server.ask("POST", "/v1/components/bom?boards=5", text.encode("utf-16"), headers)
    rows = answer.body.decode().splitlines()
    assert answer.headers["content-type"].startswith("text/csv")
    assert rows[0] == "Comment,Designator,Footprint,LCSC Part #" and rows[2].startswith("'=1+1,C9")
    for body, kind, reason in (
        (b"\x00\x01\x02" * 999, "text/csv", "no text"),
        (b"a,b\n1,2\n", "text/csv", "no header row"),
        (b'{"lines": []}', "application/json", "lines"),
        (b'{"lines": [{"quantity": -1}]}', "application/json", "lines.0.quantity"),
        (json.dumps({"lines": [{}] * 2001}).encode(), "application/json", "lines"),
    ):
        answer = server.ask("POST", "/v1/components/bom", body, {"Content-Type": kind})
        assert answer.status == 422 and reason in answer.json["detail"], answer.body


def test_changes_are_paged(server: Server) -> None:
    found: list[str] = []
    after = ""
    while True:
        reply = server.ask("GET", f"/v1/changes?since=one&limit=7{after}").json
        found += [change["part_number"] for change in reply["changes"]]
        if reply["next"] is None:
            break
        after = f"&after={reply['next']}"
    whole = server.ask("GET", "/v1/changes?limit=1000").json
    assert found == [change["part_number"] for change in whole["changes"]] and len(found) > 7
    assert (whole["since"], whole["snapshot"]) == ("one", "two")
    assert server.ask("GET", "/v1/changes?since=three").status == 404
    assert server.ask("GET", "/v1/changes?since=..").status == 404
    assert server.ask("GET", "/v1/changes?after=x").status == 422


def test_hostile_texts_are_answered(server: Server) -> None:
    import random
    from urllib.parse import quote

    chance = random.Random(9)
    alphabet = "aR1%ΩµC0.\"'*()-^:{}[]\\ \t\n\x00\ud7ff\U0001f600=;,/|~<>&+ANDORNOT"
    for _ in range(300):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(1, 40)))
        path = f"/v1/components/search?q={quote(text)}"
        path += chance.choice(("", "&family=led", "&package=0402", f"&package={quote(text[:20])}"))
        answer = server.ask("GET", path)
        assert answer.status == 200, (text, answer.body)
        line = {"designators": [text], "value": text, "footprint": text, "mpn": text[:5]}
        asked = {"lines": [line, {"value": text[::-1], "lcsc": text}], "boards": 3}
        reply = server.ask("POST", "/v1/components/bom", asked)
        assert reply.status in (200, 422), (text, reply.body)
        data = f"Ref,Value,Package\n{text}\nR1,{text},0402\n".encode("utf-8", "replace")
        reply = server.ask("POST", "/v1/components/bom", data, {"Content-Type": "text/csv"})
        assert reply.status in (200, 422), (text, reply.body)


def test_hostile_paths_are_answered(server: Server) -> None:
    """Parts, artifacts, changes and families, by whatever a path and a query may hold."""
    import random
    from urllib.parse import quote

    chance = random.Random(10)
    alphabet = "C0123456789aZ_-.:/%\\\"'<>&=?#;~\t\n\x00\u00e9\U0001f600"
    names = ("C", f"C{RESISTOR}", str(RESISTOR), "C-1", "C0", "C" + "9" * 30, "families", "search")
    for _ in range(400):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(0, 24)))
        coded = quote(text, safe="")
        part = chance.choice((*names, coded))
        path = chance.choice(
            (
                f"/v1/components/{part}",
                f"/v1/components/{part}/{chance.choice(('model_step', 'datasheet_pdf', coded))}",
                f"/v1/changes?since={coded}",
                f"/v1/changes?since=one&after={coded}",
                f"/v1/changes?limit={coded}",
                f"/v1/components/families?{coded}",
                f"/v1/components/mfr/{coded}/{part}",
            )
        )
        ranges = {"Range": f"bytes={chance.randrange(99)}-{chance.randrange(9999)}"}
        for method in ("GET", "HEAD"):
            answer = server.ask(method, path, headers=chance.choice((None, ranges)))
            assert answer.status in (200, 206, 304, 400, 404, 405, 416, 422), (path, answer.body)
