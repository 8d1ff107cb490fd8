"""The parts of an IMAP mailbox: its settings, its line, its errors in words, and how far it has been taken in."""
