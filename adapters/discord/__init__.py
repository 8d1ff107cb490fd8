"""Discord: the desk in a Discord server."""
