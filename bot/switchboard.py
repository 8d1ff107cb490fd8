"""The switchboard: the ways in for the telephone systems that the settings switch on."""

from typing import Any

from bot.ports import Clock, Meter, Store
from bot.settings import Settings


def telephone_routes(settings: Settings, store: Store, clock: Clock, meter: Meter) -> list[Any]:
    """The addresses at which telephone systems tell of calls; none when no secret is set."""
    telephony = settings.telephony
    if not telephony.is_on:
        return []
    from adapters.telephony.config import TelephonyConfig  # only where it is on: it costs a part of the start
    from adapters.telephony.routes import routes
    from bot.telephone import Telephone

    config = TelephonyConfig(telephony.secret, telephony.twilio_auth_token, settings.public_url)
    queue = telephony.queue or settings.queues[0]
    return list(routes(config, Telephone(store, clock, settings.phone_region, queue, meter).hear, clock))
