"""Why something about a board was not done; each message is for the person who tried."""


class BoardRefused(Exception):
    """Nothing was changed; the message says why, and what to do. `field` is the one it is about."""

    field: str | None = None


class BoardGone(BoardRefused):
    def __init__(self) -> None:
        super().__init__("This board is not yours to change, or not there any more. Nothing was changed.")


class NotTheirs(BoardRefused):
    pass


class NameTaken(BoardRefused):
    field = "name"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a board called “{name}” already. Choose another name.")


class TooManyBoards(BoardRefused):
    def __init__(self, number: int, *, is_private: bool) -> None:
        whose = "You have" if is_private else "Your team has"
        super().__init__(f"{whose} {number} boards, and no more fit. Delete one that nobody needs.")


class TooLong(BoardRefused):
    def __init__(self) -> None:
        super().__init__("This search is too long to be kept. Take some of its words or filters away.")


class BoardFull(BoardRefused):
    def __init__(self, number: int) -> None:
        super().__init__(f"A board holds {number:,} pictures at most. Take some off, or begin another one.")


class NotOnBoard(BoardRefused):
    def __init__(self) -> None:
        super().__init__("This picture is not on the board any more. Nothing was moved.")
