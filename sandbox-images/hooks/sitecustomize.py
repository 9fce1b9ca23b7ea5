# Python imports this before it opens the program. What it has to give stands in supervise.sh and program.ts.
import sys


def sallyport_begin():
    import os

    def take(size):
        parts = []
        while size > 0:
            part = os.read(3, min(size, 1 << 20))
            if not part:
                os._exit(125)
            parts.append(part)
            size -= len(part)
        return b''.join(parts)

    # Byte by byte: what comes behind the program is not for this reader.
    def line():
        said = b''
        while not said.endswith(b'\n'):
            said += take(1)
        return said[:-1]

    def write(path, data):
        with open(path, 'wb') as file:
            file.write(data)

    with open('/proc/version', 'rb') as version:
        os.write(1, version.readline())
    count, code, given = map(int, line().split())
    for _ in range(count):
        path = os.fsdecode(line())
        size = int(line())
        if '/' in path:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, take(size))
    write('/tmp/program/main.py', take(code))
    write('/tmp/program/stdin', take(given))
    os.close(3)
    # What is printed before a time limit must not stay in a buffer. PYTHONUNBUFFERED loses output: it gives up the rest
    # of a write that the pipe took in part, which gVisor's pipes do after 64 KiB. Children of the program read this too.
    write(__file__, b'import sys; sys.stdout.reconfigure(line_buffering=True)\n')
    sys.stdout.reconfigure(line_buffering=True)
    # What was looked for in vain before the files were there.
    for path in ('/tmp/program', os.getcwd()):
        sys.path_importer_cache.pop(path, None)
    os.write(1, b'\x06')


try:
    sallyport_begin()
    del sallyport_begin
except BaseException:
    # An exception would be told, and the program be started all the same.
    sys.modules['os']._exit(125)
