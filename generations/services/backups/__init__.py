"""Backups of the whole studio, and the way back from one: the database as of one moment, and the files its rows name.

The secrets the studio is started with are never part of a backup, only prints by which they are known again.
"""

from generations.services.backups.finding import Backup, find
from generations.services.backups.making import Made, make
from generations.services.backups.manifests import Manifest
from generations.services.backups.marks import unfinished
from generations.services.backups.refusals import BackupFailed, RestoreRefused
from generations.services.backups.returning import SetAside, put_back, require_free, require_keys
from generations.services.backups.waking import Woken, wake

__all__ = [
    "Backup",
    "BackupFailed",
    "Made",
    "Manifest",
    "RestoreRefused",
    "SetAside",
    "Woken",
    "find",
    "make",
    "put_back",
    "require_free",
    "require_keys",
    "unfinished",
    "wake",
]
