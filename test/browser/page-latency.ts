import { expect, test } from "vitest";
import { boxOf, epoch, type Open } from "./page-driver.js";

export function latencyTests(open: Open): void {
  // What blocks does so each time; a machine that was taken away for a moment didn't block.
  test("the interface never blocks for 50 ms while training", { timeout: 60_000, retry: 2 }, async () => {
    const page = await open("#hiddenLayers=64,64&examples=1000&epochs=1000000");
    await page.locator("#pace").selectOption("Infinity");
    await page.getByRole("button", { name: "Start" }).click();
    await page.waitForFunction(() => Number(document.getElementById("epoch")?.textContent) > 1);
    await page.evaluate(() => {
      const delays: number[] = [];
      Object.assign(window, { delays });
      addEventListener("pointermove", (event) => delays.push(performance.now() - event.timeStamp));
    });
    const before = await epoch(page);
    const browser = page.context().browser();
    if (browser === null) throw new Error("page: expected a browser that traces, got none");
    await browser.startTracing(page, { categories: ["toplevel"] });
    const plane = await boxOf(page, "#points");
    for (let i = 0; i < 40; i++) {
      await page.mouse.move(plane.x + 5 * i, plane.y + 3 * i);
      await page.waitForTimeout(50);
    }
    const blocks = mainThreadTasks(await browser.stopTracing());
    const delays = await page.evaluate(() => (window as unknown as { delays: number[] }).delays);
    delays.sort((a, b) => a - b);
    const [median = Number.NaN, longest = Number.NaN] = [delays[delays.length >> 1], delays.at(-1)];
    const block = Math.max(...blocks);
    console.log(
      `While training: input waits ${median.toFixed(1)} ms (median; ${longest.toFixed(1)} at most), ` +
        `the main thread is busy for ${block.toFixed(1)} ms at most.`,
    );
    expect(await epoch(page)).toBeGreaterThan(before);
    expect(delays.length).toBeGreaterThan(20);
    expect(blocks.length).toBeGreaterThan(100);
    expect(block).toBeLessThan(50);
    expect(median).toBeLessThan(50);
  });
}

/**
 * How long the main thread was busy with each of its tasks, in milliseconds of its own processor time:
 * a machine that has other things to do as well doesn't count against the page.
 */
function mainThreadTasks(trace: Buffer): number[] {
  interface TraceEvent {
    readonly name: string;
    readonly pid: number;
    readonly tid: number;
    /** Microseconds of processor time. */
    readonly tdur?: number;
    readonly args: { readonly name?: string };
  }
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace.toString());
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
  const mains = traceEvents.filter(
    ({ name, args }) => name === "thread_name" && args.name === "CrRendererMain",
  );
  return traceEvents
    .filter(
      (event) =>
        event.name === "ThreadControllerImpl::RunTask" && mains.map(threadOf).includes(threadOf(event)),
    )
    .map(({ tdur = 0 }) => tdur / 1000);
}
