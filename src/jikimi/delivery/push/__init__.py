"""Web Push: encryption (RFC 8291), the server's proof of who it is (RFC 8292), and the request (RFC 8030)."""
