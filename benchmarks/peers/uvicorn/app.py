"""The least that an ASGI application can do."""

HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"19")],
}
BODY = {"type": "http.response.body", "body": b'{"predictions":[0]}'}


async def app(scope, receive, send):
    """Send the fixed reply."""
    await send(HEAD)
    await send(BODY)


async def reader(scope, receive, send):
    """Read the body to its end, and send the fixed reply."""
    while (await receive())["more_body"]:
        pass
    await app(scope, receive, send)
