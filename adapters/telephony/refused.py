"""The no to a request: a status, and a sentence that tells an operator what to mend."""


class Refused(Exception):
    """A request is not taken. The sentence goes to whoever sent it, so it holds nothing that they do not know."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
