"""Who may do what: roles, rights and the accounts of staff. Tables and pure functions; keeping them is storage's."""
