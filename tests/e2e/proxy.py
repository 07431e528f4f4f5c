#!/usr/bin/env python3
"""A TCP proxy that hands everything on after a delay, in both directions: a link that is long, and narrow
where it is given a rate for what comes from the server. Runs in a process of its own, so that nobody's work delays it further.

    with DelayProxy(("127.0.0.1", 5432), delay_ms=50) as proxy: … proxy.port …
"""

import asyncio
import socket
import subprocess
import sys
import time


class DelayProxy:
    def __init__(self, target, delay_ms, bytes_per_s=0):
        self.words = [sys.executable, __file__, target[0], str(target[1]), str(delay_ms),
                      str(bytes_per_s)]

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


async def hand_on(reader, writer, delay_s, bytes_per_s):
    """Chunks leave in the order in which they came, each delay_s after it came."""
    loop = asyncio.get_running_loop()
    while chunk := await reader.read(1 << 18 if bytes_per_s == 0 else max(1, bytes_per_s // 20)):
        if bytes_per_s:
            await asyncio.sleep(len(chunk) / bytes_per_s)
        loop.call_at(time.monotonic() + delay_s, writer.write, chunk)
    loop.call_at(time.monotonic() + delay_s, writer.close)


async def serve(host, port, delay_s, bytes_per_s):
    async def connect(reader, writer):
        there_reader, there_writer = await asyncio.open_connection(host, port)
        for one in (writer, there_writer):
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(hand_on(reader, there_writer, delay_s, 0),
                             hand_on(there_reader, writer, delay_s, bytes_per_s),
                             return_exceptions=True)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1000,
                      int(sys.argv[4])))
