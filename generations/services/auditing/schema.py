"""I16: the database's own catalogue has every constraint that truth here rests on."""

from collections.abc import Iterator

from generations.queries.schema import lacking
from generations.services.auditing.findings import Finding


def constraints(rule: str) -> Iterator[Finding]:
    """I16: each table has its keys, unique indexes and checks, as the models declare them."""
    for one in lacking():
        yield Finding(rule=rule, subject=one.subject, id=one.name, words=one.words)
