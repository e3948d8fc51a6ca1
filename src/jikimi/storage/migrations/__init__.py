"""The register's history, run from the package itself."""
