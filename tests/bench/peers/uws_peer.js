// uWebSockets, told by one client to tell all: node uws_peer.js PORT BYTES
// What npm has of it is a build of its author's own for Node that another project keeps there; a version in JavaScript that
// lies beside it in case is not what is measured, so without the native one nothing starts.
"use strict";
const { createRequire } = require("node:module");
const [port, bytes] = process.argv.slice(2).map(Number);
const from = createRequire(`${process.cwd()}/`);
const uws = from(`@trufflesuite/uws-js-unofficial/binaries/uws_${process.platform}_${process.arch}_${process.versions.modules}.node`);
const message = "x".repeat(bytes);

const app = uws.App();
app.ws("/*", {
        compression: 0,
        idleTimeout: 0,
        maxBackpressure: 1 << 20,
        open: (socket) => socket.subscribe("all"),
        message: () => app.publish("all", message, false),
}).listen("127.0.0.1", port, (listening) => {
        if (!listening)
                process.exit(1);
});
