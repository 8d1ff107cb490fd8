"""The sample people of the embedded workspace: two agents and a supervisor, in Japanese and in English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whom a browser tab can act as. `role` is a hint for the page; rights belong to the core.

    `language` is "ja" or "en"; `time_zone` an IANA name such as "Asia/Tokyo".
    """

    handle: str
    name: str
    role: str
    language: str
    time_zone: str


SAMPLE_PEOPLE = (
    Person("hana", "佐藤 花", "agent", "ja", "Asia/Tokyo"),
    Person("ken", "Ken Miller", "agent", "en", "Europe/London"),
    Person("emma", "Emma Clark", "supervisor", "en", "Asia/Tokyo"),
)
