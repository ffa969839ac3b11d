import { importModel, shownPlace } from "@layerwise/data";
import type { Command } from "commander";
import { ConfigError, FormatError, StorageError } from "layerwise";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readValues } from "../options/read-options.js";
import { SAYING } from "../options/rows.js";
import { checkOutputFile } from "../output/open-output.js";
import { sayingOf } from "../terminal/saying.js";

const ROWS: readonly OptionRow[] = [
  {
    key: "output",
    value: { kind: "text" },
    help: "the file to write",
    default: "model.safetensors",
    letter: "o",
  },
  {
    key: "hiddenActivation",
    value: { kind: "text" },
    help: "of hidden layers, where the file has weights alone",
  },
  {
    key: "outputActivation",
    value: { kind: "text" },
    help: "of the last layer, where the file has weights alone",
  },
  { key: "ignore", value: { kind: "texts" }, help: "tensors to leave out" },
  ...SAYING,
];

/** `layerwise import model.keras -o model.safetensors` */
export function addImport(program: Command): void {
  const command = program
    .command("import")
    .description(
      "a network of Keras (.keras, .h5), TensorFlow.js (model.json) or PyTorch (.safetensors), as far as dense layers go",
    )
    .argument("<files...>", "the model; of TensorFlow.js its weights may follow model.json");
  addOptions(command, ROWS).action(async (files: readonly string[]) => {
    const { output = "model.safetensors", json, quiet, ...options } = readValues(command, ROWS);
    const saying = sayingOf({ json: json === true, quiet: quiet === true });
    const path = output as string;
    if (files.includes(path)) throw new ConfigError("--output", "another file than is read", path);
    await checkOutputFile(path);
    // Each value was checked by its row, the activations' names by the core.
    const imported = importModel(files.length === 1 ? (files[0] ?? "") : [...files], options as object);
    using network = await imported.catch((cause: unknown) => {
      if (!(cause instanceof FormatError)) throw cause;
      const expected = "a model of Keras, TensorFlow.js or PyTorch";
      throw new StorageError(files.map(shownPlace).join(", "), expected, `another file (${cause.message})`, {
        cause,
      });
    });
    await network.save(path, { keep: 0 });
    const data = { file: path, network: network.config };
    saying.result("imported", data, `${network.summary()}\n\n${path}`);
  });
}
