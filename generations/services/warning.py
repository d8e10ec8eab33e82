"""People are told what happened to the way they sign in: in their inbox, and by e-mail where the studio sends any."""

from django.urls import reverse

from generations.models import Person
from generations.services import notifying

WORDS = "If it was not you, change your password and sign out all other sessions on your account page."


def warn(person: Person, subject: str, *, mails: bool = True) -> None:
    """Tell them that this happened; without `mails` in the inbox alone, where another e-mail tells of it."""
    word = notifying.Word(kind="security", subject=subject, words=WORDS, path=reverse("account"))
    notifying.tell(person, word, mails=mails)
