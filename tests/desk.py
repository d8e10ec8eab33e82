"""Who sits at the staff's desk: signed in, and with a second factor, without which it stays shut (S17)."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.test import Client

from generations.models import Person
from generations.services import factors, proving


def person_of(role: str) -> Person:
    """Somebody with that role at the desk: `superuser`, `operator`, `moderator`, or `staff` with none."""
    email, word = f"{role}@studio.test", "a lamp beside the window"
    if role == "superuser":
        return Person.objects.create_superuser(email, word, name=role.title())
    desk_role = "" if role == "staff" else role
    return Person.objects.create_user(email, word, name=role.title(), is_staff=True, desk_role=desk_role)


def equip(person: Person) -> str:
    """Give them an authenticator app; returns its secret."""
    secret: str = generate_totp_secret()
    data = {"secret": factors.seal(secret, person=person)}
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data=data)
    return secret


def seated(person: Person) -> Client:
    """A browser in which this person signed in with password and code a moment ago."""
    if not factors.has_factor(person):
        equip(person)
    client = Client()
    client.force_login(person)
    session = client.session
    proving.record(session, by_factor=True)
    session.save()
    return client
