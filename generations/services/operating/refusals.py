"""Why something is not done for an operator, in words for them. Every refusal leaves all as it was."""


class OperatingRefused(Exception):
    """The message is for the operator."""


class NotOperator(OperatingRefused):
    def __init__(self) -> None:
        super().__init__("Only operators and superusers of the studio do this.")


class EndedBefore(OperatingRefused):
    def __init__(self) -> None:
        super().__init__("It has ended: there is nothing left to stop. No credits are held for it.")


class BeingSent(OperatingRefused):
    def __init__(self) -> None:
        super().__init__(
            "It is on its way to the vendor at this moment, and nobody knows yet whether it is taken. Try again in a "
            "minute. Nothing was changed."
        )


class BeingFetched(OperatingRefused):
    def __init__(self) -> None:
        super().__init__("It is being fetched at this moment. Nothing was changed.")


class ShelfSilent(OperatingRefused):
    def __init__(self) -> None:
        super().__init__(
            "A part of it is on our shelf already, and the shelf does not answer now. Nothing was changed: look at the "
            "disk, and try again."
        )


class NothingToAsk(OperatingRefused):
    def __init__(self) -> None:
        super().__init__("The vendor never named its task, so it cannot be asked for it. It settles by itself.")


class NothingToDo(OperatingRefused):
    def __init__(self) -> None:
        super().__init__("It has ended: there is nothing to look for.")


class MovedMeanwhile(OperatingRefused):
    def __init__(self) -> None:
        super().__init__("It went on meanwhile, or somebody else was faster. Nothing was changed by you: look again.")


class NotAgain(OperatingRefused):
    """It cannot be ordered again for its member."""
