"""Jikimi: court-ordered proximity protection."""

__version__ = "0.1.0"
