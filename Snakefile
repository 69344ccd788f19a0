"""Component database: source -> fetch -> transform -> lookup -> publish."""
from snakemake.utils import min_version

min_version("9.0")


configfile: f"{workflow.basedir}/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/source.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/transform.smk"
include: "workflow/rules/lookup.smk"
include: "workflow/rules/publish.smk"
include: "workflow/rules/export.smk"


GRAPH.remember()


rule all:
    default_target: True
    input:
        planned(lambda plan, wildcards: GRAPH.targets()),
