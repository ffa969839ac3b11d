import { expect, test } from "vitest";
import { Course } from "../../web/src/playground/course.js";

const print = "0123456789abcdef".repeat(4);
const stop = (epoch: number, ending?: "epochs" | "earlyStopping") => ({
  ...{ epoch, ending, fingerprint: print, restored: undefined },
});

test("a training goes to its last epoch; another follows its end, however that came", () => {
  const course = new Course(100, undefined);
  expect([course.startText, course.begin()]).toEqual(["Start", 100]);
  course.stopped(stop(30));
  expect([course.startText, course.begin()]).toEqual(["Resume", 100]);
  course.stopped(stop(60, "earlyStopping"));
  expect([course.startText, course.goesOn, course.begin()]).toEqual(["Train 100 more", false, 160]);
  course.stopped(stop(100));
  expect([course.startText, course.begin()]).toEqual(["Resume", 160]);
  course.stopped(stop(160, "epochs"));
  expect([course.startText, course.begin()]).toEqual(["Train 100 more", 260]);
  expect(course.report(stop(160, "epochs"))).toBe("Finished after 160 epochs.");
});

test("a replay goes where the link does, through early stops and ends, and on from there", () => {
  const promised = { epoch: 250, fingerprint: print.slice(0, 16) };
  const course = new Course(100, promised);
  expect(course.begin()).toBe(250);
  course.stopped(stop(40, "earlyStopping"));
  expect([course.goesOn, course.begin()]).toEqual([true, 250]);
  course.stopped(stop(250));
  expect(course.report({ ...stop(250), restored: { epoch: 240, loss: 1 } })).toBe(
    "Paused after 250 epochs, back at the best, epoch 240. Replayed to the bit: the fingerprint is the link’s.",
  );
  expect([course.goesOn, course.startText, course.begin()]).toEqual([false, "Resume", 340]);
});
