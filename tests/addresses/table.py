"""Who gets what at every address, declared: the studio's and the desk's. An address that is missing here fails.

A number is a status, `in` is being sent to the login, and `ask` to where people show once more who they are. With a `+`
something was written that stays; without it an answer changed nothing but what a session or the queue remembers.
"""

from dataclasses import dataclass
from typing import Any

from generations.forms.team import UPSCALING as UPSCALING_PREFIX
from generations.forms.team import upscalers
from tests.conftest import PASSWORD

UPSCALING = {f"{UPSCALING_PREFIX}{key}": "everyone" for key, _ in upscalers()}

VISITORS = ("anonymous", "vera", "nina", "ben", "otto", "ada", "mallory", "staff", "root")
"""Nobody; a viewer, a creator, the creator whose things they are, an admin and the owner of the team; the owner of
another team; staff without a team and without rights at the desk; a superuser. The last two have a second factor."""
AT_THE_DESK = ("anonymous", "ada", "staff", "root")
"""To the desk every member of a team is the same."""


@dataclass(frozen=True)
class Row:
    """What each visitor gets for a GET, and for a POST with nothing in it."""

    get: tuple[str, ...]
    post: tuple[str, ...]


def _read(text: str, columns: int) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for line in text.strip().splitlines():
        name, get, post = line.split("|")
        row = Row(get=tuple(get.split()), post=tuple(post.split()))
        assert (len(row.get), len(row.post)) == (columns, columns), name
        assert name.strip() not in rows, name
        rows[name.strip()] = row
    return rows


# Columns as in VISITORS, twice: for a GET, and for a POST with nothing in it.
TABLE = _read(
    """
studio                          |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
feed                            |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
batches                         |  in 405 405 405 405 405 405 405 405 |   in  422  422  422  422  422  422  403  403
generation                      |  in 200 200 200 200 200 404 403 403 |   in  405  405  405  405  405  405  405  405
generation_cancellation         |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+ 302+ 302+  404  403  403
generation_retry                |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+ 302+ 302+  404  403  403
generation_review               |  in 405 405 405 405 405 405 405 405 |   in  403  403  403 302+ 302+  404  403  403
image                           |  in 200 200 200 200 200 404 403 403 |   in  405  405  405  405  405  405  405  405
image_boards                    |  in 200 200 200 200 200 404 403 403 |   in  302  302  302  302  302  404  403  403
image_privacy                   |  in 405 405 405 405 405 405 405 405 |   in  302  302 302+  302  302  404  403  403
image_report                    |  in 200 200 200 200 200 404 403 403 |   in  422  422  422  422  422  404  403  403
image_upscale                   |  in 200 200 200 200 200 404 403 403 |   in  422  422  422  422  422  404  403  403
image_removal                   |  in 405 405 405 405 405 405 405 405 |   in  302  302 302+ 302+ 302+  404  403  403
image_restoration               |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+ 302+ 302+  404  403  403
selection                       |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  302  403  403
bulk_act                        |  in 404 404 200 404 404 404 403 403 |   in  405  405  405  405  405  405  405  405
bulk_act_undo                   |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+  404  404  404  403  403
bulk_act_cancellation           |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+  404  404  404  403  403
trash                           |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
trash_restoration               |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  302  403  403
trash_removal                   |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  302  403  403
retention                       |  in 403 403 403 200 200 200 403 403 |   in  403  403  403  422  422  422  403  403
image_favorite                  |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  404  403  403
image_rating                    |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  404  403  403
image_pick                      |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  404  403  403
image_tags                      |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  404  403  403
image_tag_removal               |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  404  403  403
image_notes                     |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  404  403  403
note                            |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  404  403  403
note_removal                    |  in 405 405 405 405 405 405 405 405 |   in  302  302 302+ 302+ 302+  404  403  403
tags                            |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
tag                             |  in 405 405 405 405 405 405 405 405 |   in  403  403  403  302  302  404  403  403
tag_removal                     |  in 405 405 405 405 405 405 405 405 |   in  403  403  403 302+ 302+  404  403  403
image_file                      |  in 200 200 200 200 200 404 403 403 |   in  405  405  405  405  405  405  405  405
image_original                  |  in 200 200 200 200 200 404 403 403 |   in  405  405  405  405  405  405  405  405
image_settings                  |  in 200 200 200 200 200 404 403 403 |   in  405  405  405  405  405  405  405  405
archives                        |  in 200 200 200 200 200 200 403 403 |   in  422  422  422  422  422  422  403  403
archive                         |  in 404 404 200 404 404 404 403 403 |   in  405  405  405  405  405  405  405  405
archive_file                    |  in 404 404 200 404 404 404 403 403 |   in  405  405  405  405  405  405  405  405
archive_removal                 |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+  404  404  404  403  403
archive_retry                   |  in 405 405 405 405 405 405 405 405 |   in  404  404  302  404  404  404  403  403
library                         |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
library_facets                  |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
uploads                         |  in 403 200 200 200 200 200 403 403 |   in  403  422  422  422  422  422  403  403
upload_news                     |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
boards                          |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
board_new                       |  in 200 200 200 200 200 200 403 403 |   in  422  422  422  422  422  422  403  403
board                           |  in 200 200 200 200 200 404 403 403 |   in  405  405  405  405  405  405  405  405
board_details                   |  in 404 404 200 200 200 404 403 403 |   in  404  404  422  422  422  404  403  403
board_removal                   |  in 404 404 200 200 200 404 403 403 |   in  404  404 302+ 302+ 302+  404  403  403
board_return                    |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+ 302+ 302+  404  403  403
board_order                     |  in 405 405 405 405 405 405 405 405 |   in  404  404  404  404  404  404  403  403
board_pictures                  |  in 405 405 405 405 405 405 405 405 |   in  404  302  302  302  302  404  403  403
credits                         |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
statement_sheet                 |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
statement_file                  |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
books_proof                     |  in 403 403 403 302 302 302 403 403 |   in  403  403  403  302  302  302  403  403
report                          |  in 403 403 403 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
report_file                     |  in 403 403 403 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
vendor_report                   |  in 403 403 403 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
vendor_report_file              |  in 403 403 403 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
brake                           |  in 200 200 200 200 200 200 403 403 |   in  422  422  422  422  422  422  403  403
asks                            |  in 200 200 200 200 200 200 403 403 |   in  422  422  422  422  422  422  403  403
ask                             |  in 403 403 403 200 200 404 403 403 |   in  403  403  403  422  422  404  403  403
account                         |  in 200 200 200 200 200 200 200 200 |   in  422  422  422  422  422  422  422  422
account_keys                    |  in 405 405 405 405 405 405 405 405 |   in 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+
downloads                       |  in 200 200 200 200 200 200 200 200 |   in 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+
account_change_password         |  in 200 200 200 200 200 200 200 200 |   in  422  422  422  422  422  422  422  422
address                         |  in 200 200 200 200 200 200 200 200 |   in  422  422  422  422  422  422  422  422
address_confirmation            | 404 404 404 404 404 404 404 404 404 |  404  404  404  404  404  404  404  404  404
factors                         |  in 200 200 200 200 200 200 200 200 |   in  405  405  405  405  405  405  405  405
authenticator_new               |  in 200 200 200 200 200 200 302 302 |   in  422  422  422  422  422  422  302  302
authenticator_removal           |  in 405 405 405 405 405 405 405 405 |   in  404  404  404  404  404  404 302+ 302+
passkey_new                     |  in 200 200 200 200 200 200 200 200 |   in  422  422  422  422  422  422  422  422
passkey_removal                 |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+  404  404  404  404  404
recovery_codes                  |  in 302 302 200 302 302 302 200 200 |   in  302  302 302+  302  302  302 302+ 302+
account_export                  |  in 200 200 200 200 200 200 200 200 |   in 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+
account_export_file             |  in 404 404 404 404 404 404 404 404 |   in  405  405  405  405  405  405  405  405
account_deletion                |  in 200 200 200 200 200 200 200 200 |   in  422  422  422  422  422  422  422  422
sessions_end                    |  in 405 405 405 405 405 405 405 405 |   in  302  302 302+  302  302  302  302  302
session_end                     |  in 405 405 405 405 405 405 405 405 |   in  302  302 302+  302  302  302  302  302
banner_dismissal                |  in 405 405 405 405 405 405 405 405 |   in  302  302  302  302  302  302  302  302
inbox                           |  in 200 200 200 200 200 200 200 200 |   in  405  405  405  405  405  405  405  405
notice                          |  in 404 404 302 404 404 404 404 404 |   in  404  404  302  404  404  404  404  404
inbox_reading                   |  in 405 405 405 405 405 405 405 405 |   in 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+
invitation                      | 200 200 200 200 200 200 200 200 200 |  422  302  302  302  302  302 302+ 302+ 302+
invitation_question             | 405 405 405 405 405 405 405 405 405 | 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+
team                            |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
roles                           |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
storage                         |  in 403 403 403 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
member_storage                  |  in 403 403 403 200 200 404 403 403 |   in  403  403  403  422  422  404  403  403
team_settings                   |  in 403 403 403 200 200 200 403 403 |   in  403  403  403  422  422  422  403  403
invitations                     |  in 403 403 403 200 200 200 403 403 |   in  403  403  403  422  422  422  403  403
invitation_renewal              |  in 405 405 405 405 405 405 405 405 |   in  403  403  403 200+ 200+  404  403  403
invitation_removal              |  in 405 405 405 405 405 405 405 405 |   in  403  403  403 302+ 302+  404  403  403
member_credits                  |  in 403 403 403 200 200 404 403 403 |   in  403  403  403  422  422  404  403  403
member_allowance                |  in 403 403 403 200 200 404 403 403 |   in  403  403  403  422  422  404  403  403
member_role                     |  in 405 405 405 405 405 405 405 405 |   in  403  403  403  302  302  404  403  403
member_password                 |  in 403 403 403 403 200 404 403 403 |   in  403  403  403  403 200+  404  403  403
member_removal                  |  in 404 404 200 200 200 404 403 403 |   in  404  404  in+ 302+ 302+  404  403  403
team_choice                     |  in 405 405 405 405 405 405 405 405 |   in 302+ 302+ 302+ 302+ 302+  404  404  404
credentials                     |  in 403 403 403 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
credential_new                  |  in 403 403 403 200 200 200 403 403 |   in  403  403  403  422  422  422  403  403
credential                      |  in 403 403 403 302 302 404 403 403 |   in  405  405  405  405  405  405  405  405
credential_calls                |  in 403 403 403 200 200 404 403 403 |   in  405  405  405  405  405  405  405  405
credential_proof                |  in 405 405 405 405 405 405 405 405 |   in  403  403  403  302  302  404  403  403
credential_place                |  in 405 405 405 405 405 405 405 405 |   in  403  403  403  302  302  404  403  403
credential_pause                |  in 405 405 405 405 405 405 405 405 |   in  403  403  403 302+ 302+  404  403  403
credential_details              |  in 403 403 403 200 200 404 403 403 |   in  403  403  403  422  422  404  403  403
credential_replacement          |  in 403 403 403 200 200 404 403 403 |   in  403  403  403  422  422  404  403  403
credential_removal              |  in 403 403 403 200 200 404 403 403 |   in  403  403  403 302+ 302+  404  403  403
rules                           |  in 403 403 403 200 200 200 403 403 |   in  403  403  403  422  422  422  403  403
rule_new                        |  in 403 403 403 200 200 200 403 403 |   in  403  403  403  422  422  422  403  403
rule                            |  in 403 403 403 200 200 404 403 403 |   in  403  403  403  422  422  404  403  403
rule_removal                    |  in 403 403 403 200 200 404 403 403 |   in  403  403  403 302+ 302+  404  403  403
prompts                         |  in 200 200 200 200 200 200 403 403 |   in  405  405  405  405  405  405  405  405
held_withdrawal                 |  in 405 405 405 405 405 405 405 405 |   in  404  404 302+  404  404  404  403  403
hit_appeal                      |  in 404 404 200 404 404 404 403 403 |   in  404  404  422  404  404  404  403  403
review_prompts                  |  in 403 403 403 200 200 200 403 200 |   in  405  405  405  405  405  405  405  405
held_decision                   |  in 405 405 405 405 405 405 405 405 |   in  403  403  403  422  422  404  403  422
appeal_decision                 |  in 405 405 405 405 405 405 405 405 |   in  403  403  403  422  422  404  403  422
review                          |  in 403 403 403 200 200 200 403 200 |   in  405  405  405  405  405  405  405  405
review_case                     |  in 403 403 403 200 200 404 403 200 |   in  405  405  405  405  405  405  405  405
review_picture                  |  in 403 403 403 200 200 404 403 200 |   in  405  405  405  405  405  405  405  405
review_opening                  |  in 405 405 405 405 405 405 405 405 |   in  403  403  403  302  302  404  403  302
review_claim                    |  in 405 405 405 405 405 405 405 405 |   in  403  403  403 302+ 302+  404  403 302+
review_decision                 |  in 405 405 405 405 405 405 405 405 |   in  403  403  403  422  422  404  403  422
review_purge                    |  in 403 403 403 200 200 404 403 200 |   in  403  403  403 302+ 302+  404  403 302+
review_reversal                 |  in 403 403 403 200 200 404 403 200 |   in  403  403  403 302+ 302+  404  403 302+
account_login                   | 200 302 302 302 302 302 302 302 302 |  200  302  302  302  302  302  302  302  302
mfa_authenticate                |  in 302 302 302 302 302 302 302 302 |   in  302  302  302  302  302  302  302  302
mfa_login_webauthn              |  in 302 302 302 302 302 302 302 302 |   in  302  302  302  302  302  302  302  302
organization_login              | 404 404 404 404 404 404 404 404 404 |  404  404  404  404  404  404  404  404  404
openid_connect_callback         | 404 404 404 404 404 404 404 404 404 |  404  404  404  404  404  404  404  404  404
account_reauthenticate          |  in 200 200 200 200 200 200 200 200 |   in  200  200  200  200  200  200  200  200
mfa_reauthenticate              |  in ask ask ask ask ask ask 200 200 |   in  ask  ask  ask  ask  ask  ask  200  200
mfa_reauthenticate_webauthn     |  in ask ask 200 ask ask ask ask ask |   in  ask  ask  ask  ask  ask  ask  ask  ask
account_reset_password          | 200 200 200 200 200 200 200 200 200 |  422  422  422  422  422  422  422  422  422
account_reset_password_from_key | 200 200 200 200 200 200 200 200 200 |  200  200  200  200  200  200  200  200  200
account_logout                  |  in 200 200 200 200 200 200 200 200 |   in   in   in   in   in   in   in   in   in
callback                        | 405 405 405 405 405 405 405 405 405 |  404  404  404  404  404  404  404  404  404
source                          | 403 403 403 403 403 403 403 403 403 |  405  405  405  405  405  405  405  405  405
setup                           | 404 404 404 404 404 404 404 404 404 |  404  404  404  404  404  404  404  404  404
csp_report                      | 405 405 405 405 405 405 405 405 405 |  204  204  204  204  204  204  204  204  204
healthz                         | 200 200 200 200 200 200 200 200 200 |  405  405  405  405  405  405  405  405  405
readyz                          | 503 503 503 503 503 503 503 503 503 |  405  405  405  405  405  405  405  405  405
metrics                         | 200 200 200 200 200 200 200 200 200 |  405  405  405  405  405  405  405  405  405
""",
    len(VISITORS),
)

# The same, where an organization is set up to sign people in.
FEDERATED = _read(
    """
account_login                   | 200 302 302 302 302 302 302 302 302 |  200  302  302  302  302  302  302  302  302
organization_login              | 200 200 200 200 200 200 200 200 200 |  200  200  200  200  200  200  200  200  200
openid_connect_callback         | in+ in+ in+ in+ in+ in+ in+ in+ in+ |   in   in   in   in   in   in   in   in   in
""",
    len(VISITORS),
)

# Columns as in AT_THE_DESK. What names no model is the desk's own; the others stand for a page of each of its models.
DESK = _read(
    """
index                           | 302 302 200 200 |  302  302  200  200
login                           |  in 403 302 302 |   in  403  200  200
logout                          | 302 302 405 405 |  302  302   in   in
password_change                 | 302 302 302 302 |  302  302  302  302
password_change_done            | 302 302 200 200 |  302  302  405  405
autocomplete                    | 302 302 403 403 |  302  302  405  405
jsi18n                          | 302 302 200 200 |  302  302  405  405
view_on_site                    | 302 302 404 404 |  302  302  404  404
app_list                        | 302 302 404 200 |  302  302  404  200
<path:object_id>/               |  in 302 302 302 |   in  302  302  302
(?P<url>.*)$                    | 302 302 404 404 |  302  302  404  404
changelist                      |  in 302 403 200 |   in  302  403  200
add                             |  in 302 403 403 |   in  302  403  403
change                          |  in 302 403 200 |   in  302  403  403
history                         |  in 302 403 200 |   in  302  403  200
delete                          |  in 302 403 403 |   in  302  403  403
credential_add                  |  in 302 403 200 |   in  302  403  200
credential_change               |  in 302 403 200 |   in  302  403 302+
offerswitch_add                 |  in 302 403 200 |   in  302  403  200
offerswitch_change              |  in 302 403 200 |   in  302  403 302+
creditentry_add                 |  in 302 403 200 |   in  302  403  200
price_add                       |  in 302 403 200 |   in  302  403  200
promptrule_add                  |  in 302 403 200 |   in  302  403  200
promptrule_change               |  in 302 403 200 |   in  302  403  200
note_delete                     |  in 302 403 200 |   in  302  403  200
tag_delete                      |  in 302 403 200 |   in  302  403  200
promptrule_delete               |  in 302 403 200 |   in  302  403  200
team_change                     |  in 302 403 200 |   in  302  403  200
person_change                   |  in 302 403 200 |   in  302  403 302+
board_change                    |  in 302 403 200 |   in  302  403  200
generation_opening              |  in 302 405 405 |   in  302  403  302
image_thumbnail                 |  in 302 403 200 |   in  302  405  405
generation_review               |  in 302 405 405 |   in  302  403 302+
image_review                    |  in 302 405 405 |   in  302  403 302+
creditentry_adjustment          |  in 302 403 200 |   in  302  403  200
creditentry_refund              |  in 302 403 200 |   in  302  403  200
price_vendors                   |  in 302 403 200 |   in  302  405  405
price_vendors_file              |  in 302 403 200 |   in  302  405  405
banner_add                      |  in 302 403 200 |   in  302  403  422
banner_change                   |  in 302 403 200 |   in  302  403  422
suspension_person               |  in 302 403 200 |   in  302  403  422
suspension_team                 |  in 302 403 200 |   in  302  403  422
suspension_lift                 |  in 302 405 405 |   in  302  403  302
closure_beginning               |  in 302 403 200 |   in  302  403  422
closure_ending                  |  in 302 403 200 |   in  302  403 302+
""",
    len(AT_THE_DESK),
)
MADE_THERE = ("banner", "credential", "creditentry", "offerswitch", "price", "promptrule")
"""What superusers make and change at the desk; the rest of it only looks."""
LOOKED_AT = (
    "alert", "auditentry", "auditrun", "board", "closure", "creditaccount", "generation", "heartbeat", "image",
    "imagereport", "member", "note", "person", "reviewcase", "rulehit", "suspension", "tag", "team",
)  # fmt: skip

SENT: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    name: (body, tuple(outcomes.split()))
    for name, body, outcomes in (
        ("batches", {"prompt": "a lamp", "model": "demo:painter", "shape": "3:2", "count": "1"},
         " in  422 302+ 302+ 302+ 302+ 302+  403  403"),
        ("image_upscale", {"choice": "demo:enlarge-2x"},
         " in  422 302+ 302+ 302+ 302+  404  403  403"),
        ("image_report", {"reason": "hateful"},
         " in 302+ 302+  422 302+ 302+  404  403  403"),
        ("retention", {"trash_days": "7", "months": "12"},
         " in  403  403  403 302+ 302+ 302+  403  403"),
        ("trash_removal", {"all": "1", "sure": "1"},
         " in  302  302 302+  302 302+  302  403  403"),
        ("board_new", {"name": "Vases", "search": "q=vase"},
         " in 302+ 302+ 302+ 302+ 302+ 302+  403  403"),
        ("board_details", {"name": "Vases"},
         " in  404  404 302+ 302+ 302+  404  403  403"),
        ("image_boards", {"name": "Vases"},
         " in 302+ 302+ 302+ 302+ 302+  404  403  403"),
        ("image_privacy", {"private": "1"},
         " in  302  302 302+  302  302  404  403  403"),
        ("image_favorite", {"on": "1"},
         " in 302+ 302+ 302+ 302+ 302+  404  403  403"),
        ("image_rating", {"rating": "4"},
         " in 302+ 302+ 302+ 302+ 302+  404  403  403"),
        ("image_pick", {"on": "1"},
         " in  302 302+ 302+ 302+ 302+  404  403  403"),
        ("image_tags", {"name": "brass, hallway"},
         " in  302 302+ 302+ 302+ 302+  404  403  403"),
        ("image_tag_removal", {"name": "LAMPS"},
         " in  302 302+ 302+ 302+ 302+  404  403  403"),
        ("image_notes", {"text": "For the hall."},
         " in  302 302+ 302+ 302+ 302+  404  403  403"),
        ("note", {"text": "For the attic."},
         " in  302  302 302+  302  302  404  403  403"),
        ("tag", {"name": "Lanterns"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("generation_retry", {"request_key": "once"},
         " in  404  404 302+ 302+ 302+  404  403  403"),
        ("account", {"theme": "dark"},
         " in 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+"),
        ("downloads", {"file_pattern": "{date} {prompt}", "writes_settings": "on"},
         " in 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+"),
        ("account_change_password", {"current": PASSWORD, "password": "another lamp beside the door"},
         " in 302+ 302+ 302+ 302+ 302+ 302+ 302+ 302+"),
        ("address", {"email": "elsewhere@studio.test"},
         " in  200  200  200  200  200  200  200  200"),
        ("team_settings", {"name": "Taken over", "time_zone": "UTC", "starting_credits": "9"} | UPSCALING,
         " in  403  403  403 302+ 302+ 302+  403  403"),
        ("invitations", {"emails": "friend@studio.test", "role": "owner"},
         " in  403  403  403  422 200+ 200+  403  403"),
        ("brake", {"amount": "50", "period": "day"},
         " in 302+ 302+ 302+ 302+ 302+ 302+  403  403"),
        ("asks", {"amount": "50", "reason": "a series of lamps"},
         " in 302+ 302+ 422+ 302+ 302+ 302+  403  403"),
        ("ask", {"decision": "approve", "amount": "30"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("member_credits", {"amount": "30", "reason": "a series", "request_key": "once"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("member_allowance", {"amount": "30", "rollover": "0"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("member_storage", {"gigabytes": "1.5", "pictures": "0"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("member_role", {"role": "admin"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("member_removal", {"heir": ""},
         " in  404  404  in+ 302+ 302+  404  403  403"),
        ("team_choice", {"place": "library"},
         " in 302+ 302+ 302+ 302+ 302+  404  404  404"),
        ("invitation", {"name": "Gus", "email": "gus@elsewhere.test", "password": PASSWORD},
         "302+ 302  302  302  302  302  302+ 302+ 302+"),
        ("credential_new", {"provider": "demo", "label": "Second"},
         " in  403  403  403 302+ 302+ 302+  403  403"),
        ("credential_details", {"label": "Renamed"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("credential_replacement", {"key": "a-key-that-is-long-enough"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("credential_pause", {"on": "1"},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("rules", {"prompt": "a lamp"},
         " in  403  403  403  200  200  200  403  403"),
        ("rule_new", {"act": "save", "name": "No lamps", "kind": "words", "words": "lamp", "action": "warn",
                      "message": "No lamps."},
         " in  403  403  403 302+ 302+ 302+  403  403"),
        ("rule", {"act": "save", "name": "No lamps", "kind": "pattern", "pattern": "lamp", "action": "warn",
                  "message": "No lamps."},
         " in  403  403  403 302+ 302+  404  403  403"),
        ("hit_appeal", {"words": "It is a lamp."},
         " in  404  404 302+  404  404  404  403  403"),
        ("held_decision", {"verdict": "yes"},
         " in  403  403  403 302+ 302+  404  403 302+"),
        ("appeal_decision", {"verdict": "yes"},
         " in  403  403  403 302+ 302+  404  403 302+"),
        ("review_claim", {"on": "1"},
         " in  403  403  403 302+ 302+  404  403 302+"),
        ("review_decision", {"action": "keep", "reason": "fine", "version": "1"},
         " in  403  403  403 302+ 302+  404  403 302+"),
        ("account_login", {"login": "vera@studio.test", "password": PASSWORD},
         "302+ 302  302  302  302  302  302  302  302"),
        ("account_reset_password", {"email": "ben@studio.test"},
         " 200  200  200  200  200  200  200  200  200"),
    )
}  # fmt: skip
"""What proves more than nothing: a body as a page would send it, and what becomes of it, columns as in VISITORS."""
