"""The makespan again, at a vendor that may be read ten times a second, as most say: looks must come when they pay."""

from tests.bench.makespan import one_run, span, stages
from tests.bench.table import Figure
from tests.engines import Template

READS_PER_SECOND = 10.0


def measure(template: Template) -> list[Figure]:
    run = one_run(template, reads=READS_PER_SECOND)
    return [*span(run), *stages(run)]
