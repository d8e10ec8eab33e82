"""The audit of every night: all the rules, in steps short enough for a job, with what was found kept and told to staff.

It changes nothing but its own row. A step that gets lost leaves a run without an end; the next night begins anew, and
staff hear of it when none came to its end for longer than a night, and when nobody made a backup for long.
"""

import logging
import time
from datetime import timedelta

from generations import queue
from generations.models import Alert, AuditRun, Heartbeat, Image, Team, clock
from generations.models.lease import BACKUP, BACKUP_AGE_MAX
from generations.services import auditing

log = logging.getLogger(__name__)

ALERT, SUBJECT = "audit", "installation"
LATE, LATE_AFTER = "audit_late", timedelta(hours=36)
UNSAFE = "backup_late"
RULES_SECONDS = 10
"""For so long a step goes on to a further rule, or a further table."""
STEP_SECONDS = 30
"""For so long a step reads files: a job is ended after three times as long."""
PICTURES_AT_ONCE = 50
KEPT = timedelta(days=90)


def go_on(*, run: str = "") -> None:
    """Begin a run, or take the next step of that one. A step somebody else took, or a run that is over, is nothing."""
    if not run:
        AuditRun.objects.filter(started_at__lt=clock.now() - KEPT).delete()
        row = AuditRun.objects.create()
    else:
        found = AuditRun.objects.filter(pk=run, ended_at=None).first()
        if found is None:
            return
        row = found
    if not (_read_shelf(row) if _is_at_shelf(row) else _check_rules(row)):
        return
    _tell(row)
    if row.ended_at is None:
        queue.later("audit", run=row.pk)


def watch() -> int:
    """Tell staff when no audit came to its end for longer than a night; 1 when they hear of it now."""
    ended = AuditRun.objects.exclude(ended_at=None).order_by("-ended_at").values_list("ended_at", flat=True).first()
    since = ended or AuditRun.objects.order_by("pk").values_list("started_at", flat=True).first()
    if since is None or clock.now() - since < LATE_AFTER:
        Alert.objects.resolve(LATE, subject=SUBJECT)
        return 0
    words = (
        f"No nightly audit came to its end since {since:%d %b %H:%M} UTC. Run studio_audit, and look at the workers."
    )
    return int(Alert.objects.tell(LATE, subject=SUBJECT, words=words))


def watch_backups() -> int:
    """Tell staff when what they backed up is old, or pictures are kept that never were; 1 when they hear of it now."""
    last = Heartbeat.objects.last(BACKUP)
    since = last or Image.objects.order_by("pk").values_list("created_at", flat=True).first()
    if since is None or clock.now() - since <= BACKUP_AGE_MAX:
        Alert.objects.resolve(UNSAFE, subject=SUBJECT)
        return 0
    known = f"The last backup is of {last:%d %b}." if last else "There is no backup of this studio."
    words = f"{known} If its disk breaks, all that is newer is lost. Make one: python3 manage.py backup FOLDER"
    return int(Alert.objects.tell(UNSAFE, subject=SUBJECT, words=words))


def add_up(*, team: str = "") -> None:
    """Prove the books of one team, or ask for that of each in a job of its own; a team that is gone has none."""
    if not team:
        for pk in Team.objects.order_by("pk").values_list("pk", flat=True).iterator():
            queue.later("books", team=pk)
        return
    found = Team.objects.filter(pk=team).first()
    if found is not None:
        auditing.prove_books(team=found)


def _is_at_shelf(run: AuditRun) -> bool:
    """Whether nothing but the files is left to be read."""
    return set(auditing.RULES) <= set(run.rules)


def _check_rules(run: AuditRun) -> bool:
    """Some more rules, at least one, each written down when it is done; False when somebody else took this step."""
    end = time.monotonic() + RULES_SECONDS
    while not _is_at_shelf(run):
        if not _check_next(run):
            return False
        if time.monotonic() >= end or queue.is_stopping():
            break
    return True


def _check_next(run: AuditRun) -> bool:
    """The next rule about rows; after those I15, one table after the other; then only the shelf is left."""
    done = set(run.rules)
    rule = next((rule for rule in auditing.ROWS if rule not in done), None)
    table = next((name for name in auditing.tables_with_words() if f"I15 {name}" not in done), None)
    if rule is None and table is None:
        return run.note(rules=list(auditing.RULES), findings=[], cut=[])
    report = auditing.examine_rows([rule]) if rule else auditing.examine_words(table or "")
    findings, cut = [str(finding) for finding in report.findings], report.cut
    room = max(0, auditing.FINDINGS_MAX - sum(said.startswith("I15 ") for said in run.findings))
    if not rule and len(findings) > room:
        findings, cut = findings[:room], report.rules
    return run.note(rules=[*run.rules, rule or f"I15 {table}"], findings=findings, cut=cut)


def _read_shelf(run: AuditRun) -> bool:
    """Some more pictures with their files; False when somebody else took this step."""
    end = time.monotonic() + STEP_SECONDS
    findings: list[str] = []
    number, reached, over = 0, run.reached, False
    while not over and time.monotonic() < end and not queue.is_stopping():
        rest = Image.objects.with_file().order_by("pk")
        some = list((rest.filter(pk__gt=reached) if reached else rest)[:PICTURES_AT_ONCE])
        report = auditing.examine_pictures(some)
        findings += [str(finding) for finding in report.findings]
        number, over = number + len(some), len(some) < PICTURES_AT_ONCE
        reached = some[-1].pk if some else reached
    room = max(0, auditing.FINDINGS_MAX - sum(said.startswith("I10 ") for said in run.findings))
    cut = ["I10"] if len(findings) > room else []
    return run.go_on(findings=findings[:room], cut=cut, pictures=number, reached=reached, over=over)


def _tell(run: AuditRun) -> None:
    """Staff hear of findings at once; that they are over only a whole clean run can say."""
    if run.findings:
        log.error("the nightly audit found: %s", "; ".join(run.findings[:10]))
        words = (
            f"The audit found {len(run.findings)} faults, first: {run.findings[0]} Run studio_audit for all of them."
        )
        Alert.objects.tell(ALERT, subject=SUBJECT, words=words)
    elif run.ended_at is not None:
        log.info("the nightly audit found nothing wrong; %s pictures were read", run.pictures)
        Alert.objects.resolve(ALERT, subject=SUBJECT)
