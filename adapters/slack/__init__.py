"""Madoguchi in Slack: its cards as Block Kit, its commands as slash commands, by Socket Mode or signed HTTP."""
