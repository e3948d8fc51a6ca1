"""The ledger: who was shown what of whom, why and when, so that nobody can change it later without being found out.

Pure parts only; ``storage.ledger`` keeps them on disk. ``docs/ledger.md`` says what it proves and what it cannot.
"""
