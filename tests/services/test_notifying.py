"""Notices: in the inbox always, by e-mail once, and only where there is e-mail and it is wanted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from django_q.models import OrmQ

from generations import jobs
from generations.models import Alert, Notice
from generations.services import notifying
from tests.conftest import Cast
from tests.post import OPEN, SHUT
from tests.running import run_jobs

WORD = notifying.Word(kind="test", subject="The lamp is lit", words="It shines.", path="/team/")


@pytest.fixture
def post(settings: Any) -> None:
    settings.EMAIL_URL, settings.PUBLIC_URL = "smtp://mail.test", "https://studio.test"


@pytest.mark.usefixtures("post")
class TestByMail:
    def test_a_notice_is_one_mail_however_often_its_job_runs(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        notice = notifying.tell(cast.ben.person, WORD, team=cast.team)
        assert run_jobs() == ["mail"]
        notifying.mail(notice=str(notice.pk))

        [sent] = mail.outbox
        assert (sent.to, sent.subject) == (["ben@studio.test"], "The lamp is lit")
        assert sent.body == f"It shines.\n\nhttps://studio.test/inbox/{notice.pk}/\n\nImagine Studio\n"

    def test_what_is_no_teams_leads_straight_to_its_page(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        notifying.tell(cast.ben.person, WORD)
        run_jobs()
        assert "https://studio.test/team/" in str(mail.outbox[0].body)

    def test_a_name_over_two_lines_is_one_in_the_subject(self, cast: Cast) -> None:
        letter = notifying.Letter(to="a@x.test", subject="Ada\r\nBcc: all@x.test joined")
        notifying.send(letter)
        assert mail.outbox[0].subject == "Ada Bcc: all@x.test joined"

    def test_who_wants_none_gets_none(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        cast.ben.person.introduce(name="Ben", time_zone="", notify_by_mail=False)
        notifying.tell(cast.ben.person, WORD)
        assert (run_jobs(), mail.outbox, Notice.objects.count()) == ([], [], 1)

    def test_nobody_writes_to_who_was_switched_off_or_to_a_line_that_is_gone(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        notice = notifying.tell(cast.ben.person, WORD)
        cast.ben.person.is_active = False
        cast.ben.person.save()
        notifying.mail(notice=str(notice.pk))
        notifying.mail(notice="987654321")
        assert mail.outbox == []


@pytest.mark.usefixtures("post")
class TestAServerThatIsDown:
    @pytest.fixture(autouse=True)
    def shut(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = SHUT

    @pytest.fixture
    def notice(self, cast: Cast) -> Notice:
        assert cast.ben.person is not None
        return notifying.tell(cast.ben.person, WORD, team=cast.team)

    def test_is_tried_again_some_times_within_half_an_hour_and_then_staff_hear_of_it(self, notice: Notice) -> None:
        assert sum(pause.total_seconds() for pause in notifying.PAUSES) == 31 * 60
        assert run_jobs() == ["mail"] * (1 + len(notifying.PAUSES))

        alert = Alert.objects.get()
        assert (alert.kind, alert.subject, "5 tries" in alert.words) == ("mail", "mail", True)
        assert "ben@" not in alert.words

    def test_waits_before_each_try(self, notice: Notice) -> None:
        OrmQ.objects.all().delete()
        before = timezone.now()
        notifying.mail(notice=str(notice.pk), tried="1")
        [waiting] = OrmQ.objects.all()
        assert 299 < (waiting.lock - before).total_seconds() < 310
        assert not Alert.objects.exists()

    def test_that_comes_back_gets_what_waited_once(self, notice: Notice, settings: Any) -> None:
        OrmQ.objects.all().delete()
        notifying.mail(notice=str(notice.pk))
        Alert.objects.tell("mail", subject="mail", words="It was down.")
        settings.EMAIL_BACKEND = OPEN
        assert run_jobs() == ["mail"]
        notifying.mail(notice=str(notice.pk))
        assert len(mail.outbox) == 1
        assert not Alert.objects.filter(resolved_at=None).exists()

    @pytest.mark.parametrize(
        ("job", "ids"),
        [
            ("reset_link", {"email": "ben@studio.test"}),
            ("move_link", {"person": "ben", "email": "new@studio.test"}),
            ("moved", {"person": "ben", "to": "old@studio.test"}),
        ],
    )
    def test_loses_no_link_either(self, cast: Cast, settings: Any, job: str, ids: dict[str, str]) -> None:
        ids = ids | ({"person": str(cast.ben.person_id)} if "person" in ids else {})
        getattr(jobs, job)(**ids)
        settings.EMAIL_BACKEND = OPEN
        assert run_jobs() == [job]
        assert len(mail.outbox) == 1


def test_whatever_is_told_fits_its_columns(cast: Cast) -> None:
    """PostgreSQL refuses what is longer, and with it whatever was done."""
    assert cast.ben.person is not None
    notice = notifying.tell(cast.ben.person, notifying.Word(kind="test", subject="n" * 208, words="w" * 1200))
    notice.full_clean()
    assert (len(notice.subject), len(notice.words), notice.subject[-1]) == (200, 1000, "…")


@pytest.mark.parametrize(
    "surroundings",
    [{"EMAIL_URL": ""}, {"EMAIL_URL": "smtp://mail.test", "PUBLIC_URL": ""}],
    ids=["no mail", "no address"],
)
def test_a_studio_without_mail_has_the_inbox_alone(cast: Cast, settings: Any, surroundings: dict[str, str]) -> None:
    for name, value in surroundings.items():
        setattr(settings, name, value)
    assert cast.ben.person is not None
    notifying.tell(cast.ben.person, WORD)
    assert (run_jobs(), mail.outbox, Notice.objects.count()) == ([], [], 1)


def test_what_is_told_once_a_month_is_not_told_again_on_its_31st(
    cast: Cast, pass_time: Callable[[float], None]
) -> None:
    """Its words are forgotten as all others, and its key a month later."""
    assert cast.ben.person is not None
    day = 24 * 3600
    assert notifying.tell_once(cast.ben.person, WORD, key="lamp:2026-10")
    pass_time(30 * day + 1)
    assert notifying.prune() == 1
    assert not Notice.objects.told().exists()
    assert not Notice.objects.filter(subject=WORD.subject).exists()
    assert not notifying.tell_once(cast.ben.person, WORD, key="lamp:2026-10")
    assert notifying.prune() == 0
    pass_time(32 * day)
    assert (notifying.prune(), Notice.objects.count()) == (1, 0)


def test_an_inbox_forgets_after_a_month(cast: Cast, pass_time: Callable[[float], None]) -> None:
    assert cast.ben.person is not None
    notifying.tell(cast.ben.person, WORD)
    pass_time(29 * 24 * 3600)
    notifying.tell(cast.ben.person, WORD)
    assert notifying.prune() == 0
    pass_time(2 * 24 * 3600)
    assert (notifying.prune(), Notice.objects.count()) == (1, 1)
