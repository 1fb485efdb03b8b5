"""An endpoint that explains answers, before what that needs was read: of a large model, at the first request only."""

import asyncio

from forest_serving.protocols.endpoint import Endpoint, EventualReply, Headers, Reply
from forest_serving.protocols.predictor import Explainer


def loaded_first(endpoint: Endpoint, explainer: Explainer) -> Endpoint:
    """Return an endpoint whose first request waits, as others need not, for what explanations need to be read."""
    respond = endpoint.respond

    async def respond_then(headers: Headers, body: bytes) -> Reply:
        await asyncio.to_thread(explainer.load)
        reply = respond(headers, body)
        return reply if isinstance(reply, Reply) else await reply

    def respond_or_wait(headers: Headers, body: bytes) -> EventualReply:
        return respond(headers, body) if explainer.is_loaded else respond_then(headers, body)

    return endpoint._replace(respond=respond_or_wait)
