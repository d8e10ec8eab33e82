"""What a board is called and who sees it. Never saves."""

from django import forms

from generations.forms.names import NameField
from generations.models.board import NAME_CHARACTERS_MAX, SEARCH_CHARACTERS_MAX


class BoardForm(forms.Form):
    """`search` is what a live board is to look for, as the fields of an address."""

    name = NameField(
        label="Name",
        max_length=NAME_CHARACTERS_MAX,
        error_messages={"required": "Give the board a name."},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    is_private = forms.BooleanField(label="Only for me", required=False)
    search = forms.CharField(required=False, max_length=SEARCH_CHARACTERS_MAX, widget=forms.HiddenInput)
