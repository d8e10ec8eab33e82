"""What vendors said was left on their accounts, each time they were asked."""

from typing import ClassVar

from django.db import models

from generations.models import clock
from generations.models.credential import Credential


class BalanceReading(models.Model):
    """`amount` is in the vendor's own unit."""

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="readings", db_index=False)
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar = models.Manager()

    class Meta:
        indexes: ClassVar = [
            # The report reads a key's readings of some weeks in their order.
            models.Index(fields=["credential", "at"], name="balance_reading_when"),
        ]

    def __str__(self) -> str:
        return f"{self.credential_id}: {self.amount} at {self.at:%Y-%m-%d %H:%M}"
