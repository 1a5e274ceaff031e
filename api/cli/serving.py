"""``rotation serve``: the HTTP interface and the pages on one machine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.exits import BAD_INPUT
from api.cli.output import say

if TYPE_CHECKING:
    from api.services import Services

Host = Annotated[str, typer.Option(help="监听地址 · The address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="端口, 0 为任意空闲端口 · The port; 0: any free one.")]


def add_to(app: typer.Typer) -> None:
    app.command("serve", epilog="例 Example: rotation serve --port 8000")(serve)


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """启动接口和网页 · Serve the HTTP interface and the pages, on this machine only unless told otherwise."""
    from api.services import Services
    from api.settings import Settings

    start_server(Services(limits=Settings().limits()), host, port)


def start_server(services: Services, host: str, port: int, path: str = "/") -> None:
    """Serve until Ctrl-C; ``path`` is the page whose address is printed."""
    import uvicorn

    from api.app import create_app

    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen()  # so that the address answers from the moment it is printed
    except OSError as error:
        services.close()
        say(f"无法监听 {host}:{port} ({error.strerror}), 请换一个 --port · cannot listen there, try another --port")
        raise typer.Exit(BAD_INPUT) from None
    shown = f"[{host}]" if ":" in host else host
    print(f"http://{shown}:{taken.getsockname()[1]}{path}", flush=True)
    say("按 Ctrl-C 结束 · Ctrl-C to leave")
    config = uvicorn.Config(
        create_app(services), log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    try:
        uvicorn.Server(config).run(sockets=[taken])
    except KeyboardInterrupt:
        pass
    finally:
        services.close()
