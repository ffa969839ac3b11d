// From a text to a model file and to predictions: the same bits in Node and in a page.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect, it } from "vitest";
import { loadModel, readCsv, trainModel } from "../ts/index.js";

/** Numbers with holes, categories, truths and dates, by integer arithmetic alone. */
function text(): string {
  const lines = ["when,size,kind,open,price"];
  for (let i = 0; i < 90; i++) {
    const month = (i % 12) + 1;
    const size = i % 13 === 0 ? "" : (i * 29) % 101;
    const price = 100 + 3 * Number(size) + 20 * (i % 4) + 5 * month;
    const when = `2023-${String(month).padStart(2, "0")}-${String((i % 28) + 1).padStart(2, "0")}T${String(i % 24).padStart(2, "0")}:30`;
    lines.push(`${when},${size},${"abcd"[i % 4]},${i % 3 === 0},${price}`);
  }
  return `${lines.join("\n")}\n`;
}

const hashOf = (bytes: Uint8Array) => bytesToHex(sha256(bytes));

it("prepares, trains, saves and predicts the same bits everywhere", async () => {
  const table = await readCsv(new TextEncoder().encode(text()));
  const networks = { networks: 2, epochs: 8, layers: [12], skip: false, threads: 1 } as const;
  const options = { target: "price", log: true, limit: { soft: 3 }, ...networks } as const;
  const model = await trainModel(table, options);
  const bytes = model.toBytes();
  const again = await loadModel(bytes);
  const [prediction] = again.predict(table).targets;
  const values = prediction?.type === "numbers" ? prediction.values : new Float64Array(0);
  const numbers = new Uint8Array(model.pipeline.transform(table).x.data.buffer);
  // By this test in Node 20 on x64.
  expect([numbers, bytes, new Uint8Array(values.buffer)].map(hashOf)).toEqual([
    "4f94b878d77db8ddaf43e9463d4734bf2edd77ef65d79401d3375c40b9bb4cf3",
    "7f782ec04573c299299068d6b6f85d5a337e17f61a0ec5b0111bde06607f9716",
    "312bd6003a6c21b52b0eb4d908658cb92b34e5e835fb5516c37484a9f11bce4e",
  ]);
});
