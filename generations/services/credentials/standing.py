"""How credentials stand at this moment: what they have in use, what still runs, whether their key can be used."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from generations import connections, limits, providers
from generations.models import Credential, CredentialState, Generation, State, Team
from generations.queries.credentials import Standing, Trouble, Use, refusals_of
from generations.queries.credentials.calls import Refusals
from generations.services.credentials import retiring
from generations.services.credentials.proving import being_proved
from generations.vault import Unreadable


def tests_of(team: Team) -> dict[int, bool]:
    """Which tests of the keys it may use were asked for and not answered, as `being_proved` says it.

    Read this before the keys: a test that ends in between is then waited for once more, instead of being left out.
    """
    usable = Credential.objects.filter(Q(team=team) | Q(team=None)).exclude(state=CredentialState.RETIRED)
    return being_proved(list(usable.values_list("pk", flat=True)))


def standing_of(
    credentials: Sequence[Credential], *, moment: datetime, asked: Mapping[int, bool] | None = None
) -> dict[int, Standing]:
    """Each of them by its key; `asked` is what `tests_of` said before they were read."""
    loads = limits.loads_of(credentials, moment=moment, across_teams=False)
    live = Generation.objects.live().filter(credential__in=[one.pk for one in credentials])
    running = dict(live.values_list("credential").annotate(number=Count("pk")))
    if asked is None:
        asked = being_proved([one.pk for one in credentials])
    worked = _worked([one for one in credentials if one.proved is None])
    kept = _kept_for_drawings([one for one in credentials if not one.takes_work])
    refusals = refusals_of(credentials, moment=moment)
    return {
        one.pk: Standing(
            trouble=_trouble(one),
            uses=_uses(one, loads),
            live=running.get(one.pk, 0),
            has_worked=one.pk in worked,
            has_drawings=one.pk in kept,
            is_tested=asked.get(one.pk, False),
            is_unanswered=asked.get(one.pk) is False,
            refusals=refusals.get(one.pk, Refusals()),
        )
        for one in credentials
    }


def _worked(unproved: Sequence[Credential]) -> set[int]:
    """Which of these made a picture."""
    made = Generation.objects.filter(credential=OuterRef("pk"), state=State.SUCCEEDED)
    rows = Credential.objects.filter(Exists(made), pk__in=[one.pk for one in unproved])
    return set(rows.values_list("pk", flat=True)) if unproved else set()


def _kept_for_drawings(given_up: Sequence[Credential]) -> set[int]:
    """Which of these outlive their last work, because of what they drew."""
    if not given_up:
        return set()
    replaced = set(Credential.objects.filter(replaces__in=given_up).values_list("replaces", flat=True))
    return retiring.with_drawings(one for one in given_up if one.pk in replaced)


def _trouble(credential: Credential) -> Trouble:
    try:
        connections.account_of(credential)
    except connections.KeyForAnotherHost:
        return Trouble.OTHER_HOST
    except Unreadable:
        return Trouble.UNREADABLE
    return Trouble.NONE


def _uses(credential: Credential, loads: limits.Loads) -> list[Use]:
    """One for each group of offers that share limits, in the vendor's order."""
    vendor = providers.PROVIDERS.get(credential.provider)
    groups: dict[str, list[str]] = {}
    most = {}
    for offer in vendor.offers if vendor else ():
        groups.setdefault(offer.limit_group, []).append(offer.label)
        most[offer.limit_group] = limits.limits_of(credential, offer)
    return [
        Use(
            offers=tuple(labels),
            running=loads.running[credential.pk, group],
            running_max=most[group].running,
            hourly=loads.hourly[credential.pk, group],
            hourly_max=most[group].hourly,
        )
        for group, labels in groups.items()
    ]
