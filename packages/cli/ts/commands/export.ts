import { writeFile } from "@layerwise/data";
import type { Command } from "commander";
import { addOptions, readValues } from "../options/read-options.js";
import { SAYING } from "../options/rows.js";
import { checkOutputFile } from "../output/open-output.js";
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
    await checkOutputFile(onnx);
    using model = await openModelOrNetwork(path);
    const bytes = model.toOnnx();
    await writeFile(onnx, bytes);
    const data = { file: onnx, bytes: bytes.length };
    saying.result("exported", data, `${onnx}: ONNX, ${number(bytes.length)} bytes`);
  });
}
