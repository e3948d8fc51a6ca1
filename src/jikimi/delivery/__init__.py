"""From a notice in the outbox to the eye: channels, receipts, and the next channel when nobody answers."""
