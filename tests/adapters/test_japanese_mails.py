"""Hand-made mails, most of them Japanese: every field of every one is right."""

import pytest

from adapters.mail.mime import read_mail
from tests.adapters.japanese_mails import SAMPLES, Sample


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_hand_made_mail_is_read_to_the_letter(sample: Sample) -> None:
    message = read_mail(sample.content)
    assert message.subject == sample.subject
    assert (message.from_name, message.from_address) == sample.sender
    assert message.text == sample.text
    assert message.reply_text == sample.reply
    assert tuple(one.name for one in message.attachments) == sample.files
    assert not message.is_robot


def test_there_are_enough_of_them() -> None:
    assert len({sample.content for sample in SAMPLES}) == len({sample.name for sample in SAMPLES}) == len(SAMPLES)
    assert len(SAMPLES) >= 110
