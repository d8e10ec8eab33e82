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
ROSA = Part("Rosa", "Roundhouse")  # has keys of all three vendors, and draws at each
TESS = Part("Tess", "Threshold")  # whose vendors refuse
SAUL = Part("Saul", "Threshold", role="creator", credits=60)  # orders there, and only sees what members see
IRIS = Part("Iris", "Viewfinder")  # has three vendors, and pictures that read as if theirs
KATE = Part("Kate", "Keyring")  # looks after keys
PAUL = Part("Paul", "Keyring", role="creator")  # does not
WANDA = Part("Wanda", "Waiting room")  # whose vendor is full, then paused
HANA = Part("Hana", "Hall of lamps")  # invites others, gives roles, parts with one
CORA = Part("Cora", "Counting house")  # looks after its credits
CARL = Part("Carl", "Counting house", role="creator", credits=40)  # asks for more, and stops himself
IRA = Part("Ira", "Hall of echoes")  # has a team, and joins Hana's
MAUD = Part("Maud", "Lookout")  # looks at what was reported there
PAM = Part("Pam", "Lookout", role="admin")  # does so, too
NED = Part("Ned", "Lookout", role="creator", credits=60)  # made it
OLGA = Part("Olga", "Lookout", role="viewer")  # reported it
BASIL = Part("Basil", "Brake van")  # whose vendor is paused, and whose studio is closed for a while
GRETA = Part("Greta", "Gatehouse")  # writes rules about prompts, and reviews what they hold
GIL = Part("Gil", "Gatehouse", role="creator", credits=60)  # meets them

EVERYBODY = (
    ADA,
    MALLORY,
    NORA,
    VERA,
    PENNY,
    QUINN,
    LENA,
    OTTO,
    ROSA,
    TESS,
    SAUL,
    IRIS,
    KATE,
    PAUL,
    WANDA,
    HANA,
    IRA,
    CORA,
    CARL,
    MAUD,
    PAM,
    NED,
    OLGA,
    BASIL,
    GRETA,
    GIL,
)
