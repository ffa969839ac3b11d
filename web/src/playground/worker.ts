// The playground's worker: all training and prediction happen here, the page only draws.
import type { Request } from "./messages.js";
import { Trainer } from "./trainer.js";

const trainer = new Trainer((answer, transfer) => self.postMessage(answer, { transfer }));
self.addEventListener("message", ({ data }: MessageEvent<Request>) => trainer.receive(data));
