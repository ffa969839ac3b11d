const STORED = "layerwise-theme";
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const listeners: (() => void)[] = [];

function isDark(): boolean {
  const chosen = document.documentElement.getAttribute("data-theme");
  return chosen === null ? systemDark.matches : chosen === "dark";
}

/** Light or dark as the system has it, until the button says otherwise; that is remembered. */
export function setUpTheme(button: HTMLButtonElement): void {
  const stored = localStorage.getItem(STORED);
  if (stored === "light" || stored === "dark") document.documentElement.setAttribute("data-theme", stored);
  const changed = () => {
    button.setAttribute("aria-pressed", String(isDark()));
    for (const listener of listeners) listener();
  };
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.setAttribute("data-theme", theme);
    localStorage.setItem(STORED, theme);
    changed();
  });
  systemDark.addEventListener("change", changed);
  changed();
}

/** For canvases, which don't follow the style sheet by themselves. */
export function onThemeChange(listener: () => void): void {
  listeners.push(listener);
}

/** The present value of a colour of style/theme.css, such as "--class-0": `rgb(…)`. */
export function themeColor(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

/** Its red, green and blue, 0 … 255. */
export function themeRgb(name: `--${string}`): readonly [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (themeColor(name).match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}
