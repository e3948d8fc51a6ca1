"""Ways to a court: a folder, a mailbox, an HTTP receiver. Which of them a court has is the operator's setting."""
