"""Finding out what a key is worth without spending anything: asked for by a person, done by a worker, told in words.

Only one test of a key is under way at a time; one that no worker takes up in time is called unanswered. A test is a
read of the vendor's account: those of one account take turns, in the part of its reads that the pump leaves to them.
"""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.db.models import F, Q

from generations import connections, limits, providers, queue
from generations.models import Alert, BalanceReading, Credential, CredentialState, Lease, clock
from generations.providers.base import Busy, Fault, KeyRefused, Proof, Provider, ProviderError, Unsupported
from generations.providers.http import HttpDoor
from generations.services.credentials import comparing
from generations.services.pumping.paces import kept_for_tests
from generations.services.pumping.verdicts import ends
from generations.vault import Unreadable

log = logging.getLogger(__name__)

ANSWER_SECONDS_MAX = 30
"""For so long a page waits for the worker."""
PROBE_SECONDS_MAX = 20
TURN_SECONDS_MAX = 8
"""For so long a test waits for others of the same account."""
TURN_SECONDS_BETWEEN_TRIES = 0.1
BEFORE_THE_END = timedelta(seconds=90)
"""So long before the rest of an empty account ends it is asked again."""
BALANCE_MAX = Decimal(10) ** 12
BALANCE_STEP = Decimal("0.0001")
UNREADABLE = "The key cannot be opened any more. Enter it again."


class NoTurn(Exception):
    """Other keys of the same account are being tested."""


def ask_for_proof(credential: Credential) -> bool:
    """Have a worker test the key; False when that is under way already."""
    return _ask_for_proof(credential)


def _ask_for_proof(credential: Credential, **how: str) -> bool:
    if Lease.objects.take(_name(credential.pk), seconds=ANSWER_SECONDS_MAX) is None:
        return False
    queue.later("prove", credential=credential.pk, **how)
    return True


def being_proved(keys: list[int]) -> dict[int, bool]:
    """Which of these tests were asked for and not answered: True while there is time, False when it is over."""
    names = {_name(pk): pk for pk in keys}
    asked = Lease.objects.filter(name__in=names).exclude(token="").values_list("name", "until")
    return {names[name]: until >= clock.now() for name, until in asked}


def prove(*, credential: int | str, unasked: bool = False) -> None:
    """Ask the vendor, write down what that showed, and let the key rest or work accordingly.

    With `unasked` no person waits for it: one that got no turn proves nothing, and comes again. Nor did a person fill
    the account up: what is there makes a key no more than worth a try, by one order when its rest is over.
    """
    row = Credential.objects.exclude(state=CredentialState.RETIRED).filter(pk=credential).first()
    if row is None:
        return
    try:
        proof = _proof_of(row)
    except NoTurn:
        if unasked:
            _answered(row)
            return
        proof = Proof(works=None, words="Other keys of this account are being tested. Test again in a minute.")
    row.refresh_from_db()  # the answer took its time, and orders were answered meanwhile
    # First what it means for the key: whether a balance rose is told by the one before.
    if proof.works is False:
        _rest(row, Fault.CREDENTIALS)
    elif proof.works and _is_too_little(row, proof.balance, unasked=unasked):
        _rest(row, Fault.OUT_OF_FUNDS)
    elif proof.works and not unasked:
        forgive(row)
    row.keep_proof(works=proof.works, words=proof.words, balance=proof.balance, answered_ms=proof.answered_ms)
    if proof.balance is not None:
        BalanceReading.objects.create(credential=row, amount=proof.balance)
    _answered(row)
    log.info("credential %s was tested: %s", row.pk, {True: "works", False: "refused", None: "no verdict"}[proof.works])


def _is_too_little(row: Credential, left: Decimal | None, *, unasked: bool) -> bool:
    """Whether the account is empty, or, where it was found empty before, as good as that: no order is to be tried.

    Something is tried where there is more than at the last reading since, or enough for the cheapest order whose cost
    is known; and where neither can be told.
    """
    if left is None or left <= 0:
        return left is not None
    if not unasked or not row.is_out_of_money:
        return False
    read_since = row.balance_at and row.last_error_at and row.balance_at >= row.last_error_at
    before = row.balance if read_since else None
    if before is not None and left > before:
        return False
    offers = providers.get(row.provider).offers
    costs = [one.vendor_cost for one in offers if one.vendor_cost is not None and one.key not in row.offers_off]
    return left < min(costs) if costs else before is not None


def ask_the_empty() -> int:
    """Have those tested whose account was empty and whose rest is about to end, so that no order has to find out.

    Once for each rest; says how many. Vendors that tell no balance are asked by the next order instead.
    """
    tell = [vendor.key for vendor in providers.PROVIDERS.values() if vendor.tells_balance()]
    rested = Credential.objects.out_of_money().exclude(state=CredentialState.RETIRED)
    rested = rested.filter(
        Q(proved_at=None) | Q(proved_at__lt=F("paused_until") - 2 * BEFORE_THE_END),
        provider__in=tell,
        paused_until__lte=clock.now() + BEFORE_THE_END,
    )
    return sum(_ask_for_proof(row, unasked="1") for row in rested.order_by("pk"))


def ask_balances() -> int:
    """Have every vendor's account in use asked once what is left, to be held against what work cost. Says how many."""
    tell = [vendor.key for vendor in providers.PROVIDERS.values() if vendor.needs_key and vendor.tells_balance()]
    kept = list(Credential.objects.exclude(state=CredentialState.RETIRED).filter(provider__in=tell))
    numbers = limits.account_numbers(kept)
    newest = {numbers[row.pk]: row.pk for row in sorted(kept, key=lambda row: row.pk)}
    for pk in newest.values():
        queue.later("read_balance", credential=pk)
    return len(newest)


def read_balance(*, credential: int | str) -> None:
    """Write down what is left on this key's account, for every row of it, and hold it against our cost: no test.

    No key heals or rests by it, and no proof changes. An account that cannot be asked now is asked the next night.
    """
    kept = Credential.objects.exclude(state=CredentialState.RETIRED)
    row = kept.filter(pk=credential).first()
    if row is None:
        return
    try:
        left = _proof_of(row).balance
    except NoTurn:
        left = None
    if left is None:
        log.info("credential %s: its balance could not be read", row.pk)
        return
    moment = clock.now()
    same = list(kept.filter(pk__in=limits.accounts_of([row])[row.pk]))
    for one in same:
        one.keep_balance(left, at=moment)
    BalanceReading.objects.bulk_create(BalanceReading(credential=one, amount=left, at=moment) for one in same)
    comparing.compare(row)


def forgive(row: Credential) -> None:
    """Whatever its vendor held against this key is over, and staff need not hear of it any more."""
    row.heal()
    Alert.objects.resolve("credential", subject=f"credential:{row.pk}")
    _take_orders(row)


def try_again(*, provider: str, offer: str) -> None:
    """Have this ordered again on every key it was refused on: whoever runs the studio put it on sale again."""
    refused = Credential.objects.filter(provider=provider, offers_off__has_key=offer)
    for row in refused.exclude(state=CredentialState.RETIRED).order_by("pk"):
        _take_orders(row, only=offer)


def _take_orders(row: Credential, *, only: str = "") -> None:
    for offer in row.turn_on(only=only):
        Alert.objects.resolve("offer", subject=f"credential:{row.pk}:{offer}")


def _rest(row: Credential, fault: Fault) -> None:
    """As when an order was refused; only that here somebody asked, so it is no error of ours and lengthens nothing."""
    row.rest(seconds=ends.REST_SECONDS[fault], because=ends.REST_BECAUSE[fault], grows=False)
    words = f"{row}: {ends.REST_BECAUSE[fault]} A test showed it. Work goes to other keys, or waits."
    Alert.objects.tell("credential", subject=f"credential:{row.pk}", words=words)


def _proof_of(row: Credential) -> Proof:
    """Every way this can end, as a proof; raises NoTurn where the vendor could not be asked at all."""
    vendor = providers.PROVIDERS.get(row.provider)
    if vendor is None:
        return Proof(works=None, words="This version of the studio does not know this vendor any more.")
    if not vendor.needs_key:
        return Proof(works=True, words=f"{vendor.label} needs no key. It is ready.")
    try:
        account = connections.account_of(row)
    except connections.KeyForAnotherHost:
        return Proof(works=None, words="The vendor’s address changed since the key was entered. Enter it again.")
    except Unreadable:
        return Proof(works=None, words=UNREADABLE)
    with _turn(row, vendor):
        return _cleaned(asyncio.run(_ask(vendor, account)))


@contextmanager
def _turn(row: Credential, vendor: type[Provider]) -> Iterator[None]:
    """Wait until no other test asks at this account, nor did so just now. Raises NoTurn when that takes too long."""
    name = f"test:{limits.account_numbers([row])[row.pk]}"
    last = time.monotonic() + TURN_SECONDS_MAX
    while (token := Lease.objects.take(name, seconds=PROBE_SECONDS_MAX + 5)) is None:
        if time.monotonic() >= last:
            raise NoTurn
        time.sleep(TURN_SECONDS_BETWEEN_TRIES)
    try:
        yield
    finally:
        # From the answer on, for then it has arrived for certain, however long it was on its way.
        Lease.objects.renew(name, token=token, seconds=1 / kept_for_tests(vendor.reads_per_second_max))


async def _ask(vendor: type[Provider], account: providers.base.Account) -> Proof:
    door = HttpDoor(public_only=account.public_only)
    try:
        async with asyncio.timeout(PROBE_SECONDS_MAX), vendor(account=account, http=door) as provider:
            began = time.monotonic()
            try:
                return replace(await provider.probe(), answered_ms=_since(began))
            except KeyRefused:
                words = f"{vendor.label} does not accept this key."
                return Proof(works=False, words=words, answered_ms=_since(began))
    except Unsupported:
        words = f"{vendor.label} has no question that costs nothing. Its first picture will show whether the key works."
        return Proof(works=None, words=words)
    except Busy:
        return Proof(works=None, words=f"{vendor.label} asked us to come back later. Test again in a minute.")
    except (ProviderError, TimeoutError) as error:
        log.warning("%s could not be asked about a key: %s", vendor.key, str(error) or type(error).__name__)
        return Proof(works=None, words=f"{vendor.label} could not be reached, or its answer could not be read.")


def _since(began: float) -> int:
    """Milliseconds, at least 1: nobody answers in none."""
    return max(1, round((time.monotonic() - began) * 1000))


def _cleaned(proof: Proof) -> Proof:
    """With a balance our column can hold, or none."""
    left = proof.balance
    if left is None or not left.is_finite() or abs(left) >= BALANCE_MAX:
        return replace(proof, balance=None)
    return replace(proof, balance=left.quantize(BALANCE_STEP))


def _name(pk: int) -> str:
    return f"prove:{pk}"


def _answered(row: Credential) -> None:
    name = _name(row.pk)
    token = Lease.objects.filter(name=name).values_list("token", flat=True).first()
    if token:
        Lease.objects.release(name, token=token)
