"""I18: what vendors took is in the report of their costs, whether somebody paid for it or not."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from generations.models import Attempt, Generation
from generations.models.generation.trail import TAKEN
from generations.services.auditing.findings import Finding


def costs(rule: str) -> Iterator[Finding]:
    """I18: work a vendor took has its accepted attempt, the line of its cost, and that says what the vendor said."""
    taken = Attempt.objects.filter(outcome__in=TAKEN)
    hidden = Generation.objects.exclude(vendor_task_id="").filter(
        ~Exists(taken.filter(generation=OuterRef("pk")).order_by())
    )
    for pk in hidden.order_by("pk").values_list("pk", flat=True):
        words = "was taken by its vendor, and no accepted attempt says what that cost"
        yield Finding(rule=rule, subject="generation", id=str(pk), words=words)
    told = taken.filter(generation__vendor_cost__isnull=False)
    unlike = told.filter(Q(vendor_cost=None) | ~Q(vendor_cost=F("generation__vendor_cost")))
    yield from _attempts(rule, unlike, "does not say the cost its vendor told")
    yield from _attempts(rule, taken.filter(vendor_cost__lt=0), "says a cost below nothing")


def _attempts(rule: str, rows: QuerySet[Attempt], words: str) -> Iterator[Finding]:
    for pk, generation in rows.order_by("pk").values_list("pk", "generation"):
        yield Finding(rule=rule, subject="attempt", id=str(pk), words=f"of generation {generation} {words}")
