import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { fileKind } from "../../ts/files/file-kind.js";
import { FormatError, loadNetwork } from "../../ts/index.js";
import { rejection } from "./small-files.js";

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

// The files that programs really write are in foreign.test.ts; these are the first bytes of others.
test.each<[string, Uint8Array, RegExp]>([
  [
    "torch.save's older form",
    latin1("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M"),
    /pickle.*torch.save.*save_file/,
  ],
  [
    "pickle.dump(state_dict)",
    latin1("\x80\x04\x95\x10\0\0\0\0\0\0\0ccollections\ntorch._utils"),
    /torch.save/,
  ],
  ["joblib.dump", latin1("\x80\x04\x95\xa8\x01\0\0\0\0\0\0\x8c\x1esklearn"), /a pickle file \(.pkl, .joblib/],
  ["joblib.dump with compress", latin1("x\x9c\xed\x9d\x07|T\xc5"), /zlib/],
  [".npy", latin1("\x93NUMPY\x01\0v\0{'descr': '<f4'"), /array of NumPy/],
  ["ONNX", latin1("\x08\x07\x12\x07pytorch\x1a"), /protobuf model \(ONNX/],
  ["TensorFlow Lite", latin1("\x1c\0\0\0TFL3\x14\0"), /TensorFlow Lite/],
  ["GGUF", latin1("GGUF\x03\0\0\0"), /GGUF/],
  ["zstd", latin1("(\xb5/\xfd\x04\x88\xb9\x06"), /zstd/],
  ["gzip", new Uint8Array(gzipSync("a")), /gzip/],
  ["gzip of less than 8 bytes", latin1("\x1f\x8b\x08\0"), /gzip/],
  ["TensorFlow.js", latin1('{"format":"layers-model","modelTopology":{}}'), /TensorFlow.js/],
  ["a sharded model's index", latin1('{\n "weight_map": {}}'), /several files/],
  ["JSON with a byte-order mark", latin1("\xef\xbb\xbf [1, 2, 3]"), /JSON/],
  ["HTML in small letters, after a line", latin1("\n<html lang=en>"), /HTML/],
  ["XML", latin1("<?xml version='1.0'?>"), /XML/],
  ["a short text", latin1("404"), /a text/],
  ["a text in UTF-8", new TextEncoder().encode("größe;gewicht\n"), /a text/],
  ["zeros", new Uint8Array(100), /zeros/],
])("%s", async (_what, bytes, message) => {
  expect(fileKind(bytes)).toMatch(message);
  const error = await rejection(loadNetwork(bytes));
  expect(error).toBeInstanceOf(FormatError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});

test("what isn't known has the numbers of its first bytes alone", async () => {
  expect(fileKind(Uint8Array.of(1, 2, 3))).toBeUndefined();
  const error = await rejection(loadNetwork(new Uint8Array(16).fill(255)));
  expect(error).toMatchObject({ expected: "at most 1048576 bytes", got: "18446744073709551615" });
});
