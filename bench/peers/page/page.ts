// Hands requests on to the peer's worker, and its answers back: ?peer=jax-js&threads=2.
import type { Answer, Hello, Request } from "../protocol.js";

const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });

function ask<Reply>(message: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(message);
  });
}

const query = new URLSearchParams(location.search);

/** What the process on the other side calls, one call at a time. */
declare global {
  interface Window {
    hello: () => Promise<Hello>;
    answer: (request: Request) => Promise<Answer>;
  }
}

window.hello = () => ask({ peer: query.get("peer"), threads: Number(query.get("threads")) });
window.answer = ask;
