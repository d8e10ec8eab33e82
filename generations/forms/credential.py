"""Keys to vendors on their way in. Refuses what no vendor takes; never saves, and never gives a key back to a page."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from generations import outgoing, providers
from generations.services.credentials import UnusableKey, checked_key

LABEL_CHARACTERS_MAX = 80
LIMIT_MAX = 100_000
ENTER_AGAIN = "A page that was refused does not keep keys: enter it again."


class Key(forms.CharField):
    """A secret: typed blindly, never filled in again."""

    def __init__(self, **options: Any) -> None:
        dots = forms.PasswordInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"})
        super().__init__(widget=dots, required=False, strip=True, **options)

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        try:
            return checked_key(typed) if typed else ""
        except UnusableKey as refusal:
            raise ValidationError(str(refusal)) from None


class BaseUrl(forms.CharField):
    """Another address of a vendor: https and public, or on a host the environment lists (S38)."""

    def __init__(self) -> None:
        super().__init__(
            label="Base URL",
            required=False,
            max_length=200,
            help_text="Empty: the usual one. After a change the key has to be entered again before it is sent there.",
        )

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        word = typed.rstrip("/")
        if not word:
            return ""
        try:
            parts = urlsplit(word)
            port = parts.port or 443
        except ValueError:
            raise ValidationError("This is no address.") from None
        if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
            raise ValidationError("Write an address such as https://api.example.org/v1.")
        if parts.scheme in {"http", "https"} and parts.hostname in settings.ALLOW_PRIVATE_HOSTS:
            return word
        if parts.scheme != "https":
            raise ValidationError("Keys travel by https only, except to hosts that ALLOW_PRIVATE_HOSTS lists.")
        if not _is_public(parts.hostname, port):
            raise ValidationError("This host is not public. Only the environment can allow it: ALLOW_PRIVATE_HOSTS.")
        return word


def _is_public(host: str, port: int) -> bool:
    """Whether the name leads somewhere, and nowhere else than to addresses of the open internet."""
    try:
        found = outgoing.look_up(host, port)
    except (OSError, UnicodeError):
        raise ValidationError("There is no host of this name.") from None
    return bool(found) and all(outgoing.is_public(address) for address in found)


class Limit(forms.IntegerField):
    def __init__(self, *, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            min_value=0,
            max_value=LIMIT_MAX,
            help_text="Empty: the vendor’s own limit. 0: none at all.",
            error_messages={
                "invalid": "Write a whole number, or nothing.",
                "min_value": "Write 0 or more, or nothing.",
                "max_value": f"Write {LIMIT_MAX:,} at most.",
            },
        )


def label_field() -> forms.CharField:
    return forms.CharField(
        label="Name",
        max_length=LABEL_CHARACTERS_MAX,
        help_text="How you tell it from others, such as Main or Backup.",
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={
            "required": "Give the key a name.",
            "max_length": f"Use {LABEL_CHARACTERS_MAX} characters at most.",
        },
    )


def webhook_field() -> Key:
    return Key(label="Webhook key", help_text="If you set one at the vendor: its calls are believed only when signed.")


class WithKeys(forms.Form):
    """Says, once it was refused, that keys have to be entered again."""

    def refuse(self, name: str | None, words: str) -> None:
        """Add what a service had against it."""
        self.add_error(name if name in self.fields else None, words)

    def dress(self) -> "WithKeys":
        """Call it before a refused form is shown again."""
        for name, field in self.fields.items():
            if isinstance(field, Key) and self.data.get(self.add_prefix(name)):
                self[name].help_text = ENTER_AGAIN
        return self


class NewKey(WithKeys):
    provider = forms.ChoiceField(
        label="Vendor",
        choices=providers.choices,
        error_messages={
            "required": "Choose a vendor.",
            "invalid_choice": "This vendor is not known here. Choose another.",
        },
    )
    label = label_field()
    key = Key(label="Key")
    webhook_key = webhook_field()
    running_max = Limit(label="At most running at once")
    hourly_max = Limit(label="At most started in an hour")

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if "provider" not in facts:
            return facts
        vendor = providers.get(facts["provider"])
        if not vendor.needs_key:
            facts["key"] = ""
        elif facts.get("key") == "":
            self.add_error("key", f"Enter the key you got from {vendor.label}.")
        if not vendor.announces:
            facts["webhook_key"] = ""
        return facts


class KeyReplacement(WithKeys):
    key = Key(label="New key")
    webhook_key = webhook_field()

    def __init__(self, *args: Any, announces: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["webhook_key"].help_text = "Empty: the one stored now stays."
        if not announces:
            del self.fields["webhook_key"]

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not key:
            raise ValidationError("Enter the new key.")
        return key


class KeyDetails(WithKeys):
    label = label_field()
    running_max = Limit(label="At most running at once")
    hourly_max = Limit(label="At most started in an hour")
    webhook_key = webhook_field()

    def __init__(self, *args: Any, announces: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["webhook_key"].help_text = "Empty: the one stored now, if any, stays."
        if not announces:
            del self.fields["webhook_key"]
