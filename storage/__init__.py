"""The SQL store: SQLite and PostgreSQL from the same code."""
