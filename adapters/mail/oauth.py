"""Access tokens for mailboxes (OAuth 2.0, RFC 6749): one request when the last token is about to end."""

import asyncio
import time

import aiohttp

from adapters.mail.imap.config import OAuth

EARLY = 60.0
"""Seconds before its end that a token counts as ended."""
PATIENCE = 15.0
USUAL = 3600.0
"""Seconds that a token lasts when the server does not say."""
LONGEST = 200


class TokenError(Exception):
    """There is no access token; the message is a sentence for operators. `is_stubborn`: a person must mend it."""

    def __init__(self, sentence: str, *, is_stubborn: bool) -> None:
        super().__init__(sentence)
        self.is_stubborn = is_stubborn


class Tokens:
    """Fetches access tokens and keeps the last. A server that hands out a new refresh token with one is obeyed."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth
        self._refresh_token = oauth.refresh_token
        self._token = ""
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        """A token that lasts for a minute at least. Raises TokenError."""
        async with self._asking:
            if not self._token or time.monotonic() >= self._until - EARLY:
                self._token, lasts = await self._ask()
                self._until = time.monotonic() + lasts
            return self._token

    def forget(self) -> None:
        """The token was refused: the next one is a new one."""
        self._token = ""

    def _form(self) -> dict[str, str]:
        oauth = self._oauth
        form = {"client_id": oauth.client_id, "client_secret": oauth.client_secret, "scope": oauth.scope}
        if self._refresh_token:
            form |= {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        else:
            form |= {"grant_type": "client_credentials"}
        return {name: value for name, value in form.items() if value}

    async def _ask(self) -> tuple[str, float]:
        url, status = self._oauth.token_url, 0
        try:
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=self._form(), allow_redirects=False) as response,
            ):
                status = response.status
                said = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise TokenError(f"{url} gives no access token: {type(fault).__name__}.", is_stubborn=False) from fault
        except ValueError as fault:
            sentence = f"{url} answered no JSON (status {status}). Check token_url."
            raise TokenError(sentence, is_stubborn=True) from fault
        if not isinstance(said, dict) or not isinstance(said.get("access_token"), str):
            raise _refused(url, status, said)
        if isinstance(renewed := said.get("refresh_token"), str) and renewed and self._refresh_token:
            self._refresh_token = renewed
        return said["access_token"], _seconds(said.get("expires_in"))


def _refused(url: str, status: int, said: object) -> TokenError:
    """What the token server says by RFC 6749, 5.2; its words name no secret."""
    error = description = ""
    if isinstance(said, dict):
        error, description = str(said.get("error", "")), str(said.get("error_description", ""))
    mends = {
        "invalid_grant": "The refresh token has ended or was withdrawn: give Madoguchi access to the mailbox again.",
        "invalid_client": "Check client_id and client_secret.",
        "unauthorized_client": "Check client_id, and what the application may do.",
        "invalid_scope": "Check the scope.",
    }
    words = " ".join(f"{error} {description}".split())[:LONGEST] or f"status {status}"
    mend = mends.get(error, "Check the OAuth settings of the mailbox.")
    return TokenError(f"{url} gives no access token ({words}). {mend}", is_stubborn=status < 500 and status != 429)


def _seconds(said: object) -> float:
    try:
        return float(str(said))
    except ValueError:
        return USUAL
