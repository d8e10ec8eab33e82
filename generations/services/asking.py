"""Credits move from a team's pool to a member: given by who manages the team, or asked for and approved."""

import logging

from django.db import IntegrityError, transaction
from django.urls import reverse

from generations import ledger
from generations.models import Answer, AuditEntry, CreditAsk, CreditEntry, Member, Role
from generations.queries.allowances import fill_of
from generations.services import notifying
from generations.services.teams.locking import as_they_stand
from generations.services.teams.refusals import NotAllowed

log = logging.getLogger(__name__)

AMOUNT_MAX = 1_000_000


class CreditsRefused(Exception):
    """Nothing moved; the message is for who tried."""


class NotManager(CreditsRefused):
    def __init__(self) -> None:
        super().__init__("Only owners and admins of the team move its credits.")


class PoolTooSmall(CreditsRefused):
    def __init__(self, available: int) -> None:
        super().__init__(f"The team’s pool has {available:,} credits. Give less, or have credits added to it first.")


class AskedAlready(CreditsRefused):
    def __init__(self) -> None:
        super().__init__("You have asked already, and nobody has answered yet.")


class AnsweredAlready(CreditsRefused):
    def __init__(self, ask: CreditAsk) -> None:
        who = ask.answered_by.called if ask.answered_by else "Somebody"
        super().__init__(f"{who} was first: this was {Answer(ask.answer).label.lower()} already.")


class Gone(CreditsRefused):
    def __init__(self) -> None:
        super().__init__("This person is no longer in the team.")


def give(*, by: Member, member: Member, amount: int, reason: str, key: str) -> CreditEntry:
    """Move credits from the pool to the member; the same key again moves nothing more.

    Raises NotManager, PoolTooSmall, Gone and `ledger.KeyReused`.
    """
    with transaction.atomic():
        by = _as_they_stand(by)
        _check_present(member, by)
        entry = _move(by, member, amount, reason=reason, key=f"given:{by.team_id}:{key}")
        if not entry.is_repeat:
            _tell(by, member, f"{by.called} gave you {_credits(amount)}", reason, _lasts(member))
    return entry


def ask(*, member: Member, amount: int, reason: str) -> CreditAsk:
    """Ask owners and admins for credits; each of them is told. Raises AskedAlready."""
    try:
        with transaction.atomic():
            made = CreditAsk.objects.create(team=member.team, member=member, amount=amount, reason=reason)
    except IntegrityError as error:
        raise AskedAlready from error
    managers = Member.objects.present().filter(team=member.team_id, role__in=[Role.OWNER, Role.ADMIN])
    with transaction.atomic():
        for manager in managers.select_related("person").exclude(pk=member.pk):
            word = notifying.Word(
                kind="credits_asked",
                subject=f"{member.called} asks for {_credits(amount)}",
                words=reason,
                path=reverse("ask", args=[made.pk]),
            )
            if manager.person:
                notifying.tell(manager.person, word, team=member.team)
    log.info("member %s asks for %s credits", member.pk, amount)
    return made


def approve(*, by: Member, ask: CreditAsk, amount: int, words: str = "") -> None:
    """Give what was asked for, or another amount, with a word to go with it.

    Raises NotManager, PoolTooSmall, AnsweredAlready, Gone.
    """
    try:
        with transaction.atomic():
            by = _as_they_stand(by)
            _check_present(ask.member, by)
            if not ask.close(Answer.APPROVED, by=by, given=amount, words=words):
                raise AnsweredAlready(CreditAsk.objects.select_related("answered_by__person").get(pk=ask.pk))
            _move(by, ask.member, amount, reason=f"Asked for: {ask.reason}", key=f"ask:{ask.pk}")
            asked = f"You asked for {_credits(ask.amount)}."
            _tell(by, ask.member, f"{by.called} gave you {_credits(amount)}", words, asked, _lasts(ask.member))
    except PoolTooSmall:
        ask.refresh_from_db()  # it is open still: what the object says of an answer was taken back
        raise


def decline(*, by: Member, ask: CreditAsk, words: str) -> None:
    """Say no, with a word why. Raises NotManager, AnsweredAlready, Gone for an ask in another team."""
    if ask.team_id != by.team_id:
        raise Gone
    with transaction.atomic():
        by = _as_they_stand(by)
        if not ask.close(Answer.DECLINED, by=by, words=words):
            raise AnsweredAlready(CreditAsk.objects.select_related("answered_by__person").get(pk=ask.pk))
        _tell(by, ask.member, f"{by.called} declined your {_credits(ask.amount)}", words)


def _move(by: Member, member: Member, amount: int, *, reason: str, key: str) -> CreditEntry:
    pool = ledger.pool_of(by.team)
    try:
        entry = ledger.transfer(
            source=pool,
            target=ledger.account_of(member),
            amount=amount,
            reason=reason,
            key=key,
            actor=f"member:{by.pk}",
        )
    except ledger.NotEnoughCredits as refusal:
        raise PoolTooSmall(refusal.available) from refusal
    if not entry.is_repeat:
        AuditEntry.note(
            "credits_given", by=by, target=f"member:{member.pk}", after={"credits": amount, "reason": reason}
        )
    return entry


def _tell(by: Member, member: Member, subject: str, words: str, *more: str) -> None:
    """`words` are somebody's own, and stand in quotation marks where more follows them."""
    if member.person and member.pk != by.pk:
        rest = " ".join(one for one in more if one)
        said = f"“{words}” {rest}" if words and rest else words or rest
        word = notifying.Word(kind="credits_given", subject=subject, words=said, path=reverse("credits"))
        notifying.tell(member.person, word, team=by.team)


def _lasts(member: Member) -> str:
    """Credits of a month fill an account up, with all that is on it: who is given more should know."""
    fill = fill_of(member)
    if fill is None:
        return ""
    return (
        f"On {fill.day} ({fill.zone}) your monthly credits fill your account up to {fill.most:,}; "
        "what is left of these by then counts towards it."
    )


def _as_they_stand(by: Member) -> Member:
    """Who decides, read anew under the team's lock: somebody may have changed their role meanwhile."""
    try:
        return as_they_stand(by)
    except NotAllowed as error:
        raise NotManager from error


def _check_present(member: Member, by: Member) -> None:
    if not Member.objects.present().filter(pk=member.pk, team=by.team_id).exists():
        raise Gone


def _credits(amount: int) -> str:
    return "1 credit" if amount == 1 else f"{amount:,} credits"
