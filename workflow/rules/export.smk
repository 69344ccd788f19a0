"""Exports. Need a published snapshot; make its files for other programs, on demand: `make export`.

A snapshot never changes, so that an export is made again only for another one, or other code.
"""

from components.export import kicad_jlcpcb_tools, readme
from components.export.kicad_library import command as kicad_library
from components.graph import exports
from components.kicad_names.library import PARTS

EXPORTS = f"{CACHE}/exports/{{snapshot}}"
SNAPSHOT = f"{CACHE}/snapshots/{{snapshot}}"


rule export_parquet:
    input:
        fast=ancient(f"{SNAPSHOT}/fast.sqlite"),
    output:
        exports.files_of("parquet", EXPORTS),
    params:
        code=GRAPH.code("export_parquet"),
        folder=lambda wildcards, output: os.path.dirname(output[0]),
    log:
        f"{CACHE}/logs/export_parquet/{{snapshot}}.log",
    conda:
        "../../envs/conda.yaml"
    message:
        "writing snapshot {wildcards.snapshot} as Parquet"
    shell:
        f"{PYTHON} export-parquet --fast {{input.fast:q}} --snapshot {{wildcards.snapshot:q}}"
        " --output {params.folder:q} 2>&1 | tee {log:q} >&2"


rule export_kicad_database:
    input:
        fast=ancient(f"{SNAPSHOT}/fast.sqlite"),
        detail=ancient(f"{SNAPSHOT}/detail.sqlite"),
        drawn=[f"{EXPORTS}/kicad_library/{PARTS}"] if GRAPH.config.exports.kicad_library else [],
    output:
        exports.files_of("kicad_database", EXPORTS),
    params:
        drawn=lambda wildcards, input: f"--kicad-library {shlex.quote(str(input.drawn))}" if input.drawn else "",
        code=GRAPH.code("export_kicad_database"),
        folder=lambda wildcards, output: os.path.dirname(output[0]),
    log:
        f"{CACHE}/logs/export_kicad_database/{{snapshot}}.log",
    conda:
        "../../envs/conda.yaml"
    message:
        "writing snapshot {wildcards.snapshot} as a KiCad database library"
    shell:
        f"{PYTHON} export-kicad-database --fast {{input.fast:q}} --detail {{input.detail:q}}"
        " {params.drawn} --snapshot {wildcards.snapshot:q} --output {params.folder:q}"
        " 2>&1 | tee {log:q} >&2"


rule export_kicad_library:
    input:
        detail=ancient(f"{SNAPSHOT}/detail.sqlite"),
        fast=ancient(f"{SNAPSHOT}/fast.sqlite"),
        library=ancient(LIBRARY),
    output:
        [f"{EXPORTS}/kicad_library/{name}" for name in kicad_library.FILES],
        [directory(f"{EXPORTS}/kicad_library/{name}") for name in kicad_library.FOLDERS],
    params:
        where=GRAPH.config.exports.kicad_library_where,
        code=GRAPH.code("export_kicad_library"),
        folder=lambda wildcards, output: os.path.dirname(output[0]),
    log:
        f"{CACHE}/logs/export_kicad_library/{{snapshot}}.log",
    conda:
        "../../envs/conda.yaml"
    message:
        "writing snapshot {wildcards.snapshot} as a KiCad library"
    shell:
        f"{PYTHON} export-kicad-library --detail {{input.detail:q}} --fast {{input.fast:q}}"
        f" --objects {CACHE_ARG}/objects --library {{input.library:q}}"
        " --where {params.where:q} --snapshot {wildcards.snapshot:q}"
        " --output {params.folder:q} 2>&1 | tee {log:q} >&2"


rule export_kicad_jlcpcb_tools:
    input:
        detail=ancient(f"{SNAPSHOT}/detail.sqlite"),
    output:
        parts=f"{EXPORTS}/kicad_jlcpcb_tools/{kicad_jlcpcb_tools.FILE}",
        readme=f"{EXPORTS}/kicad_jlcpcb_tools/{readme.NAME}",
    params:
        code=GRAPH.code("export_kicad_jlcpcb_tools"),
    log:
        f"{CACHE}/logs/export_kicad_jlcpcb_tools/{{snapshot}}.log",
    conda:
        "../../envs/conda.yaml"
    message:
        "writing snapshot {wildcards.snapshot} for kicad-jlcpcb-tools"
    shell:
        f"{PYTHON} export-kicad-jlcpcb-tools --detail {{input.detail:q}}"
        " --snapshot {wildcards.snapshot:q} --output {output.parts:q} 2>&1 | tee {log:q} >&2"


rule export:
    input:
        lambda wildcards: exports.targets(GRAPH.config.exports, GRAPH.layout),
    message:
        "the exports are there"
