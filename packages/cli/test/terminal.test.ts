// What is said in terminals of any width.
import { expect, it } from "vitest";
import { sayingOf } from "../ts/terminal/saying.js";
import { boardOf } from "../ts/terminal/study-board.js";
import { tableText } from "../ts/terminal/table.js";
import { fitting, wrapped } from "../ts/terminal/width.js";

it("sentences are broken between words, and stay whole where nobody looks", () => {
  const text = "the first line has the columns' names\nshort";
  expect(wrapped(text, 20)).toBe("the first line has\n  the columns' names\nshort");
  expect(wrapped(text, undefined)).toBe(text);
  expect(wrapped(`see ${"x".repeat(30)} there`, 20)).toBe(`see\n  ${"x".repeat(30)}\n  there`);
});

it("a table that has no room stands row by row", () => {
  const [head, rows] = [
    ["", "80 test rows", "95 %"],
    [
      ["accuracy", "0.9875", "[0.9625 – 1]"],
      ["loss", "0.1", ""],
    ],
  ];
  expect(tableText(head, rows, [1], 40)).toBe(
    "          80 test rows  95 %\naccuracy        0.9875  [0.9625 – 1]\nloss               0.1",
  );
  expect(tableText(head, rows, [1], 30)).toBe(
    "accuracy\n  80 test rows: 0.9875\n  95 %: [0.9625 – 1]\nloss\n  80 test rows: 0.1",
  );
});

it("of a bar there is what has room, its first part always", () => {
  expect(fitting(["12345", "67890", "abc"], 12)).toBe("12345  67890");
  expect(fitting(["12345", "", "abc"], 12)).toBe("12345  abc");
  expect(fitting(["12345", "67890"], 3)).toBe("12345");
});

it.each([
  ["dumb", 80],
  ["xterm", 40],
  ["xterm", 0],
])(
  "a terminal %s of %i columns gets no escapes that it doesn't know, and no line that it would break",
  (term, columns) => {
    const before = process.env.TERM;
    process.env.TERM = term;
    let text = "";
    const write = (more: string) => {
      text += more;
      return true;
    };
    const stream = {
      isTTY: true,
      columns,
      write,
      clearLine: write,
      cursorTo: write,
    } as unknown as NodeJS.WriteStream;
    try {
      const saying = sayingOf({ json: false, quiet: false, output: stream, errors: stream });
      const losses = { loss: 1.25, validationLoss: 2.5, examplesPerSecond: 12_345 };
      for (const epoch of [1, 2, 200])
        saying.progress({ network: 3, networks: 8, epoch, epochs: 200, ...losses });
      saying.rest();
    } finally {
      process.env.TERM = before;
    }
    const lines = text.split(/\p{Cc}\[?[0-9;?]*[A-Za-z78]?/u);
    expect(text.includes("\x1b")).toBe(term !== "dumb");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns || 80);
    expect(text).toMatch(/network 4\/8.* 1\/200/);
  },
);

it("a study's lines change in place, the last state is left, and a sentence between them stays", () => {
  let text = "";
  const write = (more: string) => {
    text += more;
    return true;
  };
  const stream = { isTTY: true, columns: 30, write } as unknown as NodeJS.WriteStream;
  const saying = sayingOf({ json: false, quiet: false, output: stream, errors: stream });
  const board = boardOf({ json: false, quiet: false, saying, output: stream });
  const progress = { failed: 0, running: 2, planned: 3, seconds: 1, secondsLeft: 2, best: undefined };
  for (const done of [0, 1, 2]) board.show({ ...progress, done } as never);
  board.say("a process ended");
  board.show({ ...progress, done: 3, secondsLeft: 0 } as never);
  board.rest();
  const screen: string[] = [""];
  for (const part of text.split(/(\p{Cc}\[\d*[AJ]|\n)/u)) {
    const [, up] = /^\p{Cc}\[(\d+)A$/u.exec(part) ?? [];
    if (part === "\n") screen.push("");
    else if (up !== undefined) screen.splice(-Number(up) - 1, screen.length, "");
    else if (!part.endsWith("[J")) screen[screen.length - 1] += part;
  }
  expect(screen).toEqual([
    ...["best: none yet", "2 of 3 trained, 0 failed, 2 …", "time: 1.0 s, about 2.0 s left"],
    "a process ended",
    ...["best: none yet", "3 of 3 trained, 0 failed, 2 …", "time: 1.0 s", ""],
  ]);
});
