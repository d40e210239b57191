"""Hostile request heads by family: (family, the statuses that are right, head). REASONS says why we refuse what nginx
takes; a family without a reason there must be refused by both."""
import re

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
    yield from all_of("slashes and dots escaped", {400}, [b"GET " + v + b" HTTP/1.1\r\nHost: a\r\n" for v in
        [b"/..%2f", b"/..%2F", b"/a/..%2f..%2f..%2fb", b"/%2f..", b"/a%2f..", b"/a%2f../b", b"/%2e%2e%2f", b"/.%2f", b"/a%2f.%2Fb", b"/%2e%2f",
         b"/..%5c", b"/a%5c..%5Cb", b"/%2e%2e%5c", b"/%00", b"/a%00b", b"/a%00", b"/%00/a"]])
    yield from all_of("labels of a host", {400}, [b"GET / HTTP/1.1\r\nHost: " + v + b"\r\n" for v in
        [b".", b"..", b"a..b", b".a", b"a..", b"a.b..c", b"..:80", b"[....]", b"[::::]", b"[1.2.3.4]", b"[:]", b"[]", b"[::1", b"[::1]]", b"[fe80::1%25a]",
         b"[1:2:3:4:5:6:7:8:9]", b"[::ffff:1.2.3]"]])
    once = [b"If-Match", b"If-None-Match", b"If-Modified-Since", b"If-Unmodified-Since", b"If-Range", b"Authorization", b"Content-Range",
            b"Content-Type", b"Range", b"Origin", b"Expect"]
    yield from all_of("said twice", {400}, [GET + n + b": a\r\n" + again + b": b\r\n" for n in once for again in (n, n.lower())])
    yield from all_of("said twice, far apart", {400}, [GET + n + b": a\r\nX: y\r\nAccept: */*\r\n" + n.upper() + b": a\r\n" for n in once])
    for head in [GET, b"GET / HTTP/1.0\r\n", post + b"Content-Length: 5\r\n", GET + b"X: y\r\n"]:
        yield "only line feeds", {400}, head.replace(b"\r", b"") + b"\n"
        yield "only line feeds", {400}, head + b"\n"
        yield "only line feeds", {400}, head.replace(b"\r", b"", 1) + b"\r\n"
    for bytes_ in [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x80\x2e\x01\x00\x02", b"\x04\x01\x00\x50", b"\x05\x01\x00", b"\x00" * 8, b"\r\r", b"\r\n\r\n",
                   b"\n", b"\n\n", b" \r\n\r\n", b"\t", b"{\"method\":1}", b"<a/>", b"\xef\xbb\xbfGET / HTTP/1.1\r\nHost: a\r\n\r\n", b"(a)\r\n", b":\r\n\r\n"]:
        yield "no request", {400}, bytes_
    yield from all_of("tabs around what frames", {400}, [b"POST / HTTP/1.1\r\n" + h + t + b"\r\n" for h, t in
        [(b"Host:\ta\r\n", b""), (b"Host: a\t\r\n", b""), (b"Host: \ta\r\n", b""), (b"Host:\t a\r\n", b""), (b"Host: a \t\r\n", b"")]
        + [(b"Host: a\r\n", n + b":" + a + v + b) for n, v in [(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")]
           for a, b in [(b"\t", b""), (b"", b"\t"), (b" \t", b""), (b"\t ", b""), (b" ", b"\t "), (b" ", b" \t")]]])
    yield from all_of("tunnels", {501}, [m + b" " + t + b" HTTP/1.1\r\nHost: a\r\n" for m in [b"CONNECT", b"TRACE"] for t in [b"a:443", b"/", b"*", b"a"]])


REASONS = {
    "host": "a port that is none, or what no name holds: which host is meant decides who answers",
    "target": "what another reader may tidy differently (dots, empty segments, a fragment) or must have escaped",
    "version": "a version is one digit, a dot, one digit",
    "another version": "only 1.0 and 1.1 are spoken",
    "blanks in the request line": "one blank each: another reader may cut elsewhere",
    "unknown method": "answered with 501 before anybody looks further",
    "field name": "no token (RFC 9110, 5.6.2); nginx drops the field",
    "framing in disguise": "nginx drops the field; who keeps it finds another end of the body",
    "control in a value": "a log or another server may act on it",
    "control at the end of a value": "a log or another server may act on it",
    "no colon": "nginx drops the line",
    "line ends": "only CR LF ends a line: who takes less sees other lines",
    "expectation": "RFC 9110, 10.1.1 lets it be refused, and silence would make the client wait",
    "target and host": "two hosts are named (RFC 9112, 3.2.2 would have us believe the target)",
    "too long": "the target is limited to 4096 bytes",
    "too large": "64 fields, 8192 bytes",
    "slashes and dots escaped": "who decodes before taking the path apart sees dot segments; a backslash is a slash to some",
    "labels of a host": "empty labels, and brackets around what is no number of IPv6",
    "said twice": "one would believe the first, another the last",
    "said twice, far apart": "one would believe the first, another the last",
    "only line feeds": "only CR LF ends a line: who takes less sees other lines",
    "tabs around what frames": "not all readers take a tab off, so one may not see the length or the coding",
    "no request": "empty lines before a request: one is enough",
    "tunnels": "answered with 501 before anybody looks further",
}


HONEST = [
    GET + b"\r\n",
    b"GET /a/b/?c=%20d&e HTTP/1.1\r\nhost:a.b:80\r\nX:\t\xe4 b\t\r\nAccept: */*\r\n\r\n",
    b"HEAD /a%2Fb/c.d HTTP/1.0\r\nConnection: keep-alive\r\nCookie: a=b; c=d\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: [::1]:8443\r\nContent-Length: 5\r\nContent-Type: application/json\r\n\r\n",
    b"PUT /x HTTP/1.1\r\nHost: nas\r\nTransfer-Encoding: chunked\r\nIf-Match: \"a\"\r\n\r\n",
    b"PATCH http://nas/x?y HTTP/1.1\r\nHost: nas\r\nContent-Length: 5\r\nAuthorization: Bearer a.b\r\n\r\n",
    b"DELETE /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nRange: bytes=0-1\r\n\r\n",
]


def altered(random, each):
    """Honest heads with one fault: a byte changed, put in or taken out, a line twice, moved or glued to the next."""
    nasty = [bytes([n]) for n in [*range(0, 33), *b"\"#%(),./:;<=>?@[\\]^`{|}~", 127, 128, 255, *b"0Aaz"]]
    for head in HONEST:
        lines = head[:-4].split(b"\r\n")
        for _ in range(each):
            at, byte = random.randrange(len(head)), random.choice(nasty)
            one, two = random.randrange(len(lines)), random.randrange(len(lines))
            yield random.choice([
                lambda: head[:at] + byte + head[at + 1:], lambda: head[:at] + byte + head[at:], lambda: head[:at] + head[at + 1:],
                lambda: b"\r\n".join(lines[:two] + [lines[one]] + lines[two:]) + b"\r\n\r\n",
                lambda: b"\r\n".join(lines[:one] + lines[one + 1:]) + b"\r\n\r\n",
                lambda: b"\r\n".join(lines[:one] + [b"".join(lines[one:one + 2])] + lines[one + 2:]) + b"\r\n\r\n",
                lambda: re.sub(rb"[0-9]+", lambda m: m.group() + random.choice([b"0", b",5", b" 5", b"\t", b"x"]), head, 1),
            ])()
