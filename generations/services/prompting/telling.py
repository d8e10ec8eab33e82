"""What members hear of what was decided about their prompts. A prompt is told only to who wrote it."""

from django.urls import reverse

from generations.models import AppealState, HeldOrder, RuleAppeal
from generations.queries.suspensions import sentence_of
from generations.queries.words import summary
from generations.services import notifying
from generations.services.notifying import Word

PASSES = "It passes the rule “{rule}” from now on; another rule may still stop it."


def tell_passed(held: HeldOrder, *, is_blocked: bool) -> None:
    """`is_blocked` says that a rule stopped it all the same: then nobody is asked to order it again."""
    said = f" “{held.words}”" if held.words else ""
    quoted = f"“{summary(held.prompt)}”."
    if held.trouble:
        again = "" if is_blocked else f" Order it again when you like. {PASSES.format(rule=held.hit.rule_name)}"
        word = Word(
            kind="prompt_decided",
            subject="Your order was let through, but could not be placed",
            words=f"{quoted}{said} {held.trouble}{again}",
            path=reverse("prompts"),
        )
    else:
        word = Word(
            kind="prompt_decided",
            subject="Your order was let through, and is under way",
            words=f"{quoted}{said} It costs what you saw when you sent it, or less.",
            path=reverse("studio"),
        )
    _tell(held, word)


def tell_refused(held: HeldOrder) -> None:
    word = Word(
        kind="prompt_decided",
        subject="Your order was refused by a reviewer",
        words=f"“{summary(held.prompt)}”. Why: {sentence_of(held.words)} Nothing was ordered, and nothing was charged.",
        path=reverse("prompts"),
    )
    _tell(held, word)


def tell_answered(appeal: RuleAppeal) -> None:
    is_let_through = appeal.state == AppealState.OVERTURNED
    said = f" Why: {sentence_of(appeal.words)}" if appeal.words else ""
    quoted = f"“{summary(appeal.hit.prompt)}”."
    word = Word(
        kind="prompt_decided",
        subject="Your appeal was granted" if is_let_through else "Your appeal was answered: the rule stands",
        words=f"{quoted}{said} {PASSES.format(rule=appeal.hit.rule_name)}"
        if is_let_through
        else f"{quoted}{said} Nothing was ordered, and nothing was charged.",
        path=reverse("prompts"),
    )
    _tell(appeal, word)


def _tell(asked: HeldOrder | RuleAppeal, word: Word) -> None:
    if asked.member.person and asked.member.left_at is None:
        notifying.tell(asked.member.person, word, team=asked.team)
