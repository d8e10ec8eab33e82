"""Makes a picture of the demo's read as if Apikley had drawn it with five others, nearly 21 hours ago.

Runs in a process of its own, beside the studio. Nothing is sent anywhere: the vendors' keys are empty.
"""

import json
import sys
from datetime import timedelta

from django.urls import reverse

from generations.models import Credential, Generation, Image, Invitation, Team, clock

PIECES = 6
AGE = timedelta(hours=20, minutes=47)
HEAVY_BYTES = 12_400_000


def end_invitations(team: str) -> None:
    """Their week is over."""
    Invitation.objects.waiting().filter(team__name=team).update(ends_at=clock.now())


def main(team: str) -> None:
    """Writes the addresses of the pictures to standard output; the last one's file is too large for every vendor."""
    owner = Team.objects.get(name=team)
    keys = [Credential.objects.create(team=owner, provider=name, label="Main") for name in ("apikley", "apixo")]
    Credential.objects.create(team=owner, provider="apiinone", label="Main", state="paused")
    first = Image.objects.filter(team=owner).order_by("-pk")[0]
    Generation.objects.filter(pk=first.generation_id).update(
        provider="apikley",
        offer_key="grok-draw",
        credential=keys[0],
        vendor_task_id="7c1e0f4b9a2d4e6f8b3c5d7e9f102132",
        accepted_at=clock.now() - AGE,
    )
    for index in range(1, PIECES):
        first.pk, first.index, first._state.adding = Image._meta.pk.get_default(), index, True
        first.size_bytes = HEAVY_BYTES if index == PIECES - 1 else first.size_bytes
        first.save(force_insert=True)
    pieces = Image.objects.filter(generation=first.generation_id).order_by("index")
    json.dump([reverse("image", args=[piece.pk]) for piece in pieces], sys.stdout)
