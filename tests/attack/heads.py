#!/usr/bin/python3
"""Hostile request heads, several hundred, by family: each must be refused by our reader with the status that its family
says, and whatever nginx refuses we refuse too. heads.py BUILD [-v]. nginx runs on loopback, in a folder of its own."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
CONTROLS = [bytes([n]) for n in [*range(1, 9), 11, 12, *range(14, 32), 127]]
TOKEN_NOT = [bytes([n]) for n in b"\"(),/;<=>?@[\\]{}"]


def families():
    """(family, statuses that are right, head)"""
    def all_of(name, statuses, heads):
        for head in heads:
            yield name, statuses, head if head.endswith(b"\r\n\r\n") else head + b"\r\n"

    post = b"POST / HTTP/1.1\r\nHost: a\r\n"
    lengths = [b"+5", b"-5", b"5,5", b"5, 5", b"5 5", b"0x5", b"5.0", b"five", b"", b"5;", b"'5'", b"\xef\xbc\x95", b"5\x0b",
               b"99999999999999999999", b"18446744073709551616", b"1e3", b"5,", b",5", b"0b1", b"5_0"]
    codings = [b"identity", b"gzip", b"gzip, chunked", b"chunked, gzip", b"chunked, chunked", b"chunked,", b",chunked",
               b"xchunked", b"chunkedx", b"chunked;q=1", b"\"chunked\"", b"chunked chunked", b"chunke", b"cHuNkEd, identity",
               b"x, chunked", b"", b"chunked\x00", b"\x0bchunked", b"chunked\x0c"]
    hosts = [b"", b"a b", b"a/b", b"a@b", b"a:b", b"a:0", b"a:99999", b"a:-1", b"a:+80", b"[::1", b"::1", b"[::1]x", b"a?b",
             b"a#b", b"a\\b", b"a,b", b"a%41", b"[g]", b"<a>", b"\"a\"", b"a;b", b"a=b", b"a:80:80", b"a" * 300, b"(a)", b"a|b"]
    targets = [b"", b"a", b"../", b"/..", b"/../a", b"/a/..", b"/a/../b", b"/a/./b", b"/.", b"/a/.", b"/%2e", b"/%2E%2e/a", b"/.%2e",
               b"//", b"//a", b"/a//b", b"/a//", b"/%", b"/%2", b"/%zz", b"/%0g", b"/a%", b"/\xc3\xa4", b"/\xff", b"/a\x7f", b"/a\x01",
               b"/#", b"/a#b", b"/<a>", b"/\"", b"/a\\b", b"/`", b"/{a}", b"/|", b"/^", b"/[a]", b"*", b"http://", b"http://b",
               b"http:///", b"ftp://a/", b"http://a b/", b"http://a@b/", b"http://b/", b"https://[::1/", b"a:80", b"/?%", b"/?a=%f", b"/?\xe4",
               b"/a?b#c", b"HTTP/1.1", b"?a", b"javascript:1"]
    versions = [b"HTTP/1", b"HTTP/1.", b"HTTP/.1", b"HTTP/11", b"http/1.1", b"Http/1.1", b"HTTP/1.1x", b"HTTP/1.10", b"HTTP/01.1",
                b"HTTP/1,1", b"HTTPS/1.1", b"HTTP /1.1", b"HTP/1.1", b"ICY/1.1", b"", b"HTTP/a.b", b"HTTP/1.1\x00", b"HTTP/ 1.1", b"HTTP/1 .1"]
    yield from all_of("length is no number", {400}, [post + b"Content-Length: " + v + b"\r\n" for v in lengths])
    yield from all_of("coding is not chunked", {400, 501}, [post + b"Transfer-Encoding: " + v + b"\r\n" for v in codings])
    yield from all_of("two lengths", {400}, [post + b"Content-Length: %d\r\nContent-Length: %d\r\n" % pair
                                            for pair in [(5, 5), (5, 6), (0, 0), (0, 5), (5, 0)]])
    yield from all_of("two framings", {400}, [
        post + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", post + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        post + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        post + b"Transfer-Encoding: chunked\r\nTransfer-encoding: identity\r\n",
        post + b"content-length: 0\r\nTRANSFER-ENCODING: chunked\r\n", b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"])
    yield from all_of("host", {400}, [b"GET / HTTP/1.1\r\nHost: " + v + b"\r\n" for v in hosts])
    yield from all_of("hosts", {400}, [b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX: a\r\n", GET + b"Host: a\r\n", GET + b"Host: b\r\n",
                                     GET + b"host: \r\n", b"GET / HTTP/1.1\r\nHosts: a\r\n", b"GET / HTTP/1.1\r\n Host: a\r\n"])
    yield from all_of("target", {400}, [b"GET " + v + b" HTTP/1.1\r\nHost: a\r\n" for v in targets])
    yield from all_of("version", {400, 505}, [b"GET / " + v + b"\r\nHost: a\r\n" for v in versions])
    yield from all_of("another version", {505}, [b"GET / HTTP/%d.%d\r\nHost: a\r\n" % v for v in [(0, 9), (1, 2), (1, 9), (2, 0), (2, 1), (3, 0), (9, 9)]])
    yield from all_of("blanks in the request line", {400}, [b"GET  / HTTP/1.1\r\nHost: a\r\n", b"GET /  HTTP/1.1\r\nHost: a\r\n", b"GET\t/ HTTP/1.1\r\nHost: a\r\n",
        b"GET /\tHTTP/1.1\r\nHost: a\r\n", b" GET / HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1 \r\nHost: a\r\n", b"GET / HTTP/1.1\t\r\nHost: a\r\n",
        b"GET / x HTTP/1.1\r\nHost: a\r\n", b"GET\x0b/ HTTP/1.1\r\nHost: a\r\n", b"GET\r\nHost: a\r\n", b"GET /\r\nHost: a\r\n", b"GET\r / HTTP/1.1\r\nHost: a\r\n"])
    yield from all_of("method", {400}, [b"G" + c + b"T / HTTP/1.1\r\nHost: a\r\n" for c in TOKEN_NOT + CONTROLS[:8] + [b"\xe4", b"\x7f"]])
    yield from all_of("unknown method", {501}, [m + b" / HTTP/1.1\r\nHost: a\r\n" for m in
                                              [b"CONNECT", b"TRACE", b"get", b"Get", b"GETS", b"PROPFIND", b"PRI", b"X" * 50]])
    yield from all_of("field name", {400}, [GET + b"X" + c + b"Y: a\r\n" for c in TOKEN_NOT + CONTROLS + [b" ", b"\t", b"\xe4"]])
    yield from all_of("blank before the colon", {400}, [GET + n + b" : a\r\n" for n in
                                                     [b"X", b"Content-Length", b"Transfer-Encoding", b"Host", b"Connection", b"X\t"]])
    yield from all_of("framing in disguise", {400}, [post + n + c + b": " + v + b"\r\n" for c in TOKEN_NOT + [b" ", b"\t", b"\x0b", b"\x00"]
                                                    for n, v in [(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")]])
    yield from all_of("control in a value", {400}, [GET + b"X: a" + c + b"b\r\n" for c in CONTROLS])
    yield from all_of("control at the end of a value", {400}, [GET + b"X: a" + c + b"\r\n" for c in CONTROLS])
    yield from all_of("no colon", {400}, [GET + v + b"\r\n" for v in [b"X", b"X a", b"X=a", b"GET / HTTP/1.1"]])
    yield from all_of("no name", {400}, [GET + v + b"\r\n" for v in [b":", b": a", b":a", b" : a", b":Host: a"]])
    yield from all_of("folded", {400}, [GET + b"X: a\r\n" + v + b"\r\n" for v in [b" b", b"\tb", b" X: b", b"\tContent-Length: 5", b"  ", b" :"]])
    yield from all_of("NUL", {400}, [h.replace(b"@", b"\0") + b"" for h in
        [b"GET /@ HTTP/1.1\r\nHost: a\r\n", b"G@T / HTTP/1.1\r\nHost: a\r\n", GET + b"X: @\r\n", GET + b"X@: a\r\n", GET + b"@: a\r\n", GET + b"X: a@\r\n",
         b"GET / HTTP/1.1@\r\nHost: a\r\n", b"GET / HTTP/1.1\r\nHost: a@\r\n", b"@GET / HTTP/1.1\r\nHost: a\r\n", post + b"Content-Length: 5@\r\n"]])
    yield from all_of("line ends", {400}, [
        b"GET / HTTP/1.1\nHost: a\r\n", b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n", b"GET / HTTP/1.1\rHost: a\r\n", GET + b"X: a\rb\r\n", GET + b"X: a\r\r\n",
        GET + b"\nX: a\r\n", GET + b"X: a\n\r\n", b"\nGET / HTTP/1.1\r\nHost: a\r\n", b"\r\n\nGET / HTTP/1.1\r\nHost: a\r\n", b"\rGET / HTTP/1.1\r\nHost: a\r\n",
        GET + b"X: a\r b\r\n", GET + b"X:\n a\r\n", b"GET /\n HTTP/1.1\r\nHost: a\r\n"])
    yield from all_of("expectation", {417}, [post + b"Content-Length: 1\r\nExpect: " + v + b"\r\n" for v in [b"x", b"200-ok", b"100", b"100-continue, x", b""]])
    yield from all_of("target and host", {400}, [b"GET http://%s/ HTTP/1.1\r\nHost: %s\r\n" % pair for pair in [(b"a", b"b"), (b"a:80", b"a"), (b"a", b"a:80"), (b"b", b"a")]])
    yield from all_of("too long", {414, 431}, [b"GET /" + b"a" * n + b" HTTP/1.1\r\nHost: a\r\n" for n in [4097, 5000, 8100, 8192, 20000]])
    yield from all_of("too large", {431}, [GET + b"X: " + b"a" * n + b"\r\n" for n in [8192, 9000, 30000]] + [GET + b"X: a\r\n" * n for n in [64, 65, 100, 1000]])


def ask_ours(build, heads):
    given = b"".join(b"%d\n%s" % (len(head), head) for head in heads)
    made = subprocess.run([f"{build}/heads"], input=given, stdout=subprocess.PIPE, check=True)
    return [int(line.split()[0]) for line in made.stdout.decode("utf-8", "replace").strip().split("\n")]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start_nginx(folder, port):
    with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
        file.write(f"""daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log crit;
            events {{ worker_connections 512; }}
            http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
                    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; large_client_header_buffers 4 8k; client_header_timeout 2s;
                    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "ok"; }} }} }}""")
    server = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return server
        except OSError:
            time.sleep(0.05)
    raise SystemExit("nginx does not start")


def ask_nginx(port, head):
    """Its status; 0: it closed without a word, or wants more."""
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        try:
            client.sendall(head + b"hello")
            client.shutdown(socket.SHUT_WR)
            got = client.recv(4096)
        except OSError:
            return 0
    return int(got[9:12]) if got.startswith(b"HTTP/1.1 ") else 0


def main():
    build, verbose = os.path.abspath(sys.argv[1]), "-v" in sys.argv
    cases = list(families())
    ours = ask_ours(build, [head for _, _, head in cases])
    failed, skipped, stricter = 0, 0, {}
    wrong = [(case, got) for case, got in zip(cases, ours) if got not in case[1]]
    for (family, statuses, head), got in wrong:
        print(f"FAILED  {family}: {got} instead of {sorted(statuses)}: {head[:120]!r}")
    failed += 1 if wrong else 0
    print(f"{'FAILED' if wrong else 'ok'}      {len(cases)} hostile heads are refused as they should be")
    good = [GET + b"\r\n", b"GET /a/b/?c=%20d HTTP/1.1\r\nhost:a:80\r\nX:\t\xe4 b\t\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"]
    refused = [got for got in ask_ours(build, good) if got != 200]
    failed += 1 if refused else 0
    print(f"{'FAILED' if refused else 'ok'}      honest ones are not")
    if shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        folder = tempfile.mkdtemp(prefix="bulkhead-nginx-")
        port = free_port()
        server = start_nginx(folder, port)
        try:
            lax = []
            for (family, _, head), got in zip(cases, ours):
                theirs = ask_nginx(port, head)
                if theirs != 200 and got == 200:
                    lax.append(head)
                if theirs == 200 and got != 200:
                    stricter.setdefault(family, []).append(head)
        finally:
            server.terminate()
            server.wait(10)
            shutil.rmtree(folder)
        for head in lax:
            print(f"FAILED  nginx refuses {head[:120]!r}")
        failed += 1 if lax else 0
        print(f"{'FAILED' if lax else 'ok'}      whatever nginx refuses is refused here; "
              f"stricter in {sum(map(len, stricter.values()))}: " + ", ".join(f"{k} {len(v)}" for k, v in stricter.items()))
        if verbose:
            for family, heads in stricter.items():
                print(f"        {family}: " + " ".join(repr(head[:60]) for head in heads[:4]))
    else:
        skipped = 1
        print("SKIP    compared with nginx: it is not installed")
    print(f"{3 - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
