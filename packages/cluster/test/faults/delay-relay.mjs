// A wire that takes its time: `node delay-relay.mjs <host> <port> <to host> <to port> <milliseconds each way>`
import { connect, createServer } from "node:net";

const [, , host, port, toHost, toPort, delay] = process.argv;

createServer((near) => {
  const far = connect({ host: toHost, port: Number(toPort) });
  pass(near, far);
  pass(far, near);
}).listen(Number(port), host, () => console.log("ready"));

function pass(from, to) {
  from.setNoDelay(true);
  from.on("data", (bytes) => setTimeout(() => to.writable && to.write(bytes), Number(delay)));
  from.on("close", () => setTimeout(() => to.destroy(), Number(delay)));
  from.on("error", () => to.destroy());
}
