// The playground's worker: all training and prediction happen here, the page only draws.
import type { Request } from "./messages.js";
import { Trainer } from "./trainer.js";

const trainer = new Trainer((answer) => self.postMessage(answer));
self.addEventListener("message", ({ data }: MessageEvent<Request>) => trainer.receive(data));
