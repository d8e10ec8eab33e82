"""Why something about a rule, a held order or an appeal was not done; each message is for who tried."""

from generations.models.prompting.reach import WAITING_MAX
from generations.models.prompting.rule import RULES_MAX


class PromptingRefused(Exception):
    """Nothing was changed; the message says why, and what to do."""


class NotTheirs(PromptingRefused):
    def __init__(self, words: str = "This is for somebody else to decide.") -> None:
        super().__init__(words)


class DecidedAlready(PromptingRefused):
    def __init__(self, name: str = "") -> None:
        who = f"{name} decided this" if name else "This was decided or taken back"
        super().__init__(f"{who} meanwhile. Nothing was changed by you.")


class WordsMissing(PromptingRefused):
    def __init__(self, words: str = "Write why: the person reads it.") -> None:
        super().__init__(words)


class NotAppealable(PromptingRefused):
    def __init__(self) -> None:
        super().__init__("Only a prompt that a rule blocked can be appealed.")


class AppealedAlready(PromptingRefused):
    def __init__(self) -> None:
        super().__init__("You appealed this before. You are told in your inbox what comes of it.")


class TooManyAppeals(PromptingRefused):
    def __init__(self) -> None:
        super().__init__(
            f"{WAITING_MAX} of your appeals wait for review. This one was not sent. Wait for an answer to one of them, "
            "and send it then."
        )


class RuleRefused(PromptingRefused):
    """The rule was not kept. `field` is the one it is about."""

    field: str | None = None


class NameTaken(RuleRefused):
    field = "name"

    def __init__(self) -> None:
        super().__init__("Another rule has this name.")


class TooManyRules(RuleRefused):
    def __init__(self) -> None:
        super().__init__(f"There are {RULES_MAX} rules, and no more fit. Remove one, or add words to another.")


class ChangedMeanwhile(RuleRefused):
    def __init__(self) -> None:
        super().__init__("Somebody changed or removed this rule meanwhile. Nothing was saved; look at it again.")
