"""The embedded chat workspace: a ChatPlatform of its own and its page, served on loopback."""
