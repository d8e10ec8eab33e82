"""What somebody says about the pictures they bring. Never saves, never looks into a file."""

from django import forms
from django.http import QueryDict

from generations.forms.drawing import request_key
from generations.models import Team
from generations.models.upload import TITLE_MAX


class Bring(forms.Form):
    request_key = forms.CharField(required=False)
    title = forms.CharField(
        label="What is it?",
        required=False,
        max_length=TITLE_MAX,
        help_text="Words it is found by. Left empty, the file’s name is used.",
    )
    private = forms.BooleanField(label="Only for me", required=False)

    def __init__(self, data: QueryDict | None = None, *, team: Team) -> None:
        super().__init__(data, initial={"private": team.private_by_default})

    def clean_request_key(self) -> str:
        return request_key(self.cleaned_data["request_key"])
