"""SMS over SMPP 3.4: PDUs, the session, the channel."""
