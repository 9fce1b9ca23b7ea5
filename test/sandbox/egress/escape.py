# Tries every way out there is and says which of them reached somebody. argv-free: HERE and PORT are put in front.
import ctypes, http.client, json, os, socket, ssl, struct, urllib.request

found = {}


def attempt(name):
    def run(function):
        try:
            found[name] = 'REACHED' if function() else 'no'
        except BaseException as error:
            found[name] = 'no: %s' % type(error).__name__
    return run


def talk(family, address, say=b'GET / HTTP/1.0\r\n\r\n'):
    with socket.socket(family) as out:
        out.settimeout(3)
        out.connect(address)
        out.sendall(say)
        return out.recv(10)


def through(target, host=None, say=None):
    """CONNECT; truthy only when the proxy opened it and something came back."""
    with socket.create_connection(('127.0.0.1', 3128), 5) as out:
        out.settimeout(5)
        out.sendall(('CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n' % (target, host or target)).encode())
        answer = out.recv(4096)
        if b' 200 ' not in answer.split(b'\r\n')[0]:
            return False
        out.sendall(say or b'GET / HTTP/1.0\r\n\r\n')
        return out.recv(10)


def get(url, headers={}):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:
        return answer.status == 200


def named(name):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    out = socket.create_connection(('127.0.0.1', 3128), 5)
    out.sendall(b'CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n')
    out.recv(4096)
    with context.wrap_socket(out, server_hostname=name) as secured:
        secured.sendall(b'GET / HTTP/1.0\r\n\r\n')
        return secured.recv(10)


attempt('host service, direct')(lambda: talk(socket.AF_INET, (HERE, PORT)))
attempt('host service, by proxy')(lambda: through('%s:%d' % (HERE, PORT)))
attempt('host service, absolute form')(lambda: get('http://%s:%d/' % (HERE, PORT)))
attempt('metadata, direct')(lambda: talk(socket.AF_INET, ('169.254.169.254', 80)))
attempt('metadata, by proxy')(lambda: get('http://169.254.169.254/latest/meta-data/'))
attempt('metadata, decimal')(lambda: get('http://2852039166/'))
attempt('metadata, hexadecimal')(lambda: get('http://0xa9fea9fe/'))
attempt('metadata, octal')(lambda: get('http://0251.0376.0251.0376/'))
attempt('metadata, mapped')(lambda: through('[::ffff:169.254.169.254]:80'))
attempt('metadata, behind an allowed name')(lambda: get('http://metadata.example.com:443/'))
attempt('rebinding: one answer of two is loopback')(lambda: through('rebound.example.com:443'))
attempt('loopback of the host by proxy')(lambda: through('localhost:%d' % PORT))
attempt('public address, direct')(lambda: talk(socket.AF_INET, ('1.1.1.1', 443)))
attempt('IPv6, direct')(lambda: talk(socket.AF_INET6, ('2606:4700:4700::1111', 443)))
attempt('name that is not allowed')(lambda: get('https://evil.example/'))
attempt('other port of an allowed name')(lambda: through('api.example.com:22'))
attempt('name below an allowed name')(lambda: get('https://x.api.example.com/'))
attempt('no TLS in a tunnel')(lambda: through('api.example.com:443'))
attempt('other server name in TLS')(lambda: named('other.example'))
attempt('no server name in TLS')(lambda: named(None))
attempt('no TLS to an entry with TLS')(lambda: get('http://api.example.com/'))
attempt('other Host than target')(lambda: get('http://mirror.example.com/', {'Host': 'evil.example'}))


@attempt('DNS tunnel')
def _():
    question = struct.pack('>6H', 1, 256, 1, 0, 0, 0) + b'\x06secret\x07example\x03com\0' + struct.pack('>2H', 16, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.settimeout(3)
        out.sendto(question, (HERE, PORT))
        return out.recv(10)


@attempt('name by the resolver')
def _():
    return socket.gethostbyname('example.com')


@attempt('raw socket')
def _():
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


@attempt('packet socket')
def _():
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


@attempt('vsock')
def _():
    return socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)


@attempt('another interface than loopback')
def _():
    return [name for _, name in socket.if_nameindex() if name != 'lo']


@attempt('writing into the folder of the socket')
def _():
    return os.open('/run/egress/x', os.O_CREAT | os.O_WRONLY)


@attempt('replacing the socket')
def _():
    os.unlink('/run/egress/s')
    return True


@attempt('sockets of other sandboxes')
def _():
    return [name for name in os.listdir('/run/egress/..') if name != 'egress'] and [
        path for path in os.listdir('/run/egress') if path not in ('s', 'ca.pem', 'shim.py', 'shim.sh', 'preload.cjs')
    ]


@attempt('socket of Docker')
def _():
    return talk(socket.AF_UNIX, '/var/run/docker.sock')


print(json.dumps(found))
