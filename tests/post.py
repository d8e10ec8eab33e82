"""A way out for e-mail that is shut: each try fails as one to a mail server that is down."""

from collections.abc import Sequence
from smtplib import SMTPServerDisconnected
from typing import NoReturn

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class Shut(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> NoReturn:
        raise SMTPServerDisconnected("Connection unexpectedly closed")


SHUT = f"{__name__}.Shut"
OPEN = "django.core.mail.backends.locmem.EmailBackend"
