import subprocess
import sys

from tests.server_process import classify, told, until
from tests.vanishing_client import CONNECTIONS

KILLS = 3


def stream_and_be_killed(address):
    """The process is killed while each of its connections has a stream under way."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.vanishing_client", address], stdout=subprocess.PIPE
    ) as client:
        assert client.stdout
        assert client.stdout.readline() == b"streaming\n"
        client.kill()


async def test_120_streams_of_clients_that_were_killed_end_and_leave_no_file_open(server):
    async def ended():
        return await server.metric(
            "grpc_server_handled_total", grpc_method="StreamClassify", grpc_code="CANCELLED"
        )

    async def all_gone():
        return await ended() == before + KILLS * CONNECTIONS and server.open_files() <= files

    async with server.channel() as channel:
        assert await told(classify(channel)) == (1, "grid")
        before, files = await ended(), server.open_files()
        for _ in range(KILLS):
            stream_and_be_killed(server.address)
        await until(all_gone)
        assert await told(classify(channel)) == (1, "grid")
        assert await server.waiting() == 0
