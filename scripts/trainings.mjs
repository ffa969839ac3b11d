// The same trainings by the native engine in another Node, and by WebAssembly in this one.
import { join } from "node:path";
import { Failure, run } from "./command.mjs";
import { root } from "./project.mjs";

/** @param node - the words that run that Node */
export async function compareTrainings([program, ...words], place) {
  const trainings = (engine) => [join(root, "test/native/trainings.mjs"), engine];
  const [there, here] = [
    await run(program, [...words, ...trainings("native")], { cwd: root }),
    await run(process.execPath, trainings("wasm"), { cwd: root }),
  ];
  if (there !== here) throw new Failure(`${place}:\n${there}\nexpected, as by WebAssembly here:\n${here}`);
  return `${here.trim().split("\n").length} trainings, to the bit`;
}
