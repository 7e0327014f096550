// A hub on loopback in a process of its own, so that serving does not take from the reader's time: node file-server.mjs FILE SHA256
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";

const [, , path, sha256] = process.argv;
const { size } = statSync(path);

const server = createServer((request, response) => {
  if (request.url !== "/file") {
    const headers = { location: "/file", "x-linked-size": String(size), "x-linked-etag": `"${sha256}"` };
    response.writeHead(302, headers).end();
    return;
  }
  response.writeHead(200, { "content-length": size });
  createReadStream(path, { highWaterMark: 2 ** 20 }).pipe(response);
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
