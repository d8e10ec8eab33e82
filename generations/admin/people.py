"""People, teams and who is in them. Superusers say here who is on the staff, and as what."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from generations.admin import asking, looks, rights
from generations.admin.records import Desk, ReadOnly
from generations.forms.space import in_bytes, in_gigabytes
from generations.models import CreditAccount, Member, Person, Suspension, Team
from generations.models.person import DeskRole
from generations.queries.space import storage_page
from generations.queries.suspensions import unfit_words
from generations.services import appointing, barring, storing

ASKED = {
    DeskRole.MODERATOR: ("Make them moderators?", "They join the staff, judge pictures and may suspend people."),
    DeskRole.OPERATOR: ("Make them operators?", "They join the staff, and run the studio: work, vendors and credits."),
    DeskRole.NONE: ("Take their role away?", "They leave the staff at once. Whoever is a superuser stays one."),
}
"""What is read before a role is given or taken."""


def _account_now(person: Person) -> str:
    return "Now: may sign in." if person.is_active else "Now: shut out."


SHUT_OUT = asking.Question(
    name="shut_out",
    title="Shut them out?",
    lede="Every session of theirs ends at once, and they cannot sign in any more. What of theirs waits is cancelled "
    "and its credits go back; what a vendor has is finished and stored. Their pictures stay.",
    button="Shut them out",
    foretell=_account_now,
    is_final=True,
)
LET_IN = asking.Question(
    name="let_in",
    title="Let them in again?",
    lede="They can sign in again with what they signed in with before.",
    button="Let them in again",
    foretell=_account_now,
)


def _role_now(person: Person) -> str:
    now = "Superuser" if person.is_superuser else person.get_desk_role_display()
    return f"Now: {now}."


class StaffRole(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no type at run time
    class Meta:
        model = Person
        fields = ("desk_role",)
        help_texts = {  # noqa: RUF012  # Django reads it once
            "desk_role": "Operators run the studio: work, vendors and credits. Moderators judge pictures. None: they "
            "leave the staff. Whoever is a superuser stays one."
        }

    def clean_desk_role(self) -> str:
        role = str(self.cleaned_data["desk_role"])
        if role and (words := unfit_words(self.instance)):
            raise forms.ValidationError(words)
        return role


class TeamStorage(forms.ModelForm):  # type: ignore[type-arg]  # as above
    gigabytes = forms.DecimalField(
        min_value=0, max_value=1_000_000, decimal_places=3, help_text="0 for what the studio’s setting says."
    )

    class Meta:
        model = Team
        fields = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["gigabytes"] = in_gigabytes(self.instance.bytes_max).normalize()


class Suspendable(Desk):
    """Whose page leads to the one that suspends them, or says that they are and how to lift it."""

    change_form_template = "admin/suspendable_page.html"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **how: Any) -> HttpResponse:
        whom, name = how.get("obj"), str(self.model._meta.model_name)
        standing = Suspension.objects.live().filter(**{name: whom}).first() if whom is not None else None
        if standing is not None:
            context["suspension"] = standing
            context["may_lift"] = rights.may(request.user, "suspension", rights.LIFT)
        elif whom is not None and rights.may(request.user, "suspension", rights.SUSPEND):
            context["suspend_url"] = reverse(f"admin:generations_suspension_{name}", args=[whom.pk])
        answer: HttpResponse = super().render_change_form(request, context, *args, **how)
        return answer


@admin.register(Person)
class PersonDesk(Suspendable):
    list_display = ("email", "name", "role", "is_active", "joined_at", "teams")
    list_filter = ("desk_role", "is_superuser", "is_staff", "is_active")
    search_fields = ("email", "name")
    search_help_text = "A part of the address or of the name."
    date_hierarchy = "joined_at"
    ordering = ("email",)
    form = StaffRole
    fields = ("email", "name", "desk_role", "is_staff", "is_superuser", "is_active", "joined_at", "last_login", "teams")
    readonly_fields = ("email", "name", "is_staff", "is_superuser", "is_active", "joined_at", "last_login", "teams")
    actions = ("make_moderators", "make_operators", "take_the_role", "shut_out", "let_in")

    def has_appoint_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        shown = tuple(self.readonly_fields)
        return shown if self.has_change_permission(request, obj) else (*shown, "desk_role")

    @admin.display(description="Role at the desk")
    def role(self, person: Person) -> SafeString:
        if person.is_superuser:
            return looks.chip("superuser", "Superuser")
        return looks.chip(person.desk_role or "none", person.get_desk_role_display())

    @admin.display(description="Teams")
    def teams(self, person: Person) -> SafeString:
        return looks.listed("member", "Their teams", person__exact=person.pk)

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        """By the service, which writes it down."""
        self._appoint(request, [Person.objects.get(pk=obj.pk)], DeskRole(form.cleaned_data["desk_role"]))

    @admin.action(description="Make them moderators", permissions=["appoint"])
    def make_moderators(self, request: HttpRequest, people: Any) -> HttpResponse | None:
        return self._ask(request, people, "make_moderators", DeskRole.MODERATOR)

    @admin.action(description="Make them operators", permissions=["appoint"])
    def make_operators(self, request: HttpRequest, people: Any) -> HttpResponse | None:
        return self._ask(request, people, "make_operators", DeskRole.OPERATOR)

    @admin.action(description="Take their role away", permissions=["appoint"])
    def take_the_role(self, request: HttpRequest, people: Any) -> HttpResponse | None:
        return self._ask(request, people, "take_the_role", DeskRole.NONE)

    @admin.action(description="Shut them out", permissions=["appoint"])
    def shut_out(self, request: HttpRequest, people: Any) -> HttpResponse | None:
        return self._bar(request, people, SHUT_OUT, barring.shut_out)

    @admin.action(description="Let them in again", permissions=["appoint"])
    def let_in(self, request: HttpRequest, people: Any) -> HttpResponse | None:
        return self._bar(request, people, LET_IN, barring.let_in)

    def _bar(self, request: HttpRequest, people: Any, question: asking.Question, act: Any) -> HttpResponse | None:
        answer = asking.ask(self, request, people, question)
        if answer.rows is not None:
            try:
                number = act(people=answer.rows, by=cast(Person, request.user))
            except barring.NeededHere as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.message_user(request, f"{number} changed. It is in the audit log.")
        return answer.page

    def _ask(self, request: HttpRequest, people: Any, act: str, role: DeskRole) -> HttpResponse | None:
        title, lede = ASKED[role]
        question = asking.Question(name=act, title=title, lede=lede, button=title[:-1], foretell=_role_now)
        answer = asking.ask(self, request, people, question)
        if answer.rows is not None:
            self._appoint(request, answer.rows, role)
        return answer.page

    def _appoint(self, request: HttpRequest, people: Any, role: DeskRole) -> None:
        try:
            number = appointing.appoint(people=list(people), role=role, by=cast(Person, request.user))
        except appointing.Unfit as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        self.message_user(request, f"{number} changed. It is in the audit log.")


@admin.register(Team)
class TeamDesk(Suspendable):
    form = TeamStorage
    list_display = ("name", "starting_credits", "created_at", "people", "work", "accounts")
    search_fields = ("name",)
    date_hierarchy = "created_at"
    ordering = ("name", "pk")
    readonly_fields = ("name", "created_at", "starting_credits", "time_zone", "storage", "people", "work", "accounts")
    fields = (*readonly_fields, "gigabytes")

    @admin.display(description="Storage taken")
    def storage(self, team: Team) -> str:
        return storage_page(team).used

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:
        """By the service, which writes it down."""
        most = in_bytes(form.cleaned_data["gigabytes"])
        storing.limit_team(by=cast(Person, request.user), team=obj, bytes_max=most)

    @admin.display(description="People")
    def people(self, team: Team) -> SafeString:
        return looks.listed("member", "People", team__exact=team.pk)

    @admin.display(description="Generations")
    def work(self, team: Team) -> SafeString:
        return looks.listed("generation", "Generations", team__exact=team.pk)

    @admin.display(description="Credits")
    def accounts(self, team: Team) -> SafeString:
        return looks.listed("creditaccount", "Accounts", team__exact=team.pk)


@admin.register(Member)
class MemberDesk(ReadOnly):
    list_display = ("person", "team", "role", "joined_at", "left_at", "work")
    list_filter = ("role", ("left_at", admin.EmptyFieldListFilter))
    list_select_related = ("person", "team")
    looked_up = ("team", "person")
    search_fields = ("person__email", "person__name", "team__name")
    date_hierarchy = "joined_at"
    ordering = ("team", "pk")

    @admin.display(description="Generations")
    def work(self, member: Member) -> SafeString:
        return looks.listed("generation", "Generations", member__exact=member.pk)


@admin.register(CreditAccount)
class CreditAccountDesk(ReadOnly):
    list_display = ("whose", "team", "available", "posted", "held", "seq")
    list_display_links = ("whose",)
    list_select_related = ("team", "member__person", "member__team")
    looked_up = ("team", "held")
    search_fields = ("team__name", "member__person__email")
    date_hierarchy = "created_at"
    ordering = ("team", "pk")
    change_form_template = "admin/account_page.html"

    @admin.display(description="Whose")
    def whose(self, account: CreditAccount) -> str:
        return str(account.member.called) if account.member else "Pool of the team"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **how: Any) -> HttpResponse:
        context["may_correct"] = rights.may(request.user, "creditentry", rights.CORRECT)
        answer: HttpResponse = super().render_change_form(request, context, *args, **how)
        return answer

    @admin.display(description="Available")
    def available(self, account: CreditAccount) -> str:
        return f"{account.available:,}"
