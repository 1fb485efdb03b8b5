"""A link to a server, which can be made slow, or cut."""

import asyncio
import contextlib
import threading

from tests.support.servers import free_port


class Link:
    """Takes connections on a port of its own, and passes on what comes on them.

    Args:
        port: of the server, on this machine.

    Attributes:
        delay_s: how much later than it came each piece of an answer is passed on.
    """

    def __init__(self, port):
        self.to_port, self.port, self.delay_s = port, free_port(), 0.0
        self._loop = asyncio.new_event_loop()
        self._server = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self.mend()
        return self

    def __exit__(self, *fault):
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def mend(self):
        """Take connections."""
        self._call(self._listen())

    def cut(self):
        """Break all connections, and take no more."""
        self._call(self._break())

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self):
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def _break(self):
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # transports tell of their end in a later turn

    async def _pass_on(self, reader, writer):
        with contextlib.suppress(asyncio.CancelledError):  # else asyncio's streams would log it
            await self._pass_on_all(reader, writer)
        writer.transport.abort()

    async def _pass_on_all(self, reader, writer):
        try:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            return
        try:
            await asyncio.gather(self._copy(reader, other_writer), self._copy(other_reader, writer, late=True))
        finally:
            other_writer.transport.abort()

    async def _copy(self, reader, writer, late=False):
        with contextlib.suppress(OSError):
            while piece := await reader.read(65_536):
                if late and self.delay_s:
                    await asyncio.sleep(self.delay_s)
                writer.write(piece)
                await writer.drain()
        writer.close()
