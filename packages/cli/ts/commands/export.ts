import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { StorageError } from "layerwise";
import { addOptions, readValues } from "../options/read-options.js";
import { SAYING } from "../options/rows.js";
import { openModelOrNetwork } from "../reading/open-model.js";
import { number } from "../report/number.js";
import { sayingOf } from "../terminal/saying.js";

/** `layerwise export model.safetensors --onnx model.onnx` */
export function addExport(program: Command): void {
  const command = program
    .command("export")
    .description(
      "a model for other programs; of one that train wrote, from raw columns to labels and numbers",
    )
    .argument("<model>", "a file that train or import wrote")
    .requiredOption("--onnx <file>", "where the ONNX model goes");
  addOptions(command, SAYING).action(async (path: string, { onnx }: { onnx: string }) => {
    const values = readValues(command, SAYING);
    const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
    using model = await openModelOrNetwork(path);
    const bytes = model.toOnnx();
    await writeFile(onnx, bytes).catch((cause: unknown) => {
      throw new StorageError(onnx, "a file that can be written", String(cause), { cause });
    });
    const data = { file: onnx, bytes: bytes.length };
    saying.result("exported", data, `${onnx}: ONNX, ${number(bytes.length)} bytes`);
  });
}
