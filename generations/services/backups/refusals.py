"""Why a backup was not made, or a restore was not begun."""


class BackupFailed(Exception):
    """No backup was made; the message says why. Backups made before are as they were."""


class RestoreRefused(Exception):
    """The message says why, and what to do. Unless it says otherwise nothing was changed."""
