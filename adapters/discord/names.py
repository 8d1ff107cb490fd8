"""How a command is called in Discord: its verb, with a hyphen where it has two words."""


def name_of(verb: str) -> str:
    """The name, without the slash, of a verb's command."""
    return verb.replace("_", "-")


def verb_of(name: str) -> str:
    """The verb of a command that is called so."""
    return name.replace("-", "_")
