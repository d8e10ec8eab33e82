"""Why a report was not taken, a picture not decided, or somebody not suspended; each message is for who tried."""


class ReviewRefused(Exception):
    """Nothing was changed; the message says why, and what to do."""


class ClaimedBySomebody(ReviewRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is looking at this one. Take the next, or come back in a few minutes.")


class DecidedMeanwhile(ReviewRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} decided this meanwhile. Nothing was changed by you; look at it again.")


class NotTheirs(ReviewRefused):
    def __init__(self, words: str = "This is for somebody else to decide.") -> None:
        super().__init__(words)


class ReasonMissing(ReviewRefused):
    def __init__(self) -> None:
        super().__init__("Choose what is wrong with it.")


class NothingToReverse(ReviewRefused):
    def __init__(self) -> None:
        super().__init__("Only the latest decision can be reversed, once, while the picture’s file is still here.")


class NotHidden(ReviewRefused):
    def __init__(self) -> None:
        super().__init__("Only a hidden picture can be removed for good.")


class NothingToHide(ReviewRefused):
    def __init__(self) -> None:
        super().__init__("Nothing comes of this any more, so there is nothing to hide.")


class PurgeRefused(ReviewRefused):
    """Two people remove a file: one asks for it, another one does it."""


class ReportRefused(ReviewRefused):
    """The report was not taken."""


class ReportedAlready(ReportRefused):
    def __init__(self) -> None:
        super().__init__("You reported this picture before. You are told in your inbox what becomes of it.")


class OwnPicture(ReportRefused):
    def __init__(self) -> None:
        super().__init__("This picture is your own. Only others’ pictures can be reported.")


class PictureGone(ReportRefused):
    def __init__(self) -> None:
        super().__init__("This picture is not there any more.")


class TooManyReports(ReportRefused):
    def __init__(self) -> None:
        super().__init__("You reported many pictures within an hour. They are all being looked at; go on in a while.")


class SuspensionRefused(ReviewRefused):
    """Nobody was suspended."""


class NotModerator(SuspensionRefused):
    def __init__(self) -> None:
        super().__init__("Only moderators of the studio suspend people and teams.")


class OwnSuspension(NotModerator):
    def __init__(self) -> None:
        SuspensionRefused.__init__(self, "Nobody lifts their own suspension. Ask another moderator to look at it.")


class NotSuspendable(SuspensionRefused):
    """People of the staff are not suspended, and nobody suspends themselves."""


class SuspendedAlready(SuspensionRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is suspended already. Lift that first to change its end or its reason.")
