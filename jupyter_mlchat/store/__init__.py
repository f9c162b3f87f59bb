"""Where the journal lies: SQLAlchemy Core tables, SQLite by default."""
