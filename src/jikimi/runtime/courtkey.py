"""A court's secret key: read when a case is opened, from a file that lies outside the data, and never kept."""

from __future__ import annotations

from pathlib import Path

from jikimi.apps.docket import LockedError
from jikimi.petitions.package import PackageError, public_of
from jikimi.runtime.settings import CourtSettings, SettingsError


class CourtKey:
    """The key of one court. Whoever takes the file away locks the court's cases at once.

    Args:
        court_id: whose. court: its settings.
        data: the data folder, in which the file must not lie.

    Raises:
        SettingsError: no file is named, or it lies within the data folder.
    """

    def __init__(self, court_id: str, court: CourtSettings, data: Path) -> None:
        if court.key_file is None or court.owner is None:
            raise SettingsError(f"The court {court_id} is served here: its settings need key_file and owner.")
        self._path = Path(court.key_file).resolve()
        self.public = court.key
        if self._path.is_relative_to(data.resolve()):
            raise SettingsError(
                f"The key_file of the court {court_id} must lie outside the data folder, or a copy of the data opens its cases."
            )

    def secret(self) -> str:
        """Return the secret key.

        Raises:
            LockedError: it is not there, or another court's.
        """
        try:
            found = self._path.read_text(encoding="utf-8").strip().splitlines()[-1]
            is_own = public_of(found) == self.public
        except (OSError, UnicodeDecodeError, IndexError, PackageError):
            raise LockedError(
                "The court's key file cannot be read, so no case can be opened. Whoever keeps the key must put it in place."
            ) from None
        if not is_own:
            raise LockedError(
                "The court's key file holds another key than the one to which petitions are sealed, so no case can be opened."
            )
        return found

    def locked(self) -> str | None:
        """Return why no case can be opened, in a sentence; None where they can."""
        try:
            self.secret()
        except LockedError as error:
            return str(error)
        return None
