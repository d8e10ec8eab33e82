"""A person who can sign in. What someone may do is decided by their membership of a team, not here."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from generations.models import clock


class Theme(models.TextChoices):
    AUTO = "auto", "As the device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class People(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **facts: Any) -> "Person":
        """A person with that address, in lower case, and that password (None: cannot sign in by password)."""
        person = self.model(email=email.strip().lower(), **facts)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **facts: Any) -> "Person":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **facts)

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[People] = People()

    class Meta:
        verbose_name_plural = "people"
        constraints: ClassVar = [
            # Sign-in: one account per address, however it is typed.
            models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_lower_case")
        ]

    def __str__(self) -> str:
        return self.email

    def prefer(self, *, theme: str) -> None:
        """Remember how the studio should look."""
        self.theme = theme
        self.save(update_fields=["theme"])

    @property
    def called(self) -> str:
        """The name others read: their own, or the part of the address before the @."""
        return self.name or self.email.partition("@")[0]

    @property
    def first_name(self) -> str:
        return self.called.split()[0]

    @property
    def initials(self) -> str:
        words = self.called.replace(".", " ").replace("-", " ").split()
        return "".join(word[0] for word in [words[0], *words[1:][-1:]]).upper() if words else "?"

    @property
    def tone(self) -> str:
        """The hue of this person's avatar, as the styles name it."""
        return f"h{(self.pk or 0) * 5 % 12}"
