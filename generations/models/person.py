"""A person who can sign in. What someone may do is decided by their membership of a team, not here."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from generations.models import clock

if TYPE_CHECKING:
    from generations.models.team import Team


class Theme(models.TextChoices):
    AUTO = "auto", "As the device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class DeskRole(models.TextChoices):
    """What a person of the staff does. Whoever is a superuser may do all of it."""

    NONE = "", "None"
    MODERATOR = "moderator", "Moderator"
    OPERATOR = "operator", "Operator"


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
    # Empty: as the team's.
    time_zone = models.CharField(max_length=64, blank=True)
    notify_by_mail = models.BooleanField(default=True)
    # Single keys that act on pages: whoever speaks to their machine, or whose hand trembles, does without.
    uses_keys = models.BooleanField(default=True)
    # What files they save are called, as a pattern (empty: as usual), and whether those say how they were made.
    file_pattern = models.CharField(max_length=120, blank=True)
    writes_settings = models.BooleanField(default=False)
    writes_credits = models.BooleanField(default=False)
    # Where they were last: of several teams, the one their pages speak for.
    team = models.ForeignKey("generations.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    desk_role = models.CharField(max_length=9, choices=DeskRole, default=DeskRole.NONE, blank=True)
    joined_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[People] = People()

    class Meta:
        verbose_name_plural = "people"
        constraints: ClassVar = [
            # Sign-in: one account per address, however it is typed.
            models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_lower_case"),
            models.CheckConstraint(condition=Q(desk_role__in=DeskRole.values), name="person_desk_role_known"),
        ]

    def __str__(self) -> str:
        return self.email

    def prefer(self, *, theme: str) -> None:
        """Remember how the studio should look."""
        self.theme = theme
        self.save(update_fields=["theme"])

    def use_keys(self, on: bool) -> None:
        """Have single keys act on pages, or none."""
        self.uses_keys = on
        self.save(update_fields=["uses_keys"])

    def choose(self, team: "Team | None") -> None:
        """Of several teams, be in this one; None leaves it open."""
        self.team = team
        self.save(update_fields=["team"])

    def introduce(self, *, name: str, time_zone: str, notify_by_mail: bool) -> None:
        """What others call them, their time zone (empty: the team's), and whether the inbox also comes by e-mail."""
        self.name, self.time_zone, self.notify_by_mail = name, time_zone, notify_by_mail
        self.save(update_fields=["name", "time_zone", "notify_by_mail"])

    def save_files(self, *, file_pattern: str, writes_settings: bool, writes_credits: bool) -> None:
        """How files they save are called, and whether the settings, and the credits, are written into them."""
        self.file_pattern, self.writes_settings, self.writes_credits = file_pattern, writes_settings, writes_credits
        self.save(update_fields=["file_pattern", "writes_settings", "writes_credits"])

    def take_desk_role(self, role: DeskRole) -> bool:
        """Have that role on the staff, or with NONE none; False when it was so before.

        Whoever loses it leaves the staff, unless they are a superuser or were given rights of their own.
        """
        stays = bool(role) or self.is_superuser or self.user_permissions.exists() or self.groups.exists()
        others = type(self).objects.filter(pk=self.pk).exclude(desk_role=role, is_staff=stays)
        if not others.update(desk_role=role, is_staff=stays):
            return False
        self.desk_role, self.is_staff = role, stays
        return True

    @property
    def may_moderate(self) -> bool:
        """Whether they judge pictures of every team: moderators and superusers, while they are on the staff."""
        return self.is_active and self.is_staff and (self.is_superuser or self.desk_role == DeskRole.MODERATOR)

    @property
    def may_operate(self) -> bool:
        """Whether they run the studio, its work, vendors and credits: operators and superusers, while on the staff."""
        return self.is_active and self.is_staff and (self.is_superuser or self.desk_role == DeskRole.OPERATOR)

    @property
    def called(self) -> str:
        """The name others read: their own, or the part of the address before the @."""
        return " ".join(self.name.split()) or self.email.partition("@")[0]

    @property
    def first_name(self) -> str:
        return (self.called.split() or ["?"])[0]

    @property
    def initials(self) -> str:
        words = self.called.replace(".", " ").replace("-", " ").split()
        return "".join(word[0] for word in [words[0], *words[1:][-1:]]).upper() if words else "?"

    @property
    def tone(self) -> str:
        """The hue of this person's avatar, as the styles name it."""
        return f"h{(self.pk or 0) * 5 % 12}"
