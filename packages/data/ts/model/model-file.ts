import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type ComputeOptions, FormatError, type FormatRule, LayerwiseError, loadNetwork } from "layerwise";
import { Pipeline } from "../pipeline/pipeline.js";
import { MOST_BYTES } from "../pipeline/plan.js";
import { type AnyNetwork, inputsOf } from "./any-network.js";
import type { NetworkSummary, TrainingSummary } from "./training-summary.js";

/*
 * A safetensors file that holds several networks and one preparation. Each network is the core's own file, taken apart: its
 * header stands as a text in the metadata, its tensors under the names `<k>/<name>`. So any program that reads safetensors reads the
 * weights, and a network's own file is put together again byte by byte, and checked by loadNetwork as any other.
 */

const LENGTH_BYTES = 8;
const ZEROS = "0".repeat(64);
const MOST_NETWORKS = 64;
const MOST_HEADER = 4 * MOST_BYTES;
const KEYS = ["sha256", "format", "formatVersion", "kind", "pipeline", "training"] as const;

interface TensorFacts {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Header = Record<string, TensorFacts | Record<string, string>>;

export function encodeFile(
  pipeline: Pipeline,
  networks: readonly AnyNetwork[],
  training: TrainingSummary,
): Uint8Array {
  const parts = networks.map((network) => takenApart(network.toBytes()));
  const metadata: Record<string, string> = {
    sha256: ZEROS,
    format: "layerwise",
    formatVersion: "2",
    kind: "prepared",
    pipeline: JSON.stringify(pipeline),
    training: JSON.stringify(training),
  };
  const header: Header = { __metadata__: metadata };
  let start = 0;
  parts.forEach(({ text, tensors, data }, k) => {
    metadata[`network.${k}`] = text;
    for (const [name, { dtype, shape, data_offsets }] of tensors) {
      const [from, to] = data_offsets;
      header[`${k}/${name}`] = { dtype, shape, data_offsets: [start + from, start + to] };
    }
    start += data.length;
  });
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + length + start).fill(0x20, LENGTH_BYTES, LENGTH_BYTES + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, LENGTH_BYTES);
  let at = LENGTH_BYTES + length;
  for (const { data } of parts) {
    bytes.set(data, at);
    at += data.length;
  }
  bytes.set(new TextEncoder().encode(bytesToHex(sha256(bytes))), placeOfSum(bytes));
  return bytes;
}

/** A network's file: its header's text, its tensors and its numbers. */
function takenApart(bytes: Uint8Array) {
  const end = LENGTH_BYTES + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, end));
  const tensors = Object.entries(JSON.parse(text) as Header).filter(([name]) => name !== "__metadata__");
  return { text, tensors: tensors as [string, TensorFacts][], data: bytes.subarray(end) };
}

/** Where the 64 digits stand: first in the file's metadata. Throws FormatError. */
function placeOfSum(bytes: Uint8Array): number {
  const start = '{"__metadata__":{"sha256":"';
  const found = new TextDecoder("latin1").decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + start.length));
  if (found !== start) throw broken("metadata", LENGTH_BYTES, "header", `${start}…`, found);
  return LENGTH_BYTES + start.length;
}

function broken(rule: FormatRule, at: number, place: string, expected: string, got: string): FormatError {
  return new FormatError(rule, at, place, expected, got);
}

/** What a file holds, all of it checked before anything is made of it but networks that were. */
export interface DecodedFile {
  readonly pipeline: Pipeline;
  readonly networks: readonly AnyNetwork[];
  readonly training: TrainingSummary;
}

/** Raises FormatError, or ConfigError for what is to compute it. */
export async function decodeFile(bytes: Uint8Array, compute: ComputeOptions): Promise<DecodedFile> {
  const { header, metadata, dataStart } = readHeader(bytes);
  checkSum(bytes);
  const pipeline = readPipeline(metadata.pipeline ?? "");
  const texts = networkTexts(metadata);
  const files = putTogether(bytes, header, texts, dataStart);
  const networks: AnyNetwork[] = [];
  try {
    for (const file of files) networks.push(await loadNetwork(file, compute));
    checkFit(pipeline, networks);
    return { pipeline, networks, training: readTraining(metadata.training ?? "") };
  } catch (error) {
    for (const network of networks) network.dispose();
    throw error;
  }
}

function readHeader(bytes: Uint8Array) {
  if (bytes.length < LENGTH_BYTES)
    throw broken("truncated", bytes.length, "file", "8 bytes and a header", `${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MOST_HEADER)
    throw broken("headerSize", 0, "header", `at most ${MOST_HEADER} bytes`, `${length}`);
  const dataStart = LENGTH_BYTES + length;
  if (dataStart > bytes.length)
    throw broken("truncated", bytes.length, "header", `${length} bytes`, `${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart)),
    );
  } catch (cause) {
    throw broken(
      "json",
      LENGTH_BYTES,
      "header",
      "JSON in UTF-8",
      cause instanceof Error ? cause.message : "",
    );
  }
  if (!isObject(header) || !isObject(header.__metadata__)) {
    throw broken(
      "metadata",
      LENGTH_BYTES,
      "header",
      "a model with a preparation (loadNetwork reads others)",
      "none",
    );
  }
  const metadata = header.__metadata__ as Record<string, string>;
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== "string")
      throw broken("json", LENGTH_BYTES, `__metadata__.${key}`, "a text", typeof text);
  }
  const { format, kind, formatVersion } = metadata;
  if (format !== "layerwise" || kind !== "prepared") {
    const got = `${format} ${kind}`;
    throw broken(
      "metadata",
      LENGTH_BYTES,
      "__metadata__",
      "format layerwise, kind prepared (loadNetwork reads others)",
      got,
    );
  }
  if (formatVersion !== "2") throw broken("version", LENGTH_BYTES, "formatVersion", "2", `${formatVersion}`);
  return { header, metadata, dataStart };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkSum(bytes: Uint8Array): void {
  const at = placeOfSum(bytes);
  const found = new TextDecoder("latin1").decode(bytes.subarray(at, at + ZEROS.length));
  const copy = bytes.slice();
  copy.fill(0x30, at, at + ZEROS.length);
  const sum = bytesToHex(sha256(copy));
  if (found !== sum) throw broken("checksum", at, "sha256", sum, found);
}

/** The metadata's keys, no more and no fewer, and the headers of the networks. */
function networkTexts(metadata: Readonly<Record<string, string>>): string[] {
  const texts = Object.keys(metadata).filter((key) => /^network\.\d+$/.test(key));
  const keys = new Set<string>([...KEYS, ...texts.map((_, k) => `network.${k}`)]);
  const unknown = Object.keys(metadata).find((key) => !keys.has(key));
  if (unknown !== undefined)
    throw broken("metadata", LENGTH_BYTES, "__metadata__", [...keys].join(", "), unknown);
  if (texts.length === 0 || texts.length > MOST_NETWORKS) {
    throw broken("count", LENGTH_BYTES, "networks", `1 to ${MOST_NETWORKS}`, `${texts.length}`);
  }
  return texts.map((_, k) => metadata[`network.${k}`] ?? "");
}

/** The networks' own files. Each one's tensors lie together, in the networks' order, without a gap. */
function putTogether(
  bytes: Uint8Array,
  header: Record<string, unknown>,
  texts: readonly string[],
  dataStart: number,
): Uint8Array[] {
  let at = dataStart;
  const names = new Set(Object.keys(header).filter((name) => name !== "__metadata__"));
  const files = texts.map((text, k) => {
    const own = new TextEncoder().encode(text);
    const tensors = tensorsOf(text, k);
    const length = tensors.reduce((most, [, { data_offsets }]) => Math.max(most, Number(data_offsets[1])), 0);
    for (const [name, facts] of tensors) {
      const place = `${k}/${name}`;
      const [from, to] = facts.data_offsets.map((offset) => offset + at - dataStart);
      const expected = JSON.stringify({ dtype: facts.dtype, shape: facts.shape, data_offsets: [from, to] });
      const got = JSON.stringify(header[place]);
      if (!names.delete(place) || got !== expected)
        throw broken("tensorSet", LENGTH_BYTES, place, expected, `${got}`);
    }
    if (!(at + length <= bytes.length))
      throw broken("truncated", bytes.length, `network ${k}`, `${length} bytes`, "fewer");
    const file = new Uint8Array(LENGTH_BYTES + own.length + length);
    new DataView(file.buffer).setBigUint64(0, BigInt(own.length), true);
    file.set(own, LENGTH_BYTES);
    file.set(bytes.subarray(at, at + length), LENGTH_BYTES + own.length);
    at += length;
    return file;
  });
  const [more] = names;
  if (more !== undefined)
    throw broken("tensorSet", LENGTH_BYTES, more, "tensors of the networks alone", "another");
  if (at !== bytes.length)
    throw broken("trailingBytes", at, "data", "its end", `${bytes.length - at} bytes more`);
  return files;
}

function tensorsOf(text: string, k: number): [string, TensorFacts][] {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    header = undefined;
  }
  const entries = isObject(header) ? Object.entries(header).filter(([name]) => name !== "__metadata__") : [];
  const isTensor = ([, facts]: [string, unknown]) =>
    isObject(facts) &&
    Array.isArray(facts.data_offsets) &&
    facts.data_offsets.length === 2 &&
    facts.data_offsets.every((offset) => Number.isSafeInteger(offset) && offset >= 0);
  if (entries.length > 0 && entries.every(isTensor)) return entries as [string, TensorFacts][];
  throw broken("json", LENGTH_BYTES, `network.${k}`, "the header of a network's file", text.slice(0, 60));
}

function readPipeline(text: string): Pipeline {
  try {
    return Pipeline.fromJSON(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof LayerwiseError)
      throw broken("metadata", LENGTH_BYTES, cause.path, cause.expected, cause.got);
    throw broken("metadata", LENGTH_BYTES, "pipeline", "JSON", cause instanceof Error ? cause.message : "");
  }
}

/** As many inputs as the preparation gives, and as many outputs as its targets need. */
function checkFit(pipeline: Pipeline, networks: readonly AnyNetwork[]): void {
  const inputs = pipeline.features.length;
  const [first] = pipeline.targets;
  const isMany = first?.type === "classes" && first.classes.length > 2;
  const outputs = isMany ? first.classes.length : pipeline.targets.length;
  networks.forEach((network, k) => {
    const given = inputsOf(network);
    const { cols } = network.predict([new Float32Array(given)]);
    if (given !== inputs || cols !== outputs) {
      const got = `${given} and ${cols}`;
      throw broken("metadata", LENGTH_BYTES, `network ${k}`, `${inputs} inputs and ${outputs} outputs`, got);
    }
  });
}

function readTraining(text: string): TrainingSummary {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const isNetwork = (one: unknown): one is NetworkSummary =>
    isObject(one) &&
    typeof one.epochs === "number" &&
    typeof one.bestEpoch === "number" &&
    (one.validationLoss === null || typeof one.validationLoss === "number") &&
    (one.stoppedBy === "epochs" || one.stoppedBy === "signal" || one.stoppedBy === "earlyStopping");
  if (
    isObject(value) &&
    typeof value.rows === "number" &&
    typeof value.seed === "number" &&
    Array.isArray(value.networks) &&
    value.networks.every(isNetwork) &&
    Array.isArray(value.notes) &&
    value.notes.every((note) => typeof note === "string")
  ) {
    const { rows, seed, networks, notes } = value;
    return { rows, seed, networks, notes };
  }
  throw broken("metadata", LENGTH_BYTES, "training", "rows, seed, networks and notes", text.slice(0, 60));
}
