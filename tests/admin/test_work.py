"""Generations at the desk: found, masked, opened on purpose, and put right after a page that says what it does."""

import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import AuditEntry, CreditEntry, Generation, Image, Notice, Person, ReviewCase, clock
from generations.models.fields import new_id
from tests.cases import decide, report
from tests.conftest import Cast
from tests.desk import person_of, seated
from tests.making import fail_one, finish_one, hand_over, make_waiting

LIST = reverse("admin:generations_generation_changelist")
SECRET = "a heron made of tin foil"


@pytest.fixture
def operator(cast: Cast) -> Person:
    return person_of("operator")


@pytest.fixture
def desk(operator: Person) -> Client:
    return seated(operator)


def page(row: Generation) -> str:
    return reverse("admin:generations_generation_change", args=[row.pk])


def found(client: Client, **asked: str) -> set[uuid.UUID]:
    answer = client.get(LIST, asked)
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list}


def private(cast: Cast) -> Generation:
    row = finish_one(cast.ben, SECRET).generation
    row.share(private=True)
    return row


class TestFinding:
    def test_by_id_batch_task_address_and_team(self, cast: Cast, desk: Client) -> None:
        row = hand_over(make_waiting(cast.ben))
        other = make_waiting(cast.ada)
        for word in (str(row.pk), str(row.batch_id), row.vendor_task_id, " BEN@studio.test "):
            assert found(desk, q=word) == {row.pk}, word
        assert found(desk, q="north") == {row.pk, other.pk}
        for word in ("nothing", "nobody@studio.test", "x" * 10_000, "%", "\ufffd"):
            assert found(desk, q=word) == set(), word
        assert desk.get(LIST, {"q": "a\0b"}).status_code == 200

    def test_by_state_vendor_operation_team_and_member(self, cast: Cast, desk: Client) -> None:
        failed = fail_one(cast.ada)
        waiting = make_waiting(cast.ben)
        assert found(desk, state__exact="queued") == {waiting.pk}
        assert found(desk, state__in="failed,lapsed") == {failed.pk}
        assert found(desk, provider__exact="demo", operation__exact="draw") == {waiting.pk, failed.pk}
        assert found(desk, operation__exact="upscale") == set()
        assert found(desk, team__exact=str(cast.team.pk), member__exact=str(cast.ada.pk)) == {failed.pk}
        assert found(desk, team__exact="9" * 40) == found(desk, team__exact="x") == set()

    def test_by_year_month_and_day(self, cast: Cast, desk: Client) -> None:
        old = make_waiting(cast.ben)
        moment = datetime(2024, 2, 29, 12, tzinfo=UTC)
        key = uuid.UUID(int=(new_id().int & ((1 << 80) - 1)) | int(moment.timestamp() * 1000) << 80)
        batch = old.batch
        assert batch is not None
        Generation.objects.bulk_create([_copy(old, key, moment, position=7)])
        assert found(desk, created_at__year="2024", created_at__month="2", created_at__day="29") == {key}
        assert found(desk, created_at__year="2024", created_at__month="3") == set()
        assert "?created_at__year=2024" in desk.get(LIST).content.decode()
        assert batch.generations.count() == 2

    @pytest.mark.parametrize("year", ["1900", "9999", "0", "-1", "99999999999999999999"])
    def test_a_year_no_clock_of_ours_knows_is_none(self, cast: Cast, desk: Client, year: str) -> None:
        row = make_waiting(cast.ben)
        assert desk.get(LIST, {"created_at__year": year}).status_code in {200, 302}
        assert desk.get(page(row), {"created_at__year": year}).status_code == 200

    @pytest.mark.parametrize(
        "lookup",
        [
            "prompt__icontains",
            "vendor_text__startswith",
            "result_urls__contains",
            "events__actor",
            "member__generations__prompt__startswith",
            "member__person__password__startswith",
            "team__name__startswith",
        ],
    )
    def test_by_nothing_that_would_tell_what_is_private(self, cast: Cast, desk: Client, lookup: str) -> None:
        private(cast)
        assert desk.get(LIST, {lookup: "heron"}).status_code == 400

    def test_is_in_one_order_whatever_the_address_asks(self, cast: Cast, desk: Client) -> None:
        for _ in range(3):
            make_waiting(cast.ben)
        first, second = (desk.get(LIST, asked).context["cl"].result_list for asked in ({}, {"o": "7.-2.99.x"}))
        assert [row.pk for row in first] == [row.pk for row in second]


def test_a_small_copy_is_asked_for_each_time_and_costs_nothing_when_it_is_known(cast: Cast, desk: Client) -> None:
    image = finish_one(cast.ben)
    thumbnail = reverse("admin:generations_image_thumbnail", args=[image.pk])
    first = desk.get(thumbnail)
    first.close()
    again = desk.get(thumbnail, headers={"If-None-Match": first.headers["ETag"]})
    assert [one.headers["Cache-Control"] for one in (first, again)] == ["private, no-cache"] * 2
    assert (first.status_code, again.status_code) == (200, 304)
    Image.objects.filter(pk=image.pk).update(hidden_at=clock.now())
    assert desk.get(thumbnail, headers={"If-None-Match": first.headers["ETag"]}).status_code == 404


class TestWhatIsPrivate:
    def test_is_masked_until_it_is_opened_on_purpose(self, cast: Cast, desk: Client, operator: Person) -> None:
        row = private(cast)
        thumbnail = reverse("admin:generations_image_thumbnail", args=[row.images.get().pk])
        assert "Private prompt" in desk.get(LIST).content.decode()
        assert SECRET not in desk.get(LIST).content.decode() + desk.get(page(row)).content.decode()
        assert desk.get(thumbnail).status_code == 404
        assert not AuditEntry.objects.filter(action="private_picture_opened").exists()

        opening = reverse("admin:generations_generation_opening", args=[row.pk])
        for _ in range(2):
            assert desk.post(opening).status_code == 302
        assert SECRET in desk.get(page(row)).content.decode()
        assert SECRET not in desk.get(LIST).content.decode()
        answer = desk.get(thumbnail)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        answer.close()
        line = AuditEntry.objects.get(action="private_picture_opened")
        assert (line.person, line.target, line.team) == (operator, f"generation:{row.pk}", cast.team)
        assert Notice.objects.filter(person=cast.ben.person, kind="private_picture_opened").count() == 1

    def test_is_opened_for_one_person_alone_and_for_an_hour(self, cast: Cast, desk: Client, pass_time: object) -> None:
        row = private(cast)
        desk.post(reverse("admin:generations_generation_opening", args=[row.pk]))
        assert SECRET not in seated(person_of("superuser")).get(page(row)).content.decode()
        assert callable(pass_time)
        pass_time(3601)
        assert SECRET not in desk.get(page(row)).content.decode()

    def test_a_look_alone_opens_nothing(self, cast: Cast, desk: Client) -> None:
        row = private(cast)
        assert desk.get(reverse("admin:generations_generation_opening", args=[row.pk])).status_code == 405

    def test_what_the_team_sees_needs_no_opening(self, cast: Cast) -> None:
        row = finish_one(cast.ben, SECRET).generation
        assert SECRET in seated(person_of("moderator")).get(page(row)).content.decode()

    def test_a_moderator_reads_no_key(self, cast: Cast) -> None:
        row = finish_one(cast.ben).generation
        assert row.credential is not None
        for role, seen in (("moderator", False), ("operator", True)):
            shown = seated(person_of(role)).get(page(row)).content.decode()
            assert (str(row.credential) in shown) is seen, role


class TestActing:
    def act(self, client: Client, action: str, *rows: Generation, **body: str) -> str:
        chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows], **body}
        return client.post(LIST, chosen, follow=True).content.decode()

    def test_first_says_what_becomes_of_the_credits(self, cast: Cast, desk: Client) -> None:
        waiting, running = make_waiting(cast.ben), hand_over(make_waiting(cast.ben))
        asked = self.act(desk, "stop", waiting, running)
        assert f"{waiting.price} credits go back" in asked
        assert "free of charge" in asked
        waiting.refresh_from_db()
        running.refresh_from_db()
        assert (waiting.is_open, running.is_open) == (True, True)

    def test_stops_and_releases_once_however_often_it_is_pressed(self, cast: Cast, desk: Client) -> None:
        row = hand_over(make_waiting(cast.ben))
        before = ledger.account_of(cast.ben).available
        assert "1 stopped." in self.act(desk, "stop", row, confirmed="1", key="k")
        assert "It has ended" in self.act(desk, "stop", row, confirmed="1", key="k")
        assert ledger.account_of(cast.ben).available == before + row.price
        assert CreditEntry.objects.filter(hold__generation=row, kind="release").count() == 1

    def test_looks_again(self, cast: Cast, desk: Client) -> None:
        row = hand_over(make_waiting(cast.ben))
        asked = row.next_at
        assert "1 are looked at now" in self.act(desk, "look_again", row, confirmed="1")
        row.refresh_from_db()
        assert row.next_at < asked

    def test_orders_again_for_its_member_once_per_page(self, cast: Cast, desk: Client) -> None:
        rows = [fail_one(cast.ben), fail_one(cast.ben)]
        for _ in range(2):
            assert "2 ordered again" in self.act(desk, "retry", *rows, confirmed="1", key="k" * 32)
        again = Generation.objects.filter(retry_of__in=rows)
        assert (again.count(), {row.member for row in again}) == (2, {cast.ben})

    def test_is_not_for_moderators_whatever_they_send(self, cast: Cast) -> None:
        row = make_waiting(cast.ben)
        self.act(seated(person_of("moderator")), "stop", row, confirmed="1")
        row.refresh_from_db()
        assert row.is_open

    def test_takes_no_more_than_some_at_once(self, cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("generations.admin.steps.AT_ONCE_MAX", 1)
        rows = [make_waiting(cast.ben), make_waiting(cast.ben)]
        assert "Choose at most 1 at once" in self.act(desk, "stop", *rows, confirmed="1")
        assert Generation.objects.open().count() == 2

    def test_offers_on_the_page_of_one_what_makes_sense_for_it(self, cast: Cast, desk: Client) -> None:
        offered = {
            name: [step[0] for step in desk.get(page(row)).context["steps"]]
            for name, row in (
                ("waiting", make_waiting(cast.ben)),
                ("failed", fail_one(cast.ben)),
                ("done", finish_one(cast.ben).generation),
            )
        }
        assert offered == {"waiting": ["look_again", "stop"], "failed": ["retry"], "done": []}


def _copy(row: Generation, key: uuid.UUID, at: datetime, *, position: int) -> Generation:
    """Another of the same batch, from long ago."""
    again = Generation.objects.get(pk=row.pk)
    again.pk, again.created_at, again.position = key, at, position
    again._state.adding = True
    return again


class TestTakingUp:
    """A moderator opens a case about what nobody reported, from its page at the desk."""

    def test_leads_to_one_case_for_the_order_and_one_for_its_picture(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        moderator = seated(person_of("moderator"))
        for row in (image.generation, image):
            kind = row._meta.model_name
            place = reverse(f"admin:generations_{kind}_review", args=[row.pk])
            desk = moderator.get(reverse(f"admin:generations_{kind}_change", args=[row.pk])).content.decode()
            assert f'action="{place}"' in desk
            first, again = (moderator.post(place).headers["Location"] for _ in range(2))
            case = ReviewCase.objects.order_by("-pk")[0]
            assert (first, again) == (reverse("review_case", args=[case.pk]),) * 2
            assert moderator.get(first).status_code == 200
        found = ReviewCase.objects.order_by("pk").values_list("generation", "image")
        assert list(found) == [(image.generation_id, None), (image.generation_id, image.pk)]
        assert AuditEntry.objects.filter(action="case_opened").count() == 2

    def test_leads_to_the_case_that_hid_it(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        case = report(cast.vera, image)
        decide(case, cast.ada)
        place = reverse("admin:generations_image_review", args=[image.pk])
        assert seated(person_of("moderator")).post(place).headers["Location"] == reverse("review_case", args=[case.pk])
        assert ReviewCase.objects.count() == 1

    def test_says_why_where_there_is_nothing_to_take_up(self, cast: Cast) -> None:
        moderator, failed, gone = seated(person_of("moderator")), fail_one(cast.ben), finish_one(cast.ben)
        Image.objects.filter(pk=gone.pk).take_down()
        for row in (failed, gone):
            kind = row._meta.model_name
            place = reverse(f"admin:generations_{kind}_review", args=[row.pk])
            answer = moderator.post(place, follow=True)
            assert answer.redirect_chain[0][0] == reverse(f"admin:generations_{kind}_change", args=[row.pk])
            assert "there is nothing to hide" in answer.content.decode()
            assert "Take up in review" not in answer.content.decode()
        assert not ReviewCase.objects.exists()

    def test_is_not_offered_to_an_operator(self, cast: Cast, desk: Client) -> None:
        row = finish_one(cast.ben).generation
        assert "Take up in review" not in desk.get(page(row)).content.decode()
        assert desk.post(reverse("admin:generations_generation_review", args=[row.pk])).status_code == 403
