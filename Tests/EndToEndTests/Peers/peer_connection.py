"""One connection of broken_peer.py: reads requests and frames, and can end in every way that TCP knows."""

import asyncio
import socket
import struct

import websocket_bytes as wire


class Gone(Exception):
    """The client has closed its side, or reset the connection."""


class PeerConnection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, drip: bool):
        self._reader, self._writer, self._drip = reader, writer, drip
        self.socket: socket.socket = writer.get_extra_info("socket")
        self.close_received = self.close_sent = False

    async def send(self, data: bytes) -> None:
        try:
            if not self._drip:
                self._writer.write(data)
                await self._writer.drain()
                return
            for i in range(len(data)):
                # Nagle is off in asyncio: each byte is a segment of its own.
                self._writer.write(data[i : i + 1])
                await self._writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            raise Gone from None

    async def send_close(self, code: int | None = None) -> None:
        await self.send(wire.close_frame(code))
        self.close_sent = True

    async def read_head(self) -> bytes:
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            raise Gone from None

    async def read_frame(self) -> tuple[int, bool, bytes]:
        """(opcode, fin, unmasked payload)"""
        first, second = await self._exactly(2)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack("!H", await self._exactly(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", await self._exactly(8))[0]
        mask = await self._exactly(4) if second & 0x80 else bytes(4)
        payload = await self._exactly(size)
        opcode = first & 0x0F
        if opcode == wire.CLOSE:
            self.close_received = True
        return opcode, bool(first & 0x80), bytes(b ^ mask[i & 3] for i, b in enumerate(payload))

    async def _exactly(self, size: int) -> bytes:
        try:
            return await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Gone from None

    async def read_until_gone(self) -> None:
        """Takes whatever comes and answers nothing."""
        try:
            while await self._reader.read(65536):
                pass
        except ConnectionError:
            pass
        raise Gone

    async def stop_reading(self) -> None:
        """Lets the client's bytes pile up in the kernel, until the client closes its side."""
        self._writer.transport.pause_reading()
        close_wait, closed = 8, 7  # enum in <netinet/tcp.h>; tcpi_state is the first byte of TCP_INFO
        try:
            while self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] not in (close_wait, closed):
                await asyncio.sleep(0.25)
        except OSError:
            pass  # closed already
        raise Gone

    def reset(self) -> None:
        """RST instead of FIN: socket(7), SO_LINGER with zero time."""
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # the client was quicker
        self._writer.transport.abort()
        raise Gone

    def half_close(self) -> None:
        """FIN: nothing more is sent, everything is still read."""
        try:
            self._writer.write_eof()
        except OSError:
            raise Gone from None

    def close(self) -> None:
        self._writer.close()
