import { decodeUtf8 } from "../platform/text.js";

/**
 * What a file is that isn't safetensors, by its first bytes: a short text that names the kind and the cure,
 * such as "a gzip file: unpack it first (gunzip)". Undefined for what isn't known.
 */
export function fileKind(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "an empty file: it was never written, or its download broke off";
  const start = String.fromCharCode(...bytes.subarray(0, FIRST_BYTES));
  const found = KINDS.find(({ at = 0, begins }) => begins.some((magic) => start.startsWith(magic, at)));
  if (found !== undefined) return typeof found.kind === "string" ? found.kind : found.kind(start);
  if (isProtobufModel(bytes)) return `a protobuf model (ONNX, TensorFlow?): it isn't read; ${OTHER_WAY}`;
  return isText(bytes) ? textKind(start) : undefined;
}

interface Kind {
  /** One character a byte. */
  readonly begins: readonly string[];
  /** Where; default 0. */
  readonly at?: number;
  readonly kind: string | ((start: string) => string);
}

/** As much as is looked at. */
const FIRST_BYTES = 4096;

const FROM_PYTORCH = 'use safetensors.torch.save_file(model.state_dict(), "model.safetensors")';
const FROM_ARRAYS =
  "use safetensors.numpy.save_file, with np.ascontiguousarray(w.T) for weights that are inputs × outputs";
const IMPORT = "importModel of @layerwise/data";
const UNPACK = "unpack it first";
const OTHER_WAY = "save the model that it was made of with safetensors";

/** The more special stands before the more general. */
const KINDS: readonly Kind[] = [
  { begins: ["PK\x03\x04", "PK\x05\x06", "PK\x07\x08"], kind: zipKind },
  { begins: ["\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"], kind: pickleKind },
  { begins: ["(dp0\n", "(lp0\n", "(dp1\n", "(lp1\n", "ccopy_reg\n", "c__builtin__\n"], kind: pickleKind },
  { begins: ["\x93NUMPY"], kind: `an array of NumPy (.npy): ${FROM_ARRAYS}` },
  {
    begins: ["\x89HDF\r\n\x1a\n"],
    kind: `an HDF5 file (.h5 of Keras?): ${IMPORT} reads it, or take its arrays in Python, and ${FROM_ARRAYS}`,
  },
  { begins: ["GGUF"], kind: `a GGUF file (llama.cpp): it isn't read; ${OTHER_WAY}` },
  { begins: ["TFL3"], at: 4, kind: `a TensorFlow Lite model: it isn't read; ${OTHER_WAY}` },
  { begins: ["\x1f\x8b"], kind: `a gzip file: ${UNPACK} (gunzip)` },
  { begins: ["(\xb5/\xfd"], kind: `a zstd file: ${UNPACK} (zstd -d)` },
  { begins: ["\xfd7zXZ\0"], kind: `an xz file: ${UNPACK} (xz -d)` },
  { begins: ["BZh"], kind: `a bzip2 file: ${UNPACK} (bunzip2)` },
  { begins: ['\x04"M\x18'], kind: `an lz4 file: ${UNPACK} (lz4 -d)` },
  { begins: ["7z\xbc\xaf'\x1c", "Rar!\x1a\x07"], kind: `an archive (7z, RAR): ${UNPACK}` },
  { begins: ["ustar"], at: 257, kind: `a tar archive: ${UNPACK} (tar -xf)` },
  {
    begins: ["x\x01", "x\x9c", "x\xda"],
    kind: `data that zlib compressed (joblib.dump?): load it in Python, and ${FROM_ARRAYS}`,
  },
  {
    begins: ["PAR1", "ARROW1", "SQLite format 3", "MATLAB 5.0", "%PDF-", "\x89PNG", "\xff\xd8\xff", "GIF8"],
    kind: "data, a document or an image, not a model",
  },
  { begins: ["\x7fELF", "\0asm", "MZ\x90"], kind: "a program, not a model" },
  { begins: ["\0".repeat(64)], kind: "zeros: a file that was made and never filled" },
  { begins: ["version https://git-lfs"], kind: "a Git LFS pointer: get the file itself with git lfs pull" },
];

/** By the names of the archive's first files. */
function zipKind(start: string): string {
  if (start.includes(".npy")) return `a zip file of NumPy's arrays (.npz): ${FROM_ARRAYS}`;
  if (["keras", "config.json", "metadata.json", "weights.h5"].some((name) => start.includes(name))) {
    return `a zip file of Keras (.keras): ${IMPORT} reads it, or take its arrays with model.get_weights(), and ${FROM_ARRAYS}`;
  }
  if (["/data.pkl", "/byteorder", "/version", "/data/"].some((name) => start.includes(name))) {
    return `a zip file (torch.save?): ${FROM_PYTORCH}`;
  }
  return `a zip file: if torch.save wrote it, ${FROM_PYTORCH}; else ${UNPACK}`;
}

/** torch.save's older form begins with a long integer of its own, before anything that names torch. */
function pickleKind(start: string): string {
  const isTorch = start.startsWith("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.") || start.includes("torch");
  if (isTorch) return `a pickle file (torch.save?): ${FROM_PYTORCH}`;
  return `a pickle file (.pkl, .joblib?): load it in Python, and ${FROM_ARRAYS}`;
}

/** An ir_version or schema version of at most 32 (field 1, varint), then a field with a length. */
function isProtobufModel([key, version = 0, next = 0]: Uint8Array): boolean {
  return key === 0x08 && version >= 1 && version <= 32 && next < 0x80 && (next & 7) === 2;
}

/** UTF-8 without other control characters than those of a text, as far as one sees. */
function isText(bytes: Uint8Array): boolean {
  let start: string;
  try {
    start = decodeUtf8(bytes.subarray(0, FIRST_BYTES), { stream: true });
  } catch {
    return false;
  }
  if (start.trim() === "") return false;
  for (let i = 0; i < start.length; i++) {
    const code = start.charCodeAt(i);
    if (code === 0x7f || (code < 0x20 && !"\t\n\f\r\x1b".includes(start.charAt(i)))) return false;
  }
  return true;
}

function textKind(start: string): string {
  const text = start.replace(/^(\xef\xbb\xbf)?\s*/, "");
  if (/^<(!doctype html|html|head|body|!--)/i.test(text)) {
    return "an HTML page (an error or a login?): look at its address in a browser";
  }
  if (text.startsWith("<")) return "an XML text, not a model";
  if (/^[{[]/.test(text)) return jsonKind(text);
  return "a text (CSV?), not a model";
}

function jsonKind(text: string): string {
  if (/"(modelTopology|weightsManifest)"/.test(text)) {
    return `a model.json of TensorFlow.js: ${IMPORT} reads it, or take its arrays with model.getWeights(), and ${FROM_ARRAYS}`;
  }
  if (text.includes('"weight_map"')) {
    return "the index of a model in several files: load them in Python and save them as one";
  }
  return "a JSON text: only a safetensors file can be loaded";
}
