"""Who visits the studio in a browser. Everybody has a team of their own unless the test needs two in one."""

from dataclasses import dataclass

PASSWORD = "a lamp beside the window"


@dataclass(frozen=True)
class Part:
    """One person: what they may do, where, and with how many credits (owners have the 500 they start with)."""

    name: str
    team: str
    role: str = "owner"
    credits: int = 0

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@studio.example"


ADA = Part("Ada", "Northlight")  # comes in by the set-up link
MALLORY = Part("Mallory", "Southlight")  # comes in by the command line, makes nothing
NORA = Part("Nora", "Nightwatch")  # her wall shows every state
VERA = Part("Vera", "Nightwatch", role="viewer")
PENNY = Part("Penny", "Nightwatch", role="creator", credits=7)
QUINN = Part("Quinn", "Quiet")  # nothing is open in this team unless a test opens it
LENA = Part("Lena", "Lantern")  # signs in and out, changes her theme
OTTO = Part("Otto", "Old press")  # has no script

EVERYBODY = (ADA, MALLORY, NORA, VERA, PENNY, QUINN, LENA, OTTO)
