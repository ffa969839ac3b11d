/**
 * Tabs as the ARIA Authoring Practices have them: arrow keys, Home and End move between the tabs of
 * `list`; each shows the panel that its aria-controls names. Returns a function that chooses a tab by id.
 */
export function setUpTabs(list: HTMLElement, onChoose: (id: string) => void): (id: string) => void {
  const tabs = [...list.querySelectorAll<HTMLElement>("[role=tab]")];
  const choose = (chosen: HTMLElement) => {
    for (const tab of tabs) {
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      if (panel !== null) panel.hidden = tab !== chosen;
    }
    onChoose(chosen.id);
  };
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: -1 }[event.key];
      const next = to === undefined ? undefined : tabs.at(to % tabs.length);
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
      choose(next);
    });
  });
  return (id) => {
    const tab = tabs.find((each) => each.id === id) ?? tabs[0];
    if (tab !== undefined) choose(tab);
  };
}
