import { DTYPES, type Dtype } from "../config/dtype.js";
import type { Engine } from "../engine/engine.js";
import type { MathName } from "../engine/math.js";
import { describe, FormatError } from "../errors/errors.js";
import { atOnce } from "../platform/breath.js";
import { checkChecksum } from "./checksum.js";
import { LENGTH_BYTES } from "./limits.js";
import { MetadataReader } from "./metadata.js";
import {
  exactTensors,
  FORMAT,
  FORMAT_VERSIONS,
  type Model,
  modelPlan,
  readConfig,
  readProgress,
  readSeeds,
} from "./model-file.js";
import { type Checkpoint, readCheckpoint } from "./read-checkpoint.js";
import type { Safetensors } from "./safetensors.js";

/** Is this a file of Layerwise, and not another program's safetensors file? */
export function isOurs({ metadata }: Safetensors): boolean {
  return metadata.get("format")?.text === FORMAT;
}

/** The number type of the network in it, as far as it says so: unchecked. */
export function dtypeIn({ metadata }: Safetensors): Dtype | undefined {
  return DTYPES.find((dtype) => dtype === metadata.get("dtype")?.text);
}

/** The math of a checkpoint's fit, as far as it says. */
export function mathIn({ metadata }: Safetensors): MathName {
  return metadata.get("fit.math")?.text === "fast" ? "fast" : "exact";
}

/** Reads a model or a checkpoint. Everything is checked before anything is made. Raises FormatError. */
export function decodeOurs(engine: Engine, file: Safetensors): Model | Checkpoint {
  const metadata = new MetadataReader(file);
  metadata.choice("format", [FORMAT]);
  refusePrepared(file);
  const version = metadata.text("formatVersion");
  const known = FORMAT_VERSIONS.find((known) => known === version.text);
  if (known === undefined) {
    const expected = `format version ${FORMAT_VERSIONS.join(" or ")}`;
    throw new FormatError("version", version.byteOffset, "file", expected, describe(version.text));
  }
  metadata.checkVersion(known);
  atOnce(checkChecksum(engine, file.bytes, metadata));
  if (known === "1" && metadata.has("layers")) {
    throw new FormatError("version", version.byteOffset, "file", "format version 2 for layers", "1");
  }
  const kind = metadata.choice("kind", ["model", "checkpoint"]);
  const model = {
    config: readConfig(metadata, file),
    seeds: readSeeds(metadata),
    progress: readProgress(metadata),
    metadata: metadata.own(),
  };
  if (kind === "checkpoint") return readCheckpoint(file, metadata, model);
  metadata.finish();
  const plan = modelPlan(model.config);
  return { ...model, file, parameters: exactTensors(file, plan) };
}

/** Networks with a preparation of columns have a reader of their own. Raises FormatError. */
function refusePrepared({ metadata }: Safetensors): void {
  const kind = metadata.get("kind");
  if (kind?.text !== "prepared") return;
  const got = "networks with a preparation: loadModel of @layerwise/data reads them";
  throw new FormatError("metadata", kind.byteOffset, "__metadata__.kind", "a model or a checkpoint", got);
}

/** Raises FormatError for a file that only holds a model. */
export function checkIsCheckpoint(model: Model | Checkpoint): asserts model is Checkpoint {
  if ("state" in model) return;
  const at = model.file.metadata.get("kind")?.byteOffset ?? LENGTH_BYTES;
  throw new FormatError("metadata", at, "__metadata__.kind", "a checkpoint", "a model");
}
