"""Mail: where it arrives and how it is read."""
