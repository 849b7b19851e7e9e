# An echo by the library `websockets`: prints a line for each connection that it accepted. Argument: the port.
import asyncio
import sys

from websockets.asyncio.server import serve


async def converse(connection):
    path = connection.request.path
    print(path, flush=True)
    if path.startswith("/close/"):
        await connection.close(int(path.removeprefix("/close/")), "as asked")
        return
    async for message in connection:
        await connection.send(message)


def choose(connection, offered):
    return "chat.v2" if "chat.v2" in offered else None


async def main(port):
    # Pings, which a browser answers by itself.
    options = {"select_subprotocol": choose, "max_size": 64 << 20, "ping_interval": 1}
    async with serve(converse, "127.0.0.1", port, **options) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
