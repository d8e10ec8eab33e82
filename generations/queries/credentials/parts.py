"""The pieces a page of vendors is made of: plain values, ready to be written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from generations.models import Credential, CredentialState
from generations.queries.credentials.calls import Refusals

NEARLY_FULL = 0.9


class Trouble(Enum):
    """Why a stored key cannot be used at all."""

    NONE = ""
    UNREADABLE = "The sealing key that opens it is missing."
    OTHER_HOST = "The vendor’s address was changed since this key was entered."


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What offers that share their limits have in use."""

    offers: tuple[str, ...]
    running: int
    running_max: int
    hourly: int
    hourly_max: int

    @property
    def fullness(self) -> float:
        """From 0 to 1, where 1 takes nothing more."""
        pairs = ((self.running, self.running_max), (self.hourly, self.hourly_max))
        return max(value / most if value < most else 1.0 for value, most in pairs)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a credential stands at this moment, found out where keys may be opened and limits counted.

    `live` is how much runs or is watched on it; `has_worked` whether a picture was ever made on it; `has_drawings` says
    of one that was given up that nobody else can enlarge some of what it drew; `refusals` are those it rests after.
    """

    trouble: Trouble = Trouble.NONE
    uses: Sequence[Use] = ()
    live: int = 0
    has_worked: bool = False
    has_drawings: bool = False
    is_tested: bool = False
    is_unanswered: bool = False
    refusals: Refusals = Refusals()  # noqa: RUF009  # frozen, and the same for all


@dataclass(frozen=True, kw_only=True, slots=True)
class Gauge:
    label: str
    value: int
    most: int

    @property
    def scale(self) -> int:
        """The length of the bar; a limit of 0 still needs one."""
        return max(1, self.most)

    @property
    def mood(self) -> str:
        if self.value >= self.most:
            return "danger"
        return "caution" if self.value >= NEARLY_FULL * self.most else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The bars of offers that share their limits; without a name where a vendor has one such group only."""

    name: str
    gauges: list[Gauge]


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    words: str
    mood: str = ""
    icon: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A sentence on the card; `since` and `until` are moments its last words speak of."""

    headline: str
    detail: str = ""
    mood: str = "danger"
    since: datetime | None = None
    until: datetime | None = None
    asks_for_key: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """Something the vendor sells. `refused` is what it answered where it does not sell it on this key."""

    label: str
    is_on: bool
    refused: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    pk: int
    vendor: str
    label: str
    key: str
    needs_key: bool
    health: str
    badge: Badge
    notice: Notice | None
    checked: str
    proof: str
    error: str
    groups: list[Group]
    balance: str
    models: list[Model]
    state: str
    is_shared: bool = False
    is_tested: bool = False
    is_unanswered: bool = False
    is_first: bool = False
    is_last: bool = False

    @property
    def name(self) -> str:
        """For the names of its buttons: two keys of one vendor must not sound alike."""
        return f"{self.vendor}, {self.label}" if self.label else self.vendor

    @property
    def takes_work(self) -> bool:
        return self.state in {CredentialState.ACTIVE, CredentialState.PAUSED}

    @property
    def is_paused(self) -> bool:
        return self.state == CredentialState.PAUSED


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    cards: list[Card]
    shared: list[Card]
    team_name: str

    @property
    def count(self) -> int:
        return len(self.cards)

    def card(self, pk: int) -> Card | None:
        return next((card for card in self.cards if card.pk == pk), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A vendor a key can be added for, and where such keys come from."""

    key: str
    label: str
    homepage: str
    host: str
    sells: str
    needs_key: bool
    announces: bool


@dataclass(frozen=True)
class Rows:
    """The team's own credentials, those that drain last, and the installation's."""

    own: list[Credential] = field(default_factory=list)
    shared: list[Credential] = field(default_factory=list)

    @property
    def all(self) -> list[Credential]:
        return [*self.own, *self.shared]
