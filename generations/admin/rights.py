"""Who may do what at the desk: one table, which every page there obeys. What it does not name, nobody may (S58).

Superusers keep the whole of it. Operators run the studio: its work, the state of keys and vendors, and credits; they
judge no pictures, see no keys beyond their last digits and make nobody staff. Moderators judge pictures, suspend and
lift that again; they see no keys and no credits, and write the rules about prompts.
"""

from generations.models import Person

LOOK, ADD, CHANGE, DELETE = "look", "add", "change", "delete"
OPEN = "open"
"""What somebody keeps to themselves, which is written down."""
STEER = "steer"
"""Work: look again, stop, order again. Keys: test, switch off and on."""
REMOVE, CORRECT, REPORT, RESOLVE, EXPORT = "remove", "correct", "report", "resolve", "export"
SUSPEND, LIFT = "suspend", "lift"
REVIEW = "review"
"""Take it up in the review queue though nobody reported it."""
SHUT = "shut"
"""Close a vendor or the studio, and open it again."""

SUPERUSER, OPERATOR, MODERATOR = "superuser", "operator", "moderator"
ROLES = (SUPERUSER, OPERATOR, MODERATOR)

TABLE = """
generation    | look open steer review       | look open steer  | look open review
image         | look open review             | look open        | look open review
person        | look change                  | look             | look
team          | look change                  | look change      | look
member        | look                         | look             | look
creditaccount | look                         | look             |
creditentry   | look add correct             | look add correct |
price         | look add change delete report| look report      |
offerswitch   | look add change              | look add change  |
credential    | look add change steer remove | look steer       |
alert         | look resolve                 | look resolve     |
auditentry    | look export                  | look             |
auditrun      | look                         | look             |
heartbeat     | look                         | look             |
suspension    | look suspend lift            | look             | look suspend lift
reviewcase    | look                         |                  | look
promptrule    | look add change delete       |                  | look add change delete
rulehit       | look                         |                  | look
note          | look delete                  |                  | look delete
tag           | look delete                  |                  | look delete
overview      | look                         | look             |
board         | look change remove           |                  | look change remove
closure       | look shut                    | look shut        |
banner        | look add change              | look add change  |
imagereport   | look                         |                  | look
"""
"""Columns as in ROLES. The overview is no model: it is what the desk's first page says about the studio."""


def _read(text: str) -> dict[str, dict[str, frozenset[str]]]:
    lines = (line.split("|") for line in text.strip().splitlines())
    return {
        name.strip(): dict(zip(ROLES, (frozenset(words.split()) for words in cells), strict=True))
        for name, *cells in lines
    }


RIGHTS = _read(TABLE)


def role_of(person: object) -> str:
    """As whom they sit at the desk; empty for who has no place there."""
    if not isinstance(person, Person) or not person.is_active or not person.is_staff:
        return ""
    return SUPERUSER if person.is_superuser else person.desk_role


def may(person: object, model: str, right: str) -> bool:
    """Whether they may do that with rows of this model, by its name in lower case."""
    return right in RIGHTS.get(model, {}).get(role_of(person), frozenset())
