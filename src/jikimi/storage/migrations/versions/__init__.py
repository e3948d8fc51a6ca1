"""One file for each step of the register's schema, up and down. A step never imports the tables of today."""
