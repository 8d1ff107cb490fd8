"""The schema's history: one Alembic revision a file, brought up to date at start."""
