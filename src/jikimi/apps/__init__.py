"""One web app for each audience, each with its own routes, session and origin."""
