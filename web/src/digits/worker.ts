// The digits' worker: download, training and reading happen here, the page only draws.
import type { Request } from "./messages.js";
import { DigitsTrainer } from "./trainer.js";

let trainer: DigitsTrainer | undefined;
self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  if (data.type === "open")
    trainer = new DigitsTrainer(data.mnistFolder, (answer) => self.postMessage(answer));
  else trainer?.receive(data);
});
