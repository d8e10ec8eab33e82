"""A way back in for who forgot their password: a link that works once, by e-mail or from the console.

The token changes with the password, the address, every sign-in and with the teams one is in, so a used link, or one
from before, opens nothing: least of all a team that was joined since somebody made it.
"""

import logging

from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from generations.models import Member, Person
from generations.services import notifying

log = logging.getLogger(__name__)


class ResetTokens(PasswordResetTokenGenerator):
    """The library makes and checks the tokens of links with it, too."""

    def _make_hash_value(self, user: Person, timestamp: int) -> str:
        teams = Member.objects.filter(person=user, left_at=None).order_by("team").values_list("team", flat=True)
        opens = ",".join(map(str, teams))
        return f"{super()._make_hash_value(user, timestamp)}:{opens}:{user.is_staff}:{user.is_superuser}"


def reset_path(person: Person) -> str:
    """Where this person, and only they, may set a new password once."""
    key = ResetTokens().make_token(person)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})


def reset_url(person: Person, *, base_url: str = "") -> str:
    """The same as a whole address."""
    return f"{(base_url or notifying.base_url()).rstrip('/')}{reset_path(person)}"


def find(email: str) -> Person | None:
    """Who may come back in under that address: an account that was switched off may not."""
    return Person.objects.filter(email=email.strip().lower(), is_active=True).first()


def mail_link(*, email: str, tried: str = "0") -> None:
    """Send the link, if anybody has this address. The queue asks, so that the time it takes tells nobody."""
    person = find(email)
    if person is None:
        log.info("a new password was asked for, for an address nobody has")
        return
    letter = notifying.Letter(
        to=person.email,
        subject="Set a new password for Imagine Studio",
        lines=[
            f"Hello {person.called},",
            "somebody, most likely you, asked for a new password. The link below works once, for 24 hours. "
            "If it was not you, do nothing: your password stays as it is.",
        ],
        path=reset_path(person),
    )
    notifying.deliver(letter, job="reset_link", ids={"email": email}, tried=tried)
