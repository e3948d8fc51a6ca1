"""The words of the project as frozen types. No behaviour beyond their own invariants."""
