# Offers 127.0.0.1:3128 to programs that know proxies by address; each connection goes to the socket of the sandbox.
import os
import socket
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client):
    with client, socket.socket(socket.AF_UNIX) as out:
        try:
            out.connect('/run/egress/s')
        except OSError:
            return
        back = threading.Thread(target=pump, args=(out, client), daemon=True)
        back.start()
        pump(client, out)
        back.join()


threading.stack_size(256 * 1024)
listener = socket.create_server(('127.0.0.1', 3128), backlog=16)
os.close(1)
while True:
    try:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
    except (OSError, RuntimeError):
        pass
