import type { Runtime } from "../../ts/index.js";
import { Address } from "./address.js";
import { Digits } from "./digits/digits.js";
import { setUpHelp } from "./help.js";
import { setUpOffline } from "./offline.js";
import { pageElement } from "./page-element.js";
import { Playground } from "./playground/playground.js";
import { runtimeNote } from "./runtime-note.js";
import { setUpTabs } from "./tabs.js";
import { setUpTheme } from "./theme.js";

setUpTheme(pageElement("theme", HTMLButtonElement));
setUpHelp();
const address = new Address();

/** What computes each tab's network. */
const runtimes = new Map<string, Runtime>();
let tab = "";
const showRuntime = () => {
  const runtime = runtimes.get(tab);
  pageElement("runtime", HTMLElement).textContent =
    runtime === undefined ? "No network yet" : runtimeNote(runtime);
};
const computedBy = (ofTab: string) => (runtime: Runtime) => {
  runtimes.set(ofTab, runtime);
  showRuntime();
};

const chooseTab = setUpTabs(pageElement("tabs", HTMLElement), (id) => {
  tab = id.replace("tab-", "");
  address.set("tab", [["tab", tab]]);
  showRuntime();
});
chooseTab(`tab-${address.opened("tab")}`);
new Playground(address, computedBy("playground"));
new Digits(address, computedBy("digits"));
await setUpOffline((text) => {
  pageElement("offline", HTMLElement).textContent = text;
});
