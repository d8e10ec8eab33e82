"""Who did what: lines that are written once and never changed."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from generations import tracing
from generations.models import clock
from generations.models.person import Person
from generations.models.team import Member, Team
from generations.models.written_once import WrittenOnce, WrittenOnceQuerySet


class AuditQuerySet(WrittenOnceQuerySet["AuditEntry"]):
    def forget_addresses(self) -> int:
        """Where they came from is nobody's business any more; what was done, and by whom, stays."""
        return self.filter(address__gt="")._rewrite(address="")


class AuditEntry(WrittenOnce):
    """`action` is a noun and a verb, `role_changed`; `before` and `after` hold plain values, never a secret.

    A line outlives the account that made it: `actor` keeps who that was in words. What is written while a request is
    under way says which, and where it came from.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="audit_entries")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor = models.CharField(max_length=64)
    action = models.CharField(max_length=40)
    target = models.CharField(max_length=120, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField(default=clock.now)

    changes_by: ClassVar = "It is written once, and kept; only its address is forgotten."
    objects: ClassVar = AuditQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            models.Index(fields=["team", "-id"], name="audit_newest"),
            models.Index(fields=["target", "action"], name="audit_target"),
            # The desk's list: newest first, of a time, of an action.
            models.Index(fields=["at"], name="audit_when"),
            models.Index(fields=["action", "at"], name="audit_action"),
            # And what it is searched by, beside target, person and team.
            models.Index(fields=["actor"], name="audit_actor"),
            models.Index(fields=["address"], name="audit_address"),
            # Those whose address is forgotten next.
            models.Index(fields=["at"], condition=Q(address__gt=""), name="audit_addressed"),
            models.Index(fields=["request_id"], name="audit_request"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target} by {self.actor}"

    def save(self, **how: Any) -> None:
        """A new line, which says in which request it was written. Raises Unchangeable for any other."""
        self.request_id = self.request_id or tracing.request_id()
        self.address = self.address or tracing.address()
        super().save(**how)

    @classmethod
    def note(
        cls,
        action: str,
        *,
        by: Member | None,
        target: str = "",
        actor: str = "",
        person: Person | None = None,
        team: Team | None = None,
        **values: Any,
    ) -> Self:
        """Write a line: `by` is who acted in their team; without one, `actor` or `person` say who, and `team` where."""
        line = cls(
            action=action,
            actor=f"member:{by.pk}" if by else actor,
            person=by.person if by else person,
            team=by.team if by else team,
            target=target,
            **values,
        )
        line.save()
        return line
