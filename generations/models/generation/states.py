"""The states of a generation, the moves between them and the reasons an end may have. Ids (T1..T17) name the moves."""

from datetime import timedelta

from django.db import models


class State(models.TextChoices):
    """What a person reads for each state is its label."""

    QUEUED = "queued", "Waiting"
    SUBMITTING = "submitting", "Sending"
    IN_DOUBT = "in_doubt", "Checking"
    RUNNING = "running", "At the vendor"
    FETCHING = "fetching", "Saving"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Cancelled"
    LAPSED = "lapsed", "Credits returned"
    RECOVERED = "recovered", "Arrived late"


OPEN = (State.QUEUED, State.SUBMITTING, State.IN_DOUBT, State.RUNNING, State.FETCHING)
"""Credits are held, somebody waits."""
AT_VENDOR = (State.SUBMITTING, State.IN_DOUBT, State.RUNNING)
"""May count against a vendor's limit of running tasks."""
LIVE = (*OPEN, State.LAPSED)
"""There is still something to do."""
WITH_IMAGES = (State.SUCCEEDED, State.RECOVERED)

UPLOAD = "upload"
"""In place of an operation: nobody was asked to make it, a member brought it."""

MOVES: frozenset[tuple[str, State]] = frozenset(
    {
        ("", State.QUEUED),  # T1
        ("", State.SUCCEEDED),  # U1: a picture somebody brought
        (State.QUEUED, State.SUBMITTING),  # T2
        (State.SUBMITTING, State.RUNNING),  # T3
        (State.IN_DOUBT, State.RUNNING),  # T3b
        (State.SUBMITTING, State.QUEUED),  # T4
        (State.SUBMITTING, State.FAILED),  # T5
        (State.SUBMITTING, State.IN_DOUBT),  # T6
        (State.IN_DOUBT, State.LAPSED),  # T7
        (State.QUEUED, State.CANCELED),  # T8
        (State.QUEUED, State.FAILED),  # T9
        (State.RUNNING, State.FETCHING),  # T10
        (State.RUNNING, State.FAILED),  # T11
        (State.RUNNING, State.LAPSED),  # T12
        (State.FETCHING, State.SUCCEEDED),  # T13
        (State.FETCHING, State.FAILED),  # T14
        (State.FETCHING, State.RUNNING),  # T15
        (State.LAPSED, State.RECOVERED),  # T16
        (State.LAPSED, State.FAILED),  # T17
    }
)


ANEW: frozenset[tuple[str, State]] = frozenset((state, state) for state in WITH_IMAGES)
"""No move: what there is to see of the pictures changed, so that open pages look again (V1)."""
TRASHED, RESTORED = "trashed", "restored"
"""Why it changed, where its people did it and no moderator."""


class Reason(models.TextChoices):
    """Why a generation ended without a picture. The label is the headline on its card."""

    CONTENT_POLICY = "content_policy", "The safety check refused this prompt"
    CREDENTIALS = "credentials", "The vendor refused our key"
    OUT_OF_FUNDS = "out_of_funds", "The vendor’s account is empty"
    REFUSED_INPUT = "refused_input", "The vendor could not use this order"
    NOT_FOUND = "not_found", "The vendor no longer knows this picture"
    NOT_SOLD = "not_sold", "The vendor does not know this model"
    BUSY = "busy", "The vendor is busy"
    UNREACHABLE = "unreachable", "The vendor could not be reached"
    BAD_ANSWER = "bad_answer", "The vendor’s answer made no sense"
    VENDOR = "vendor", "The vendor could not make this picture"
    TIMEOUT = "timeout", "The vendor never finished"
    SUBMISSION_UNKNOWN = "submission_unknown", "The vendor never confirmed the order"
    WAITED_TOO_LONG = "waited_too_long", "No place became free in a day"
    VENDOR_PAUSED = "vendor_paused", "The vendor was paused when its day was over"
    SOURCE_GONE = "source_gone", "The picture to upscale was removed"
    PROVIDER_GONE = "provider_gone", "This model is no longer set up"
    RESULT_LOST = "result_lost", "The picture was lost on the way"
    RESULT_INVALID = "result_invalid", "What the vendor sent is not a picture"
    WORKER_CRASH = "worker_crash", "Saving this picture failed three times"
    STOPPED = "stopped", "The studio’s staff stopped it"


# How long each wait may take; every one is stored as a moment in the row when it starts.
QUEUE_WAIT_MAX = timedelta(hours=24)
WAIT_AFTER_PAUSE = timedelta(hours=1)  # at least, once a vendor that staff had paused is open again
SUBMIT_LEASE = timedelta(seconds=60)
DOUBT_WAIT_MAX = timedelta(minutes=10)
WATCH_AFTER_LAPSE = timedelta(hours=24)
FETCH_LEASE = timedelta(seconds=60)
FETCH_WAIT_MAX = timedelta(hours=24)  # for trouble of our own disk; a vendor's uses up its tries within six hours
VENDOR_LINK_LIFE = timedelta(hours=24)
FETCH_TRIES_MAX = 6
FETCH_AGAIN_MAX = 3
STARTS_WITHOUT_END_MAX = 3
